"""Owning against renting, the fleet's idle hours, and one operator's published day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.catalog import load_catalog
from costbasis.catalog.hardware.owning import NotSold, Owned, owned
from costbasis.catalog.workloads import KNOWN, load_factor, read_workload, workload_of
from costbasis.errors import BadArgument, UnknownName
from costbasis.formulas import fleet, machine

CATALOG = load_catalog()
HOUR = 3600.0


def owning(name: str, *overrides: str) -> Owned:
    found = owned(name, load_catalog(overrides=overrides) if overrides else CATALOG)
    assert isinstance(found, Owned)
    return found


@pytest.mark.parametrize(
    ("accelerator", "hyperscaler", "neocloud"),
    [("h100-sxm", 1.17, 1.69), ("h200-sxm", 1.22, 1.74), ("b200-sxm", 1.73, 2.34), ("gb200", 1.86, 2.75)],
)
def test_owning_from_parts_meets_what_an_analyst_publishes_for_owners(
    accelerator: str, hyperscaler: float, neocloud: float
) -> None:
    """SemiAnalysis, AI Cloud TCO: hyperscaler 2026-09, neocloud 2026-04. No number of theirs is an input here."""
    estimate = owning(accelerator).usd_per_accel_s.estimate
    assert hyperscaler * 0.85 <= estimate.p10 * HOUR <= estimate.p90 * HOUR <= neocloud * 1.35
    assert hyperscaler <= estimate.p50 * HOUR <= neocloud * 1.1


def test_the_parts_of_owning_are_the_whole() -> None:
    found = owning("h100-sxm")
    whole = sum(part.draws for part in found.parts.values())
    assert np.allclose(whole, found.usd_per_accel_s.draws)


def test_work_on_a_machine_that_is_held_anyway_adds_a_tenth_or_less_of_owning_it() -> None:
    found = owning("h100-sxm")
    assert 0 < found.marginal_usd_per_accel_s.estimate.p50 < 0.1 * found.usd_per_accel_s.estimate.p50


@pytest.mark.parametrize("accelerator", ["tpu-v7", "gb300"])
def test_what_was_never_priced_is_not_owned_on_paper(accelerator: str) -> None:
    found = owned(accelerator, CATALOG)
    assert found == NotSold(f"no price of purchase of {accelerator} is published")


def test_dearer_money_power_and_shorter_life_make_owning_dearer() -> None:
    plain = owning("h100-sxm").usd_per_accel_s.estimate.p50
    for change in ("interest_frac=0.2", "power_usd_per_kwh=0.3", "life_year=3", "pue=2", "network_frac=0.5"):
        assert owning("h100-sxm", f"owner/default.{change}").usd_per_accel_s.estimate.p50 > plain, change


@given(rate=st.just(0.0) | st.floats(1e-9, 0.5), years=st.floats(0.5, 40))
def test_an_annuity_pays_capital_and_interest_back(rate: float, years: float) -> None:
    share = float(machine.annuity_frac(rate, years, 1.0))
    assert share >= 1 / years - 1e-12
    assert share >= rate
    worth = share * (years if rate == 0 else (1 - (1 + rate) ** -years) / rate)
    assert worth == pytest.approx(1.0, rel=1e-6)


@given(busy=st.floats(0.01, 1.0), salvage=st.floats(0.0, 1.0))
def test_salvage_of_idle_hours_lies_between_nothing_and_all(busy: float, salvage: float) -> None:
    usd = fleet.salvaged_usd_per_accel_s(1.0, busy, salvage)
    assert 1.0 <= usd <= fleet.busy_usd_per_accel_s(1.0, busy) + 1e-9
    assert fleet.salvaged_usd_per_accel_s(1.0, busy, 0.0) == pytest.approx(fleet.busy_usd_per_accel_s(1.0, busy))


def test_deepseeks_day_closes_to_the_dollar() -> None:
    """open-infra-index, day 6: 226.75 nodes, $87,072; 608 B in (342 B cached), 168 B out; 73.7k and 14.8k a node."""
    hire, day, node = 2 / HOUR, 24 * HOUR, 8.0
    assert fleet.fleet_usd_per_s(226.75 * node, hire) * day == pytest.approx(87_072, rel=1e-9)
    prefill, decode = 73_700 / node, 14_800 / node
    assert fleet.pool_usd_per_tok(hire, prefill, 266 / 608) * 1e6 == pytest.approx(0.138, rel=0.005)
    assert fleet.pool_usd_per_tok(hire, decode, 1.0) * 1e6 == pytest.approx(0.300, rel=0.005)
    nodes = (fleet.pool_accel(608e9 / day, prefill) + fleet.pool_accel(168e9 / day, decode)) / node
    assert nodes == pytest.approx(226.75, rel=0.005)
    spent = 608e9 * fleet.pool_usd_per_tok(hire, prefill, 1.0) + 168e9 * fleet.pool_usd_per_tok(hire, decode, 1.0)
    assert spent == pytest.approx(87_072, rel=0.005)


@pytest.mark.parametrize(("name", "low", "high"), [("coding_agent", 0.38, 0.5), ("chat", 0.45, 0.58)])
def test_the_load_factor_follows_from_the_hours(name: str, low: float, high: float) -> None:
    assert low < load_factor(workload_of(name, CATALOG), CATALOG).estimate.p50 < high


def test_a_workload_of_unknown_hours_keeps_the_catalogues_range() -> None:
    assert load_factor(workload_of("api", CATALOG), CATALOG).past is not None
    assert load_factor(workload_of("api", CATALOG), CATALOG).name == "load_factor_frac"


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_workload_can_be_served(name: str) -> None:
    found = workload_of(name, CATALOG)
    assert found.new_tok + found.cached_tok == pytest.approx(found.isl_tok)
    assert found.source.citation


def test_an_unknown_workload_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match='did you mean "coding_agent"'):
        workload_of("coding-agnt", CATALOG)


def test_a_workload_file_is_read_and_its_faults_are_named(tmp_path: Path) -> None:
    start, path = workload_of("chat", CATALOG), tmp_path / "mine.toml"
    path.write_text("isl_tok = 9000\ncached_frac = 0.5\nhourly_load = [" + ", ".join(["1"] * 12 + ["3"] * 12) + "]\n")
    found = read_workload(path, start)
    assert (found.name, found.isl_tok, found.cached_tok, found.osl_tok) == ("mine", 9000, 4500, start.osl_tok)
    assert load_factor(found, CATALOG).estimate.p50 == pytest.approx(2 / 3 / 1.17 / 1.05, rel=0.05)
    for text, fault in (
        ("isl = 3", 'unknown key "isl"; did you mean "isl_tok"'),
        ("isl_tok = 'many'", "isl_tok cannot be 'many'"),
        ("isl_tok = -4", "isl_tok must be above zero, and -4 was given"),
        ("cached_frac = 1", "1 is no share of cached input"),
        ("hourly_load = [1, 2]", "24 or 168 for hourly_load"),
        ("isl_tok =", "not valid TOML"),
    ):
        path.write_text(text)
        with pytest.raises((BadArgument, UnknownName), match=fault):
            read_workload(path, start)


def test_hire_and_ownership_stand_side_by_side() -> None:
    rent = CATALOG.hire("h100-sxm", date(2026, 11, 24)).estimate
    own = owning("h100-sxm").usd_per_accel_s.estimate
    assert rent.p10 < own.p50 < rent.p90
