"""Companies: OpenAI's FY2025 within rounding, each margin from its definition, switches that only move money."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from costbasis.catalog import load_catalog
from costbasis.cli.app import app
from costbasis.cli.company import build
from costbasis.cli.company import command as company_command
from costbasis.cli.replaying import replay
from costbasis.cli.session import split_session
from costbasis.company import Switches, company_names, find_company, walk
from costbasis.company.margins import margins
from costbasis.errors import BadArgument, BadCompany, CostbasisError, UnknownName
from costbasis.provenance import explain
from costbasis.reports.company_text import company_text
from costbasis.reports.leaf import at_pointer, plain

CATALOG = load_catalog()
BILLION = 1e9


def run(*words: str) -> dict[str, Any]:
    context = company_command.make_context("company", ["--quiet", *words], parent=click.Context(app))
    session, own = split_session(context.params)
    return build(session, **own)


def amounts(result: dict[str, Any]) -> dict[str, Any]:
    """USD by line, None where it is unknown."""
    return {row["line"]: row["usd"] for row in result["walk"]}


@pytest.fixture(scope="module")
def openai() -> dict[str, Any]:
    return run("openai")


def test_openai_fy2025_reproduces_within_rounding(openai: dict[str, Any]) -> None:
    """Statements leaked in June 2026: costs 33.98, operating loss 20.9, gross margin 42.6 %."""
    found = amounts(openai)
    assert found["all_costs"] == pytest.approx(-33.98 * BILLION, abs=0.005 * BILLION)
    assert found["operating_result"] == pytest.approx(-20.92 * BILLION, abs=0.02 * BILLION)
    assert found["gross_profit"] / found["realised_revenue"] == pytest.approx(0.426, abs=0.0005)
    assert found["cash_result"] == pytest.approx(-8.0 * BILLION)
    assert openai["unknown"] == []


def test_the_three_margins_each_follow_from_a_stated_definition(openai: dict[str, Any]) -> None:
    by_name = {row["definition"]: row for row in openai["margins"]}
    revenue = amounts(openai)["realised_revenue"]
    wanted = {
        "paying users' compute": 0.70,
        "gross margin of the accounts (GAAP)": 0.426,
        "management's, free users included": 0.33,
    }
    for definition, figure in wanted.items():
        row = by_name[definition]
        assert row["frac"] == pytest.approx(figure, abs=0.0005), definition
        assert row["says"]
        cost = row["cost_usd"].estimate.p50
        assert 1 - cost / revenue == pytest.approx(figure, abs=0.002), definition
    assert by_name["all inference, free users included"]["frac"] == pytest.approx(1 - 8.4 / 13.07)


def test_the_bridge_turns_a_margin_on_realised_revenue_into_cost_over_list(openai: dict[str, Any]) -> None:
    realised = CATALOG.quantity("realised/openai.realised_over_list_frac").draws
    row = next(row for row in margins(find_company("openai", CATALOG)) if "GAAP" in row.definition)
    assert row.cost_over_list is not None
    np.testing.assert_allclose(row.cost_over_list.draws, (7.5 / 13.07) * realised, rtol=1e-9)
    listed = amounts(openai)["list_value"]
    assert listed is not None
    assert listed > 13.07 * BILLION


@pytest.mark.parametrize("name", company_names())
def test_a_walk_adds_up_wherever_it_is_known(name: str) -> None:
    """Each total is the one before it and the steps between, in every draw, unless a step is unknown."""
    lines = walk(find_company(name, CATALOG), Switches()).lines
    level, steps = None, []
    for row in lines:
        if row.line == "all_costs":
            continue
        if not row.is_total:
            steps.append(row.usd)
            continue
        if level is not None and row.usd is not None and all(step is not None for step in steps):
            total = level + sum(step.draws for step in steps if step is not None)
            np.testing.assert_allclose(row.usd.draws, total, rtol=1e-9, atol=1.0)
        level, steps = None if row.usd is None else row.usd.draws, []


@pytest.mark.parametrize("booking", ["cogs", "marketing"])
def test_booking_free_users_elsewhere_moves_the_gross_margin_and_not_the_result(
    openai: dict[str, Any], booking: str
) -> None:
    before, after = amounts(openai), amounts(run("openai", "--free-users", booking))
    assert after["operating_result"] == pytest.approx(before["operating_result"])
    assert after["contribution"] == pytest.approx(before["contribution"])
    margin = after["gross_profit"] / after["realised_revenue"]
    assert margin == pytest.approx({"cogs": 0.357, "marketing": 0.70}[booking], abs=0.001)


def test_leaving_stock_pay_out_adds_it_back_once(openai: dict[str, Any]) -> None:
    without = run("openai", "--no-stock-pay")
    before, after = amounts(openai), amounts(without)
    assert after["operating_result"] == pytest.approx(before["operating_result"] + before["stock_pay"])
    assert after["cash_result"] == before["cash_result"]
    assert "stock_pay" not in after


def test_a_longer_life_lowers_the_charge_and_a_shorter_one_than_the_period_does_not_raise_it() -> None:
    at_once, year, two = (amounts(run("openai", "--life-months", months)) for months in ("0", "6", "24"))
    assert year["training_compute"] == at_once["training_compute"] == pytest.approx(-10.59 * BILLION)
    assert two["training_compute"] == pytest.approx(-10.59 / 2 * BILLION)
    assert two["operating_result"] == pytest.approx(at_once["operating_result"] + 10.59 / 2 * BILLION)


def test_one_off_losses_lead_to_the_net_loss(openai: dict[str, Any]) -> None:
    found = amounts(run("openai", "--one-off"))
    assert found["net_result"] == pytest.approx(-38.53 * BILLION, abs=0.02 * BILLION)
    assert "net_result" not in amounts(openai)


def test_net_revenue_keeps_the_gross_profit_and_raises_the_margin() -> None:
    """A gross margin of 40 % on revenue gross of the clouds' share is about 54.5 % of net revenue."""
    gross, net = (amounts(run("anthropic", "--revenue", how)) for how in ("gross", "net"))
    assert net["gross_profit"] == pytest.approx(gross["gross_profit"])
    assert net["gross_profit"] / net["realised_revenue"] == pytest.approx(0.545, abs=0.01)


