"""Laws of judging: nothing hangs on a claim's name, and the verdict moves with the numbers, not with the words."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.catalog import load_catalog
from costbasis.claims.claimfile import Filed, find_claim
from costbasis.claims.judge import Verdict, judge
from costbasis.reports import claimtext

CATALOG = load_catalog()
SHIPPED = sorted(path.stem for path in CATALOG.claim_paths())
ORDER = {"low": 0, "medium": 1, "high": 2}


def filed(name: str) -> Filed:
    return find_claim(name, CATALOG)


def changed(name: str, **parts: object) -> Filed:
    found = filed(name)
    return Filed(msgspec.structs.replace(found.claim, **parts), found.place)


def restated(name: str, **fields: object) -> Filed:
    found = filed(name)
    return changed(name, stated=msgspec.structs.replace(found.claim.stated, **fields))


def judged(found: Filed) -> Verdict:
    return judge(found, CATALOG)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_claim_renamed_and_reworded_is_judged_the_same(name: str) -> None:
    """No id, title or word of a claim is known to the code."""
    found = filed(name)
    claim = found.claim
    said = msgspec.structs.replace(claim.said, who="X", where="Y", words="Z")
    stated = msgspec.structs.replace(claim.stated, quantity="q", population="p", reading="")
    renamed = Filed(msgspec.structs.replace(claim, id="z", title="t", said=said, stated=stated, notes=[]), found.place)
    before, after = judged(found), judged(renamed)
    assert after.word == before.word
    assert after.confidence == before.confidence
    if before.central is not None and after.central is not None:
        assert after.central.estimate == before.central.estimate


def test_no_code_speaks_of_a_claim() -> None:
    package = __import__("costbasis").__path__[0]
    from pathlib import Path

    for path in Path(package).rglob("*.py"):
        text = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for name in SHIPPED:
            assert f'"{name}"' not in text or path.name == "pages.py", f"{path.name} names {name}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["alderson-500", "breakeven-utilisation", "copilot-20-loss", "ccmeter-20x"])
def test_ten_times_more_is_overstated_or_worse_and_ten_times_less_understated(name: str) -> None:
    stated = filed(name).claim.stated

    def times(factor: float) -> Filed:
        bounds = {end: value * factor for end in ("low", "high") if (value := getattr(stated, end)) is not None}
        return restated(name, value=stated.value * factor, **bounds)

    good = {"supported", "mostly_supported"}
    assert judged(filed(name)).word in good
    high, low = judged(times(10)), judged(times(1 / 10))
    assert high.word not in good
    assert low.word not in good
    assert "understated" not in (high.word, *high.also)
    assert "overstated" not in (low.word, *low.also)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.sampled_from(["alderson-500", "forbes-5000", "cursor-neg23"]), st.sampled_from(["list", "market", "loaded"]))
def test_the_basis_word_changes_only_the_basis_axis(name: str, basis: str) -> None:
    before, after = judged(filed(name)), judged(restated(name, basis_claimed=basis))
    old, new = claimtext.axes(before), claimtext.axes(after)
    assert {axis for axis in old if old[axis] != new[axis]} <= {"basis"}
    assert after.word == before.word


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_taking_inputs_away_never_raises_confidence(name: str) -> None:
    found = filed(name)
    before = ORDER[judged(found).confidence]
    if judged(found).word == "internally_inconsistent":
        return  # its own steps are the evidence: without them it is another claim
    for part in ("step", "comparable", "ratio", "source"):
        used = {reading.by for reading in found.claim.reading} | (
            {found.claim.usage.tok_by, found.claim.usage.list_usd_by} if found.claim.usage else set()
        )
        gives = {step.gives for step in found.claim.step}
        if part == "step" and any(name in by for name in gives for by in used if by):
            continue
        assert ORDER[judged(changed(name, **{part: []})).confidence] <= before, part


def test_a_rumour_never_outweighs_an_audited_figure() -> None:
    """A pool of an audited and an anonymous source has its median at the audited one."""
    found = filed("openai-margin-contradiction")
    inputs = dict(found.claim.inputs)
    inputs["rumour"] = msgspec.structs.replace(
        inputs["paid_compute"], key="", value=0.9, unit="share", trust="E", source="a rumour"
    )
    inputs["audited"] = msgspec.structs.replace(
        inputs["paid_compute"], key="", value=0.426, unit="share", trust="A", source="accounts"
    )
    reading = [msgspec.structs.replace(found.claim.reading[0], by="one_of(audited, rumour)"), *found.claim.reading[1:]]
    result = judged(changed("openai-margin-contradiction", inputs=inputs, reading=reading))
    assert result.central is not None
    assert result.central.estimate.p50 == pytest.approx(0.426)
    assert set(result.central.draws) == {0.426, 0.9}  # shown side by side, not averaged


def test_a_claim_on_a_rumour_alone_is_unverifiable() -> None:
    found = filed("cursor-neg23")
    inputs = {"gross_margin": msgspec.structs.replace(found.claim.inputs["gross_margin"], trust="E")}
    assert judged(changed("cursor-neg23", inputs=inputs)).word == "unverifiable"


def test_the_nearest_scenario_makes_the_figure_right() -> None:
    result = judged(filed("sora-15m"))
    assert result.scenario is not None
    product = 4.5e6
    for _, value, _ in result.scenario.values:
        product *= value
    assert product == pytest.approx(15e6, rel=0.05)
    assert 0 < result.scenario.beyond_frac < 0.1


def test_what_one_driver_must_be_is_where_the_median_is_the_stated_figure() -> None:
    central = judged(filed("alderson-500")).central
    assert central is not None
    result = judged(restated("alderson-500", value=round(0.95 * central.estimate.p50)))
    reached = [row for row in result.must_be_true if row.value is not None]
    assert reached
    for row in reached:
        assert row.intervals is not None
        assert row.outside80 == (row.intervals > 1)


def test_an_over_count_is_named() -> None:
    said = claimtext.cautions(judged(filed("dui-58081")))
    assert any(line.startswith("it is 14.2 times the author's own count after de-duplication") for line in said)
    assert any("times the measured ceiling of Claude Max 20x" in line for line in said)


def test_a_price_three_times_too_high_is_named() -> None:
    said = claimtext.cautions(judged(restated("forbes-5000", value=15_000)))
    assert "it is 3 times our list value: the price of the generation before was three times as high" in said


def test_an_impossible_speed_is_refused_with_both_limits() -> None:
    guards = judged(filed("alderson-2025-input-free")).asked.guards
    assert guards == [
        "h100-sxm: needs 107 PFLOP/s; the peak of 8 accelerators is 15.8 PFLOP/s",
        "h100-sxm: needs 671 GB; the memory of 8 accelerators is 640 GB",
    ]
