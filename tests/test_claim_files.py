"""Claim files: what a writer gets wrong is said with the line, the reason and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.catalog import load_catalog
from costbasis.claims.claimfile import find_claim, parse_claim
from costbasis.claims.judge import Verdict, judge
from costbasis.claims.measure import measure
from costbasis.claims.scaffold import scaffold
from costbasis.claims.slips import known
from costbasis.errors import CostbasisError

CATALOG = load_catalog()

BASE = """\
schema = "costbasis.claim/1"
id = "c"
title = "A claim"

[said]
who = "somebody"
where = "a page"
when = 2026-03-09
words = "it is so"
trust = "D"

[stated]
quantity = "a month"
value = 150
unit = "usd/month"
period = "month"
population = "one user"
basis_claimed = "list"
basis_needed = "list"
party = "API buyer"

[question]
kind = "free_form"

[inputs.a_day]
value = 5
unit = "usd/day"

[inputs.days]
value = 30
unit = "day/month"

[[reading]]
name = "a day's use for a month"
by = "a_day * days"
unit = "usd/month"
basis = "list"
needed = true
"""


def judged(text: str) -> Verdict:
    return judge(parse_claim(text, "c.toml"), CATALOG)


def test_a_small_claim_is_judged() -> None:
    found = judged(BASE)
    assert found.word == "mostly_supported"  # nothing but its own inputs stands behind it
    assert found.central is not None
    assert found.central.estimate.p50 == 150


BAD = [
    ('value = 150', 'value = "150"', "c.toml:14: Expected `float`, got `str`"),
    ('trust = "D"', 'trust = "Z"', 'c.toml:10: unknown trust grade "Z"'),
    ('basis_needed = "list"', 'basis_needed = "lst"', 'c.toml:19: unknown basis "lst"; did you mean "list"?'),
    ('kind = "free_form"', 'kind = "free"', "c.toml:23: Invalid enum value 'free'"),
    ('unit = "usd/month"\nperiod', 'unit = "usd/moon"\nperiod', 'c.toml:15: unknown unit "moon"; did you mean '),
    ("value = 5\n", "value = 5\nlow = 9\nhigh = 10\n", 'c.toml:25: input "a_day": mid 5 lies outside 9..10'),
    ("value = 5\n", "", 'c.toml:25: input "a_day" has neither a value nor a key'),
    ("value = 5\n", 'key = "disclosure_line/oai25_revv.value"\n', 'unknown key "disclosure_line/oai25_revv.value"'),
    ('by = "a_day * days"', 'by = "a_day * dais"', 'c.toml:35: unknown name "dais"; did you mean "days"?'),
    ('by = "a_day * days"', 'by = "a_day *"', 'c.toml:35: "a_day *" is not an expression'),
    ('by = "a_day * days"', 'by = "a_day"', 'c.toml:35: "a_day" comes out in usd/day, not in usd/month'),
    ('by = "a_day * days"', 'by = "a_day + days"', 'comes out in usd/day, not in day/month'),
    ('by = "a_day * days"', 'by = "a_day / (days - days)"', 'c.toml:35: "days - days" is 0: the figure divides by'),
    ('by = "a_day * days"', 'by = "__import__(1)"', 'c.toml:35: unknown formula "__import__"'),
    ('by = "a_day * days"', 'by = "a_day ** days"', 'c.toml:35: "a_day ** days" holds something else than arithmetic'),
    ('by = "a_day * days"', 'by = "a_day.x"', 'c.toml:35: "a_day.x" holds something else than arithmetic'),
    ('kind = "free_form"', 'kind = "cost_of_usage"\nplan = "anthropic/max_30x"', 'unknown plan "anthropic/max_30x"'),
    ("needed = true", "needed = true\nneded = 1", "c.toml:33: Object contains unknown field `neded`"),
    ('title = "A claim"\n', "", "c.toml: Object missing required field `title`"),
    ('when = 2026-03-09', 'when = "soon"', "c.toml:8: Invalid"),
    ("value = 150", "value = 0", "c.toml:14: a stated figure of 0 cannot be compared"),
    ("value = 150", "value = inf", "c.toml:14: the stated figure is not a finite number"),
    ('id = "c"', "id = ", "c.toml:2: not valid TOML: Invalid value"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BAD, ids=lambda text: text[:40] if isinstance(text, str) else "")
def test_a_mistake_is_said_with_its_line(old: str, new: str, message: str) -> None:
    assert old in BASE
    with pytest.raises(CostbasisError) as error:
        judged(BASE.replace(old, new, 1))
    assert message in str(error.value)
    assert error.value.hint or "did you mean" in str(error.value) or "missing" in str(error.value)


@given(st.binary(max_size=400))
def test_no_bytes_make_a_traceback(data: bytes) -> None:
    try:
        judged(data.decode("utf-8", errors="replace"))
    except CostbasisError as error:
        assert error.what


@given(st.integers(0, len(BASE)), st.text(max_size=6))
def test_no_edit_makes_a_traceback(at: int, put: str) -> None:
    try:
        judged(BASE[:at] + put + BASE[at + 3 :])
    except CostbasisError as error:
        assert error.what


def test_a_cost_of_usage_claim_without_a_use_says_what_to_add() -> None:
    text = BASE.replace('kind = "free_form"', 'kind = "cost_of_usage"').replace("needed = true\n", "")
    with pytest.raises(CostbasisError) as error:
        judged(text)
    assert str(error.value) == (
        "c.toml:22: a cost_of_usage question needs a use\n"
        "hint: add [usage] with model and list_usd, list_usd_by or tok_by"
    )


def test_a_unit_that_the_question_cannot_answer_in_is_refused() -> None:
    text = BASE.replace('kind = "free_form"', 'kind = "growth"')
    with pytest.raises(CostbasisError) as error:
        judged(text)
    assert str(error.value).startswith(
        'c.toml:15: a growth figure cannot be in "usd/month"\nhint: state it in x or share'
    )


@pytest.mark.parametrize(
    ("text", "name", "scale"),
    [
        ("usd/month", "usd/month", 1.0),
        ("USD per month", "usd/month", 1.0),
        ("usd_b", "usd", 1e9),
        ("usd/mtok", "usd/tok", 1e-6),
        ("usd/accel-hour", "usd/accel/s", 1 / 3600),
        ("tokens/s", "tok/s", 1.0),
        ("percent", "", 0.01),
        ("x", "", 1.0),
    ],
)
def test_units_are_read_as_people_write_them(text: str, name: str, scale: float) -> None:
    found = measure(text, "")
    assert found.name == name
    assert found.scale == pytest.approx(scale)


def test_slips_of_unit_and_period_are_named() -> None:
    text = BASE.replace(
        "[[reading]]",
        '[[step]]\ngives = "said"\nby = "a_day * days"\nunit = "usd/month"\nstated = 5\n\n[[reading]]',
        1,
    )
    found = judged(text)
    assert found.word == "internally_inconsistent"
    assert found.steps[0].slip == "a factor of 30 lies between them, about days in a month"
    assert len(known()) > 10


SENTENCES = [
    ("a $200 plan burns $5,000 of compute", 5000, "usd/month", "cost_of_usage", "serving"),
    ("the company runs a 70 % gross margin", 0.7, "share", "company_margin", "gaap"),
    ("list is ten times cheaper at hosts of open-weight models", 10, "x", "unit_price_ratio", "market"),
    ("plans break even above 10 % utilisation", 0.1, "share", "break_even", "list"),
    ("revenue grew 5x since last year", 5, "x", "growth", "gaap"),
    ("1.4 M tokens a second on eight H100", 1.4e6, "tok/s", "throughput", "list"),
    ("a heavy user gets $25 for every dollar paid", 25, "x", "subsidy_ratio", "list"),
    ("training took 100 GWh", 1e8, "kwh", "free_form", "list"),
]


@pytest.mark.parametrize(("sentence", "value", "unit", "kind", "basis"), SENTENCES)
def test_a_scaffold_guesses_the_question_and_can_be_judged_at_once(
    sentence: str, value: float, unit: str, kind: str, basis: str
) -> None:
    day = CATALOG.newest_observation
    text = scaffold(sentence, value, unit, who="", when=day, model="claude-opus-4-6", plan="")
    found = parse_claim(text, "new.toml").claim
    assert (found.question.kind, found.stated.basis_needed) == (kind, basis)
    assert judged(text).word


@given(st.text(min_size=1, max_size=80))
def test_any_sentence_makes_a_valid_file(sentence: str) -> None:
    text = scaffold(sentence, 3.5, "usd", who=sentence, when=CATALOG.newest_observation, model="m", plan="")
    assert parse_claim(text, "new.toml").claim.stated.value == 3.5


def test_a_folder_is_no_claim(tmp_path: Path) -> None:
    with pytest.raises(CostbasisError) as error:
        find_claim(str(tmp_path), CATALOG)
    assert "cannot be read" in str(error.value)
