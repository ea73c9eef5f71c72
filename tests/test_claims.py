"""Claims: those that ship, judged; nothing is copied from the claim to the answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from costbasis.catalog import Catalog, load_catalog
from costbasis.claims.claimfile import find_claim
from costbasis.claims.judge import Verdict, judge
from costbasis.claims.verdicts import TABLE, Evidence, verdict
from costbasis.errors import BadClaim, UnknownName, UnreadableInput
from costbasis.provenance import explain
from costbasis.quantity import Source, given
from costbasis.reports import claimflips
from costbasis.sampling import Sampling, Spread

BANK = Path(__file__).parent / "fixtures" / "claims" / "bank.yaml"
SHIPPED = tuple(sorted(path.stem for path in load_catalog().claim_paths()))


@cache
def judged(name: str, *overrides: str) -> Verdict:
    catalog = load_catalog(overrides=overrides) if overrides else shipped_catalog()
    return judge(find_claim(name, catalog), catalog)


@cache
def shipped_catalog() -> Catalog:
    """One for all claims, as ``validate claims`` judges them: what one worked out the next does not again."""
    return load_catalog()


def bank() -> dict[str, Any]:
    """Worked claims with accepted verdicts and ranges, collected from public sources."""
    return {claim["id"]: claim["expected"] for claim in yaml.safe_load(BANK.read_text())["claims"]}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_claim_is_judged(name: str) -> None:
    result = judged(name)
    assert result.word in {word for word, _ in TABLE}
    assert result.confidence in ("high", "medium", "low")
    assert result.valued is None or result.evidence.by_basis


@pytest.mark.parametrize("name", sorted(set(bank()) & set(SHIPPED)))
def test_the_verdict_is_one_that_careful_readers_accept(name: str) -> None:
    expected, result = bank()[name], judged(name)
    assert result.word in expected["accepted_verdicts"]
    low, high = expected["range"]
    assert result.central is not None
    central = result.central.estimate
    assert low <= central.p50 <= high
    assert central.p10 <= high
    assert central.p90 >= low
    # one working is consistent in itself and impossible: no machine is that fast
    if result.steps and not result.asked.guards:
        assert result.evidence.arithmetic == expected["arithmetic"]


def test_forbes_is_right_at_list_true_for_the_reseller_and_false_for_the_owner() -> None:
    result = judged("forbes-5000")
    assert result.word == "right_number_wrong_basis"
    assert "list" in result.evidence.matches_basis
    assert "serving" not in result.evidence.matches_basis
    truth = {row.party: row.is_true for row in result.for_whom}
    assert truth == {"subscriber": None, "API buyer": True, "reseller": True, "model owner": False}
    assert 400 <= result.central.estimate.p50 <= 2000
    assert set(result.asked.without) == {"disclosed", "margin", "market", "measured", "roofline"}
    assert result.confidence == "medium"


def test_alderson_has_the_direction_right_and_the_level_low() -> None:
    result = judged("alderson-500")
    assert result.claim.stated.value < result.central.estimate.p50
    assert result.evidence.arithmetic == "reproduces"
    assert "serving" in result.evidence.matches_basis


def test_the_rungs_of_the_debate_are_recomputed() -> None:
    """economics of the debate: $598 for Kimi K2.5 at the quoted prices, $2,664 for Qwen without a cached price."""
    rungs = {rung.anchor: rung for rung in judged("forbes-5000").ladder}
    kimi = rungs["Kimi K2.5 at the prices that the reply quotes, measured mix"]
    qwen = rungs["Qwen3.5 397B at the prices that the reply quotes, no cached price"]
    assert kimi.usd.estimate.p50 == pytest.approx(598, abs=1)
    assert qwen.usd.estimate.p50 == pytest.approx(2664, abs=5)
    assert kimi.from_claim
    assert kimi.cost_over_list.estimate.p50 == pytest.approx(0.1195, abs=0.0005)
    books = rungs["by operator's books"]
    assert books.usd.estimate.p50 == pytest.approx(775, rel=0.01)
    market = rungs["hosts that price cached input"]
    assert market.cost_over_list.estimate.p50 == pytest.approx(0.19, abs=0.02)


@pytest.mark.slow
def test_a_changed_price_moves_the_list_value_and_the_verdict() -> None:
    dearer = [
        f"retail/claude-opus-4-6.standard.{price}_usd_per_mtok={value}"
        for price, value in (("input", 15), ("output", 75), ("cache_read", 1.5), ("cache_write_5m", 18.75))
    ]
    plain, moved = judged("forbes-5000"), judged("forbes-5000", *dearer)
    assert plain.asked.by_basis["list"].estimate.p50 == pytest.approx(5000)
    assert moved.asked.by_basis["list"].estimate.p50 == pytest.approx(15_000)
    assert "list" not in moved.evidence.matches_basis
    assert moved.word != "right_number_wrong_basis"


@pytest.mark.slow
def test_a_set_fact_moves_the_central_and_may_flip_the_verdict() -> None:
    plain = judged("forbes-5000").central.estimate.p50
    idle = judged(
        "forbes-5000", "fleet/default.load_factor_frac=0.02..0.03..0.04", "disclosure/transfer.factor=5..6..7"
    )
    assert idle.central.estimate.p50 > 2 * plain
    sold_out = judged("forbes-5000", "opportunity/default.lambda_frac=1")
    assert "opportunity" in sold_out.evidence.matches_basis


def test_every_leaf_of_the_central_has_source_date_and_trust() -> None:
    leaves: list[dict[str, Any]] = []

    def visit(node: dict[str, Any]) -> None:
        for child in node.get("inputs", {}).values():
            visit(child)
        if "source" in node:
            leaves.append(node)

    visit(explain(judged("forbes-5000").central))
    assert len(leaves) > 40
    for leaf in leaves:
        assert leaf["source"], leaf["name"]
        assert leaf["trust"], leaf["name"]
        assert leaf["date"], leaf["name"]


SAMPLING = Sampling(draws=2000)
PAGE = Source("a test", trust="B", as_of="2026-03-01")


def evidence(stated: float, spread: tuple[float, float, float], **how: Any) -> Evidence:
    def usd(low: float, mid: float, high: float, key: str) -> Any:
        return given("serving_usd", Spread("positive", low, mid, high), PAGE, SAMPLING, key=key)

    serving = usd(*spread, "serving")
    whole = {
        "arithmetic": "reproduces", "stated": stated, "least": stated, "most": stated, "low": stated, "high": stated,
        "relation": "about",
        "needed": serving, "by_basis": {"serving": serving, "list": usd(4999, 5000, 5001, "list")},
        "basis_needed": "serving", "scopes": {}, "guards": [], "rests_on_e": "", "other_scope": "",
        "is_independent": True,
    }  # fmt: skip
    return Evidence(**(whole | how))


def a_quantity(value: float) -> Any:
    return given("serving_usd", Spread("positive", 0.99 * value, value, 1.01 * value), PAGE, SAMPLING, key="part")


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (evidence(1000, (500, 1000, 2000), arithmetic="internally_inconsistent"), "internally_inconsistent"),
        (evidence(1000, (500, 1000, 2000), rests_on_e="daily activity"), "unverifiable"),
        (evidence(1000, (500, 1000, 2000), needed=None), "unverifiable"),
        (evidence(1000, (500, 1000, 2000), guards=["above the ceiling"]), "refuted"),
        (evidence(90_000, (500, 1000, 2000)), "refuted"),
        (evidence(1000, (500, 1000, 2000)), "supported"),
        (evidence(1000, (500, 1000, 2000), is_independent=False), "mostly_supported"),
        (evidence(1000, (500, 1000, 2000), other_scope="other people"), "right_number_wrong_scope"),
        (evidence(1900, (500, 1000, 2000)), "mostly_supported"),
        (evidence(2100, (500, 1000, 2000), low=1900, high=2300), "overstated"),
        (evidence(1100, (990, 1000, 1010), low=950, high=1250), "mostly_supported"),
        (evidence(2500, (500, 1000, 2000), least=1900, most=3000), "mostly_supported"),
        (evidence(2001, (500, 1000, 2000)), "mostly_supported"),
        (evidence(5000, (500, 1000, 2000)), "right_number_wrong_basis"),
        (evidence(3000, (500, 1000, 2000), scopes={"a part": a_quantity(3000)}), "right_number_wrong_scope"),
        (evidence(100, (50_000, 60_000, 70_000), scopes={"a part": a_quantity(100)}), "right_number_wrong_scope"),
        (evidence(3000, (500, 1000, 2000)), "overstated"),
        (evidence(120, (500, 1000, 2000)), "understated"),
        (evidence(400, (500, 1000, 2000), relation="at_least"), "supported"),
        (evidence(900, (500, 1000, 2000), relation="at_least"), "mostly_supported"),
        (evidence(400, (500, 1000, 2000), relation="at_most", by_basis={}), "refuted"),
    ],
)
def test_the_table_of_words_is_read_from_the_top(found: Evidence, word: str) -> None:
    assert verdict(found) == word


def test_a_figure_just_outside_the_interval_says_so() -> None:
    near = evidence(2100, (500, 1000, 2000), low=1900, high=2300)
    assert near.needed is not None
    assert near.borders(near.needed)
    for other in (evidence(2400, (500, 1000, 2000)), evidence(1990, (500, 1000, 2000), low=1900, high=2300)):
        assert other.needed is not None
        assert not other.borders(other.needed)
    forbes = judged("forbes-5000")
    assert forbes.central is not None
    said = [line for line in claimflips.flips(forbes) if line.startswith("a little: the 80 % interval ends at $")]
    assert bool(said) == forbes.evidence.borders(forbes.central)


def test_what_moves_a_verdict_is_said_in_words_and_not_by_its_key() -> None:
    for name in ("forbes-5000", "plan-costs-openai-14000"):
        labels = [driver.label for driver in judged(name).drivers]
        assert labels
        assert not [label for label in labels if "/" in label]


def test_an_unknown_claim_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as error:
        find_claim("forbes-500", load_catalog())
    assert str(error.value) == (
        'unknown claim "forbes-500"; did you mean "forbes-5000"?\n'
        "hint: costbasis claims lists them; or give the path of a claim file"
    )


def test_a_claim_file_that_cannot_be_judged_says_where(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    with pytest.raises(UnreadableInput):
        find_claim(str(path), load_catalog())
    path.write_text("schema = ")
    with pytest.raises(BadClaim, match="not valid TOML: Invalid value"):
        find_claim(str(path), load_catalog())
    path.write_text('schema = "costbasis.claim/1"\nid = "x"\n')
    with pytest.raises(BadClaim) as error:
        find_claim(str(path), load_catalog())
    assert error.value.where == str(path)
    assert "missing required field `title`" in error.value.what
