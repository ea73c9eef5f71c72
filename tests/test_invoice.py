"""Bills and contracts against list: what is realised, between which bounds, and what cannot be said."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.errors import UnreadableInput
from costbasis.usage.bills.bill import CREDIT, USAGE, BillLine, read_bill
from costbasis.usage.bills.contract import Contract, Tier, read_contract, under_contract
from costbasis.usage.bills.invoice import MATCHED, compare
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue

from .command import Run
from .logs import line, raw, write_log

USD = 10**12
OPUS, HAIKU = "claude-opus-4-6", "claude-haiku-4-5"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Opus on the first, second and third of April, $12.50, $12.50 and $25 of list; Haiku on the second, $1."""
    root = tmp_path_factory.mktemp("logs")
    said = [
        line(f"msg_{day}", time=f"2026-04-0{day}T12:00:00.000Z", usage={**ONE_USD, "output_tokens": tok})
        for day, tok in ((1, 500_000), (2, 500_000), (3, 1_000_000))
    ]
    haiku = {"model": "claude-haiku-4-5"}
    said.append(
        line("msg_h", time="2026-04-02T12:00:00.000Z", message=haiku, usage={**ONE_USD, "output_tokens": 200_000})
    )
    write_log(root, raw(*said))
    return root


ONE_USD = {"input_tokens": 0, "cache_read_input_tokens": 0}