def test_bought_compute_needs_what_is_not_published_and_stays_unknown() -> None:
    assert amounts(run("openai", "--compute", "capital"))["cash_result"] is None


def test_every_company_ships_and_leaves_unknown_what_is_unknown() -> None:
    assert company_names() == ["anthropic", "deepseek", "minimax", "openai", "reseller", "zhipu"]
    deepseek = run("deepseek")
    assert amounts(deepseek)["realised_revenue"] is None
    assert deepseek["margins"][0]["frac"] == pytest.approx(0.845, abs=0.001)
    assert "operating_result" in deepseek["unknown"]
    reseller = amounts(run("reseller"))
    assert reseller["gross_profit"] == pytest.approx(-0.23)
    api = {row["definition"]: row["frac"] for row in run("minimax")["margins"]}
    assert api["API and enterprise (open platform)"] == pytest.approx(0.694)
    zhipu = run("zhipu")
    assert amounts(zhipu)["realised_revenue"] == pytest.approx(312.414e6 * 0.139, rel=0.01)
    assert amounts(zhipu)["general_and_admin"] is None


def test_the_object_keeps_its_contract(openai: dict[str, Any]) -> None:
    said = json.loads(json.dumps(plain(openai)))
    assert said["schema"] == "costbasis.company/1"
    assert set(said) >= {"company", "period", "walk", "margins", "unknown", "as_of", "seed", "warnings"}
    for row in said["walk"]:
        assert set(row) >= {"line", "usd", "status", "trust", "source"}
        assert row["usd"] is None or row["source"]
    for row in said["margins"]:
        assert isinstance(row["frac"], float)
    assert next(row for row in said["walk"] if row["line"] == "realised_revenue")["trust"] == "A-"


@pytest.mark.parametrize("name", company_names())
def test_every_line_fits_a_terminal_of_80_columns(name: str) -> None:
    text = company_text(run(name), style=lambda text, **how: text)
    assert [line for line in text.splitlines() if len(line) > 80 and not line.startswith("Why?")] == []
    if name != "openai":
        assert "Not published, and left unknown:" in text


