"""What a user sets: by --set and by scenario, for facts and for cells of tables, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from costbasis.catalog import load_catalog
from costbasis.errors import BadCatalogue, BadOverride, UnknownName, UnreadableInput

MARCH = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", '--set: "nonsense" sets nothing\nhint: write --set fleet/default.slo_headroom_frac=0.7..0.9'),
        (
            "fleet/default.slo_headroom_frac=a..b",
            '--set: "a..b" is not a value for fleet/default.slo_headroom_frac\n'
            "hint: write one number, low..high, or low..mid..high",
        ),
        (
            "fleet/default.slo_headroom_frac=0.9..0.7",
            '--set: "0.9..0.7" is not a value for fleet/default.slo_headroom_frac\n'
            "hint: write one number, low..high, or low..mid..high",
        ),
        (
            "fleet/default.kv_load_gb_per_s=inf",
            '--set: "inf" is not a value for fleet/default.kv_load_gb_per_s\n'
            "hint: write one number, low..high, or low..mid..high",
        ),
        (
            "retail/claude-opus-4-6.standard.input_usd_per_mtok=5..7",
            "--set: retail/claude-opus-4-6.standard.input_usd_per_mtok takes one number, not 5..7\n"
            "hint: --set retail/claude-opus-4-6.standard.input_usd_per_mtok=NUMBER",
        ),
        (
            "plan/anthropic/max_20x.price_per_month=-3",
            "--set: plan/anthropic/max_20x.price_per_month must not be negative, and -3 was given",
        ),
        (
            "accelerator/h200-sxm.hbm_bandwidth_gb_s=0",
            "--set: accelerator/h200-sxm.hbm_bandwidth_gb_s must be above zero, and 0 was given",
        ),
        (
            "hypothesis/opus-4.5-4.7.p_4bit=3",
            "--set: hypothesis/opus-4.5-4.7.p_4bit is a share and must lie in 0..1, not 3",
        ),
    ],
)
def test_an_override_that_cannot_be_read_shows_the_form_that_is_meant(text: str, message: str) -> None:
    with pytest.raises(BadOverride) as error:
        load_catalog(overrides=[text])
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fleet/default.slo_headroom_frac=-1", "fleet/default.slo_headroom_frac: a share must lie in 0..1, not -1..-1"),
        ("fleet/default.tpot_ms_per_tok=0", "fleet/default.tpot_ms_per_tok: a positive number cannot reach down to 0"),
        (
            "hypothesis/opus-4.5-4.7.active_params_b=9000",
            "hypothesis/opus-4.5-4.7: 9000.0 B active parameters are more than the 1700 B in all",
        ),
        (
            "hypothesis/opus-4.5-4.7.p_4bit=1",
            "hypothesis/opus-4.5-4.7: the chances of 4-, 8- and 16-bit weights add to 1.8, not 1",
        ),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_its_key(text: str, message: str) -> None:
    with pytest.raises(BadCatalogue) as error:
        load_catalog(overrides=[text]).hypothesis("claude-opus-4-6")
    assert str(error.value).splitlines()[0] == message


def test_scarcity_can_be_set_to_zero_and_to_a_range() -> None:
    key = "opportunity/default.lambda_frac"
    assert load_catalog(overrides=[f"{key}=0"]).quantity(key).estimate.p50 == 0
    assert load_catalog(overrides=[f"{key}=0.2..0.6"]).quantity(key).estimate.p50 == pytest.approx(0.4, abs=0.01)


def test_an_override_of_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as error:
        load_catalog(overrides=["fleet/default.slo_headroom=0.7"])
    assert error.value.nearest[0].startswith("fleet/default.slo_headroom_frac")


def test_an_override_moves_the_value_the_hash_and_the_source() -> None:
    plain, laid = load_catalog(), load_catalog(overrides=["fleet/default.slo_headroom_frac=0.6..0.7"])
    assert laid.quantity("fleet/default.slo_headroom_frac").estimate.p50 == pytest.approx(0.65, abs=0.01)
    assert plain.sha256 != laid.sha256
    assert laid.fact("fleet/default.slo_headroom_frac").source.citation == "set by the user"


def test_a_share_set_outside_its_range_is_refused_with_its_key() -> None:
    with pytest.raises(BadCatalogue) as error:
        load_catalog(overrides=["fleet/default.slo_headroom_frac=0.5..1.5"]).quantity("fleet/default.slo_headroom_frac")
    assert str(error.value).startswith("fleet/default.slo_headroom_frac: a share must lie in 0..1, not 0.5..1.5")


def test_a_cell_of_a_table_can_be_set() -> None:
    catalog = load_catalog(
        overrides=["retail/claude-opus-4-6.standard.input_usd_per_mtok=6", "plan/anthropic/max_20x.price_per_month=100"]
    )
    assert catalog.retail_on("claude-opus-4-6", MARCH).input == 6_000_000
    assert catalog.retail_on("claude-opus-4-6", MARCH).source.status == "override"
    assert catalog.plan("max_20x", MARCH).price.estimate.p50 == 100.0


def test_a_hypothesis_can_be_set() -> None:
    catalog = load_catalog(overrides=["hypothesis/opus-4.5-4.7.active_params_b=90..100..110"])
    hypothesis = catalog.hypothesis("claude-opus-4-6")
    assert hypothesis is not None
    assert hypothesis.active_param_count.estimate.p50 == pytest.approx(100e9, rel=0.01)


def test_a_scenario_file_is_overrides_by_key(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('"fleet/default.slo_headroom_frac" = "0.6..0.7"\n["opportunity"]\n"x" = 1\n')
    with pytest.raises(UnknownName):
        load_catalog(scenario=path)
    path.write_text('"fleet/default.slo_headroom_frac" = [0.6, 0.65, 0.7]\n')
    assert load_catalog(scenario=path).fact("fleet/default.slo_headroom_frac").low == 0.6
    path.write_text("not toml at all =\n")
    with pytest.raises(BadOverride, match="not valid TOML"):
        load_catalog(scenario=path)
    with pytest.raises(UnreadableInput):
        load_catalog(scenario=tmp_path / "nowhere.toml")