def bill(tmp_path: Path, text: str, name: str = "bill.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def invoice(home: Path, logs: Path, path: Path, *words: str) -> Any:
    return Run(home, "usage", str(logs), "--invoice", str(path), *words, "--json").json["invoice"]


def test_a_bill_by_model_gives_the_realised_share_with_its_rounding(home: Path, logs: Path, tmp_path: Path) -> None:
    path = bill(
        tmp_path, f"from,to,model,amount\n2026-04-01,2026-04-03,{OPUS},42.50\n2026-04-02,2026-04-02,gift-1,0.85\n"
    )
    found = invoice(home, logs, path)
    rows = {row["model"]: row for row in found["rows"]}
    assert (rows[OPUS]["billed_usd"], rows[OPUS]["list_usd"], rows[OPUS]["difference_usd"]) == (
        "42.50",
        "50.00",
        "-7.50",
    )
    assert rows[OPUS]["realised_over_list_frac"] == 0.85
    unknown = rows["gift-1"]
    assert (unknown["state"], unknown["list_usd"]) == ("no usage in the logs", None)
    share = found["realised_over_list_frac"]
    assert (share["low"], share["mid"], share["high"]) == (0.8499, 0.85, 0.8501)
    assert share["at_most"] is True  # a model is billed that the logs do not hold
    assert found["set"] == "reseller/default.discount_frac=0.1499..0.15..0.1501"
    assert found["unbilled"] == [{"model": HAIKU, "list_usd": "1.00"}]


def test_lines_without_a_model_are_of_all_that_no_other_line_names(home: Path, logs: Path, tmp_path: Path) -> None:
    path = bill(
        tmp_path, f"day,model,amount,kind\n2026-04-02,{OPUS},10,usage\n2026-04-02,,0.9,usage\n2026-04-03,,-5,usage\n"
    )
    found = invoice(home, logs, path)
    assert [(row["model"], row["list_usd"]) for row in found["rows"]] == [(None, "1.00"), (OPUS, "12.50")]
    assert found["other_usd"] == {"credit": "-5.00"}
    assert any("Credits (negative lines)" in note for note in found["notes"])


@pytest.mark.slow
def test_the_measured_share_is_a_scenario_for_other_commands(home: Path, logs: Path, tmp_path: Path) -> None:
    path = bill(
        tmp_path, f"from,to,model,amount\n2026-04-01,2026-04-03,{OPUS},40.00\n2026-04-02,2026-04-02,{HAIKU},0.80\n"
    )
    out = tmp_path / "realised.toml"
    Run(home, "usage", str(logs), "--invoice", str(path), "--out", str(out), "--quiet")
    asked = ("usage", str(logs), "--basis", "list,realised", "--json")
    valued = Run(home, *asked, "--scenario", str(out)).json["total"]["bases"]
    assert valued["realised_usd"]["p50"] == pytest.approx(0.8 * 51, rel=1e-3)
    said = invoice(home, logs, path)
    again = Run(home, *asked, "--set", said["set"]).json["total"]["bases"]
    assert again["realised_usd"] == valued["realised_usd"]


def test_a_bill_as_text_says_what_it_means(home: Path, logs: Path, tmp_path: Path) -> None:
    path = bill(tmp_path, f"from,to,model,amount\n2026-03-01,2026-04-03,{OPUS},45.00\n")
    text = Run(home, "usage", str(logs), "--invoice", str(path)).out
    row = next(said for said in text.splitlines() if OPUS in said)
    assert row.split() == ["2026-03-01", "–", "2026-04-03", OPUS, "45.00", "50.00", "−5.00", "90.00", "%"]
    assert "Realised is at most 90.0000 % of list (89.9900 % – 90.0100 %)" in text
    assert "the logs hold 2026-04-01 to 2026-04-03" in text
    assert "Take it along: --set reseller/default.discount_frac=0.0999..0.1..0.1001" in text


def test_a_bill_above_list_is_no_discount(home: Path, logs: Path, tmp_path: Path) -> None:
    path = bill(tmp_path, f"from,to,model,amount\n2026-04-01,2026-04-03,{OPUS},60.00\n")
    found = invoice(home, logs, path)
    assert found["set"] is None
    assert any("above list" in note for note in found["notes"])
    done = Run(home, "usage", str(logs), "--invoice", str(path), "--out", str(tmp_path / "x.toml"))
    assert done.status == 2
    assert "--out: no realised share below list was measured" in done.err


ANTHROPIC = {
    "data": [
        {
            "starting_at": f"2026-04-0{day}T00:00:00Z",
            "ending_at": f"2026-04-0{day + 1}T00:00:00Z",
            "results": [
                {
                    "currency": "USD",
                    "amount": cents,
                    "cost_type": "tokens",
                    "model": OPUS,
                    "token_type": "output_tokens",
                },
                {"currency": "USD", "amount": "0.00", "cost_type": "tokens", "model": OPUS, "token_type": "x"},
            ],
        }
        for day, cents in ((1, "1125.00"), (2, "1125.00"), (3, "2250.00"))
    ],
    "has_more": False,
}
OPENAI = {
    "object": "page",
    "data": [
        {
            "object": "bucket",
            "start_time": 1775001600 + 86_400 * day,
            "end_time": 1775001600 + 86_400 * (day + 1),
            "results": [{"amount": {"value": usd, "currency": "usd"}, "line_item": f"{OPUS}, output"}],
        }
        for day, usd in enumerate((11.25, 11.25, 22.5))
    ],
}


@pytest.mark.parametrize("said", [ANTHROPIC, OPENAI], ids=["Anthropic", "OpenAI"])
def test_the_cost_exports_of_providers_are_read_as_they_come(home: Path, logs: Path, tmp_path: Path, said: Any) -> None:
    found = invoice(home, logs, bill(tmp_path, json.dumps(said), "costs.json"))
    assert [row["from"] for row in found["rows"]] == ["2026-04-01", "2026-04-02", "2026-04-03"]
    assert [row["realised_over_list_frac"] for row in found["rows"]] == [0.9, 0.9, 0.9]


def test_another_currency_counts_at_the_rate_that_the_bill_gives(tmp_path: Path) -> None:
    lines = read_bill(
        bill(
            tmp_path,
            'currency = "EUR"\nusd_per_unit = 1.16\n[[line]]\nfrom = 2026-03-01\namount = "100.00"\n',
            "b.toml",
        )
    )
    assert [(line.pico_usd, line.last) for line in lines] == [(116 * USD, date(2026, 3, 1))]


EUROS = {"currency": "EUR", "amount": "1"}

BAD_BILLS = {
    "bill.csv": {
        "day,amount,currency\n2026-04-01,5,EUR\n": "bill.csv:2: the bill is in EUR, and the catalogue has no",
        "day,amount\n2026-04-01,five\n": 'bill.csv:2: amount "five" is not a number\nhint: write it as "4312.10"',
        "day,amount\n2026-04-01,nan\n": 'bill.csv:2: amount "nan" is not a number',
        "day,amount\nsoon,5\n": 'bill.csv:2: from "soon" is not a date\nhint: write it as 2026-03-31',
        "from,to,amount\n2026-04-09,2026-04-01,5\n": "bill.csv:2: it ends on 2026-04-01, before it begins",
        "day,amount,kind\n2026-04-01,5,gift\n": 'bill.csv:2: unknown kind "gift"\nhint: one of usage, tools',
        "date,total\n2026-04-01,5\n": "bill.csv: no columns from (or day) and amount; it has date, total",
        "day,amount\n": "bill.csv: a bill without lines",
        "": "bill.csv: no columns from (or day) and amount; it has nothing",
        f"from,to,model,amount\n2026-04-01,2026-04-30,{OPUS},9\n2026-04-02,2026-04-02,{OPUS},3\n": (
            f"bill.csv:3: {OPUS} is billed twice for 2026-04-02: it is also in bill.csv:2\nhint: a day"
        ),
    },
    "bill.toml": {
        "line = 3": "bill.toml: no [[line]] tables",
        "[[line]": "bill.toml: not valid TOML",
        "[[line]]\nfrom = 2026-04-01\namount = true\n": 'bill.toml: line 1: amount "True" is not a number',
    },
    "bill.json": {
        "{": "bill.json: not JSON",
        '{"total": 3}': "bill.json: not a cost export of a provider that is known: no data",
        '{"data": [{"start_time": "x", "end_time": 1}]}': "bill.json: data[0]: not a cost export of a provider",
        json.dumps(
            {"data": [{"starting_at": "2026-04-01", "ending_at": "2026-04-02", "results": [EUROS]}]}
        ): "bill.json: data[0]: the bill is in EUR",
    },
}


@pytest.mark.parametrize(
    ("name", "text", "message"), [(name, text, said) for name, some in BAD_BILLS.items() for text, said in some.items()]
)
def test_a_bill_that_makes_no_sense_is_refused_with_its_line(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(UnreadableInput) as refused:
        compare(read_bill(bill(tmp_path, text, name)), [], str, str)
    assert message in str(refused.value)
    assert "\nhint: " in str(refused.value)


def test_a_refused_bill_ends_the_command_with_status_two(home: Path, logs: Path, tmp_path: Path) -> None:
    path = bill(tmp_path, "day,amount,currency\n2026-04-01,5,EUR\n")
    done = Run(home, "usage", str(logs), "--invoice", str(path))
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"costbasis: {path}:2: the bill is in EUR")


# --- laws ---------------------------------------------------------------------------------------------


def cell(day: date, model: str, pico_usd: int, dearer: int = 0) -> Cell:
    value = ListValue(pico_usd, 0, 0, 0, 0, 0, dearer, 0) if pico_usd else None
    return Cell(day.isoformat(), day.isoformat()[:7], model, None, 1, TokenCounts(), 0, 0, value, 0, 0, 0, 0, 0)


days = st.dates(date(2026, 3, 1), date(2026, 4, 30))
cells = st.lists(
    st.builds(cell, days, st.sampled_from("ab"), st.integers(0, 50 * USD), st.integers(0, 5 * USD)), max_size=12
)


@settings(max_examples=120, deadline=None)
@given(
    cells, st.lists(st.tuples(days, st.sampled_from(["a", "b", ""]), st.integers(1, 90 * 100)), min_size=1, max_size=8)
)
def test_every_list_dollar_is_beside_one_line_at_most_and_every_billed_one_beside_one(
    some: list[Cell], drawn: list[tuple[date, str, int]]
) -> None:
    lines = [BillLine(day, day, model, cents * USD // 100, USAGE, USD // 200, "here") for day, model, cents in drawn]
    found = compare(lines, some, lambda name: name, lambda model: "p")
    assert sum(row.pico_usd for row in found.rows) == sum(line.pico_usd for line in lines)
    everything = sum(one.value.total for one in some if one.value)
    assert sum(row.list_pico_usd for row in found.rows) + sum(found.unbilled.values()) <= everything
    if found.share is not None:
        matched = [row for row in found.rows if row.state == MATCHED and not row.unpriced_requests]
        assert found.share.low <= found.share.mid <= found.share.high
        exact = Decimal(sum(row.pico_usd for row in matched)) / sum(row.list_pico_usd for row in matched)
        assert found.share.mid == pytest.approx(float(exact))


@given(st.integers(1, 400), st.integers(1, 1000))
def test_the_true_share_lies_between_the_bounds_of_a_rounded_bill(permille: int, dollars: int) -> None:
    """A provider bills permille/1000 of list and rounds to the cent: the bounds hold what it really took."""
    listed = dollars * USD + 123_456_789
    cents = round(Decimal(listed) * permille / 1000 / (USD // 100))
    line_ = BillLine(date(2026, 3, 1), date(2026, 3, 1), "a", cents * USD // 100, USAGE, USD // 200, "here")
    share = compare([line_], [cell(date(2026, 3, 1), "a", listed)], str, str).share
    assert share is not None
    assert share.low - 1e-12 <= permille / 1000 <= share.high + 1e-12


contracts = st.builds(
    lambda percent, thresholds, committed, credit: Contract(
        Decimal(percent), {}, [Tier(at * USD, Decimal(5 * (n + 1))) for n, at in enumerate(sorted(set(thresholds)))],
        committed * USD, credit * USD,
    ),
    st.integers(0, 100), st.lists(st.integers(0, 100), max_size=3), st.integers(0, 200), st.integers(0, 200),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(contracts, cells)
def test_a_contract_adds_up_and_pays_its_commitment(contract: Contract, some: list[Cell]) -> None:
    months = under_contract(contract, some)
    assert sum(month.list_pico_usd for month in months) == sum(one.value.total for one in some if one.value)
    for month in months:
        assert 0 <= month.discount_pico_usd <= month.list_pico_usd
        assert month.realised_pico_usd >= contract.committed_pico_usd_per_month
        assert month.shortfall_pico_usd == 0 or month.realised_pico_usd == contract.committed_pico_usd_per_month
        assert 0 <= month.credit_pico_usd <= month.realised_pico_usd
    assert sum(month.credit_pico_usd for month in months) <= contract.credit_pico_usd


def test_tiers_take_off_what_exceeds_them() -> None:
    """$100 of list, 10 % off above $20 and 50 % above $60: 4 + 20 off."""
    contract = Contract(Decimal(0), {}, [Tier(20 * USD, Decimal(10)), Tier(60 * USD, Decimal(50))], 0, 0)
    (month,) = under_contract(contract, [cell(date(2026, 3, 1), "a", 100 * USD)])
    assert month.discount_pico_usd == 24 * USD


def test_a_contract_values_list_month_by_month(home: Path, logs: Path, tmp_path: Path) -> None:
    terms = tmp_path / "terms.toml"
    terms.write_text(f"[discount]\npercent = 10\nmodels = {{ {OPUS} = 20 }}\n[[credit]]\nusd = 5\n")
    found = Run(home, "usage", str(logs), "--contract", str(terms), "--json").json["contract"]
    assert found["months"] == [
        {
            "month": "2026-04", "list_usd": "51.00", "discount_usd": "10.10", "commitment_shortfall_usd": "0.00",
            "realised_usd": "40.90", "credit_usd": "5.00",
        }
    ]  # fmt: skip
    assert found["set"] == "reseller/default.discount_frac=0.198039"
    assert "Realised is 80.1961 % of list" in Run(home, "usage", str(logs), "--contract", str(terms)).out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "terms.toml: a contract without terms"),
        ("rebate = 3\n", 'terms.toml: unknown entry "rebate"\nhint: discount, tier, commitment or credit'),
        ("[discount]\npercent = 120\n", "terms.toml: a discount of 120 % of list\nhint: a number from 0 to 100"),
        ("[[tier]]\npercent = 5\n", "terms.toml: an entry lacks 'above_usd_per_month'"),
        ("discount = 5\n", "terms.toml: an entry is of another shape"),
        ('[commitment]\nusd_per_month = "much"\n', 'terms.toml: "much" is not a number'),
        ("[[credit]]\nusd = -5\n", "terms.toml: -5 USD is negative"),
    ],
)
def test_a_contract_that_makes_no_sense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    terms = tmp_path / "terms.toml"
    terms.write_text(text)
    with pytest.raises(UnreadableInput) as refused:
        read_contract(terms, str)
    assert message in str(refused.value)
    assert "\nhint: " in str(refused.value)


def test_out_without_a_bill_is_refused(home: Path, logs: Path, tmp_path: Path) -> None:
    done = Run(home, "usage", str(logs), "--basis", "list", "--out", str(tmp_path / "x.toml"))
    assert done.status == 2
    assert "--out: there is nothing to write\nhint: it goes with --invoice or --contract" in done.err


def test_negative_lines_are_credits_whatever_they_are_called(tmp_path: Path) -> None:
    (one,) = read_bill(bill(tmp_path, "day,model,amount\n2026-04-01,x,-3.5\n"))
    assert (one.kind, one.pico_usd, one.last - one.first) == (CREDIT, -3_500_000_000_000, timedelta())
