"""What overrides do not touch is shared, and sharing changes no number."""

from __future__ import annotations

from datetime import date

import pytest

from costbasis.catalog import Catalog
from costbasis.catalog.load import load_catalog
from costbasis.catalog.memory import Memory
from costbasis.catalog.overrides import Override
from costbasis.errors import BadOverride, UnknownName
from costbasis.sampling import Sampling
from costbasis.usage.typical import typical_use
from costbasis.valuation import Valuation, valuate

DAY = date(2026, 3, 30)
MODEL, PLAN = "claude-opus-4-6", "anthropic/max_20x"
FEW = Sampling(seed=1, draws=400)

SETTINGS = (
    (),
    ("fleet/default.load_factor_frac=0.4",),
    ("rate/any.usd_per_accel_hour=2.5",),
    ("rate/h200-sxm.usd_per_accel_hour=2..4",),
    ("hypothesis/opus-4.5-4.7.active_params_b=60",),
    ("hypothesis/opus-4.5-4.7.active_params_b=60", "fleet/default.load_factor_frac=0.4"),
    ("hypothesis/haiku-4.5.active_params_b=20",),
    ("margin/anthropic.gross_margin_frac=0.6",),
    ("margin/open-host.gross_margin_frac=0.2..0.3..0.4",),
    ("opportunity/default.lambda_frac=0.5",),
    (f"plan/{PLAN}.price_per_month=100",),
    ("population/anthropic-max_20x.ceiling_usd=5000",),
    ("accelerator/h200-sxm.hbm_bandwidth_gb_s=4000",),
    ("comparable/kernel.age_days=100",),
    ("owner/default.pue=1.5",),
)
"""One for every way in which an override reaches a ladder: a fact, a row, a fit, a machine, a search, a basis."""


@pytest.fixture(scope="module")
def family() -> Catalog:
    return load_catalog(sampling=FEW)


def _valued(catalog: Catalog) -> Valuation:
    use = typical_use(MODEL, 5_000.0, DAY, catalog)
    return valuate(use, catalog, first=DAY, last=DAY, plan=catalog.plan(PLAN, DAY))


def _numbers(valued: Valuation) -> list[object]:
    rungs = [(rung.anchor, rung.usd.estimate, rung.cost_over_list.estimate) for rung in valued.ladder]
    stakes = [(stake.party.name, stake.answer, stake.net_usd and stake.net_usd.estimate) for stake in valued.stakes]
    return [*rungs, *stakes, valued.average_margin and valued.average_margin.estimate]


@pytest.mark.slow
def test_a_family_of_catalogues_says_what_each_says_alone(family: Catalog) -> None:
    settable = [settings for settings in SETTINGS if _is_known(settings, family)]
    assert len(settable) >= 14
    shared = [_numbers(_valued(family.under(settings))) for settings in settable]
    for settings, found in zip(settable, shared, strict=True):
        alone = load_catalog(sampling=FEW, overrides=settings)
        assert found == _numbers(_valued(alone)), settings
    assert len({str(found) for found in shared}) >= 12, "nearly every setting moves something"


def _is_known(settings: tuple[str, ...], family: Catalog) -> bool:
    try:
        family.under(settings)
    except UnknownName:
        return False
    return True


def test_going_back_gives_the_same_objects_not_only_the_same_numbers(family: Catalog) -> None:
    key = "fleet/default.load_factor_frac"
    first = family.under([f"{key}=0.4"]).quantity(key)
    family.under([f"{key}=0.6"]).quantity(key)
    assert family.under([f"{key}=0.4"]).quantity(key) is first


def test_what_failed_is_tried_again_and_its_reads_count() -> None:
    memory = Memory()

    over = {"a/b.c": Override("a/b.c", 1.0, 1.0, 1.0)}

    def asked(overrides: dict[str, Override]) -> int:
        def inner() -> int:
            memory.note("a/b.c")
            if not overrides:
                raise ValueError
            return 7

        def outer() -> int:
            try:
                return memory.get("inner", overrides, inner)
            except ValueError:
                return 0

        return memory.get("outer", overrides, outer)

    assert [asked({}), asked(over), asked({})] == [0, 7, 0]


def test_the_hire_of_one_machine_or_of_any_can_be_set(family: Catalog) -> None:
    one = family.under(["rate/h200-sxm.usd_per_accel_hour=2..3"])
    assert one.hire("h200-sxm", DAY).estimate.p10 * 3600 == pytest.approx(2, rel=1e-2)
    assert one.hire("gb200", DAY).estimate == family.hire("gb200", DAY).estimate
    every = family.under(["rate/any.usd_per_accel_hour=2.5"])
    assert {every.hire(name, DAY).estimate.p50 * 3600 for name in ("h200-sxm", "gb200")} == {2.5}


@pytest.mark.parametrize("text", ["rate/any.usd_per_accel_hour=0", "rate/any.usd_per_accel_hour=-1..2"])
def test_an_hour_that_costs_nothing_is_refused(text: str, family: Catalog) -> None:
    with pytest.raises(BadOverride, match=r"rate/any\.usd_per_accel_hour must be above zero"):
        family.under([text]).hire("h200-sxm", DAY)


def test_an_unknown_machine_has_no_hire_to_set(family: Catalog) -> None:
    with pytest.raises(UnknownName, match=r"rate/h20-sxm\.usd_per_accel_hour"):
        family.under(["rate/h20-sxm.usd_per_accel_hour=3"])