def test_a_line_of_the_walk_is_explained_down_to_the_statements() -> None:
    _, result = replay("company openai")
    index = [row["line"] for row in result["walk"]].index("operating_result")
    tree = json.dumps(explain(at_pointer(result, f"/walk/{index}/estimate")))
    assert "Audited FY2024-25 statements" in tree


def test_the_command_that_makes_it_again_names_the_switches() -> None:
    found = run("openai", "--no-stock-pay", "--life-months", "24", "--one-off")
    assert found["reproduce"]["command"] == "costbasis company openai --no-stock-pay --life-months 24.0 --one-off"


def company(folder: Path, text: str) -> str:
    path = folder / "c.toml"
    head = 'id = "acme"\nname = "Acme"\nperiod = "FY2025"\n'
    path.write_text(head + text, encoding="utf-8")
    return str(path)


def test_a_company_of_one_s_own_walks(tmp_path: Path) -> None:
    number = 'unit = "usd_m"\nsource = "own books"\ndate = "2026-01-31"\ntrust = "A"\n'
    lines = {"revenue": 100, "cost_of_revenue": 60, "sales_and_marketing": 10, "research_and_development": 20,
             "general_and_admin": 5}  # fmt: skip
    path = company(tmp_path, "".join(f"[lines.{name}]\nvalue = {value}\n{number}" for name, value in lines.items()))
    found = amounts(run(path))
    assert found["operating_result"] == pytest.approx(5e6)
    assert found["gross_profit"] == pytest.approx(40e6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[lines]\nrevenue = "oai25_revv"\n', None),
        (
            "[lines]\nrevenue = 3\n",
            'c.toml, revenue: a line names a disclosure or is a table\nhint: revenue = "oai25_rev"',
        ),
        ("[lines]\nprofit = 'x'\n", None),
        (
            '[lines.revenue]\nvalue = 3\nunit = "usd"\ndate = "2026"\ntrust = "A"\n',
            "c.toml, revenue: source is missing: no number without a source",
        ),
        (
            '[lines.revenue]\nvalue = -3\nunit = "usd"\ndate = "2026"\ntrust = "A"\nsource = "x"\n',
            "c.toml, revenue: revenue must be above zero",
        ),
        (
            '[lines.revenue]\nvalue = 3\nunit = "eur"\ndate = "2026"\ntrust = "A"\nsource = "x"\n',
            'c.toml, revenue: unknown unit "eur"\nhint: one of usd, usd_m, usd_b, rmb_m, frac',
        ),
        (
            '[lines.revenue]\nvalue = 3\nunit = "rmb_m"\ndate = "2026"\ntrust = "A"\nsource = "x"\n',
            "c.toml, revenue: an amount in renminbi needs a rate\nhint: add [lines.usd_per_rmb]",
        ),
        ("= 3", None),
    ],
)
def test_bad_company_files_are_refused_with_line_and_reason(tmp_path: Path, text: str, message: str | None) -> None:
    with pytest.raises(BadCompany) as refused:
        run(company(tmp_path, text))
    if message is not None:
        assert str(refused.value) == message


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (
            ("deepsek",),
            UnknownName,
            'unknown company "deepsek"; did you mean "deepseek"?\nhint: one of anthropic, deepseek, minimax, openai, '
            "reseller, zhipu, or a company file (.toml)",
        ),
        (
            ("minimax", "--revenue", "net"),
            BadArgument,
            "--revenue net: MiniMax publishes no channel share: revenue cannot be restated",
        ),
        (
            ("minimax", "--free-users", "cogs"),
            BadArgument,
            "--free-users cogs: MiniMax publishes no inference of all users: free users cannot be booked otherwise",
        ),
        (
            ("anthropic", "--life-months", "12"),
            BadArgument,
            "--life-months: Anthropic publishes no training compute: nothing to write off",
        ),
        (("openai", "--life-months", "-1"), BadArgument, "--life-months: a life is at least 0 months, not -1"),
    ],
)
def test_what_cannot_be_switched_is_refused_with_the_reason(
    words: tuple[str, ...], error: type[CostbasisError], message: str
) -> None:
    with pytest.raises(error) as refused:
        run(*words)
    assert str(refused.value) == message
