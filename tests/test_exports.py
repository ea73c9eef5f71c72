"""Exports: FOCUS 1.2 and OpenMetrics hold what the usage table says, to the pico-dollar and the token."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from costbasis.reports.focus import COLUMNS, X_COLUMNS

from .command import Run
from .logs import line, raw, write_log

ODD = '=cmd|"x", y'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months, long prompts, searches, several cache lifetimes, a model without a price and one with an odd name."""
    folder = tmp_path_factory.mktemp("home")
    lines = []
    for number in range(24):
        usage = {
            "input_tokens": 7 + number,
            "output_tokens": 100 + number,
            "cache_read_input_tokens": 250_000 * (number % 2) + number,
            "cache_creation_input_tokens": 50 * (number % 3),
            "server_tool_use": {"web_search_requests": number % 2},
        }
        if number % 4 == 0:
            usage["cache_creation"] = {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30}
            usage["cache_creation_input_tokens"] = 50
        model = ("claude-opus-4-6", "claude-sonnet-4-5", "claude-haiku-4-5")[number % 3]
        time = f"2026-0{3 + number % 2}-{5 + number % 4:02d}T{number % 24:02d}:00:00Z"
        lines.append(line(f"m{number}", requestId=f"r{number}", usage=usage, time=time, message={"model": model}))
    lines.append(line("odd", requestId="odd", message={"model": ODD}))
    write_log(folder / "logs", raw(*lines))
    return folder


@pytest.fixture(scope="module")
def table(home: Path) -> Any:
    return Run(home, "usage", "logs", "--by", "model", "--json").json


@pytest.fixture(scope="module")
def focus(home: Path) -> tuple[list[dict[str, str]], Any]:
    run = Run(home, "export", "logs", "--to", "f.focus.csv", "--json")
    with (home / "f.focus.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file)), run.json


def test_focus_has_every_mandatory_column_of_the_specification_and_ours_behind_them(
    focus: tuple[list[dict[str, str]], Any],
) -> None:
    rows, told = focus
    assert list(rows[0]) == [*COLUMNS, *X_COLUMNS] == told["columns"]
    assert set(COLUMNS) >= MANDATORY
    assert all(name.startswith("x_") for name in X_COLUMNS)
    assert len(rows) == told["rows"] > 20


MANDATORY = {
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost",
    "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "ServiceCategory", "ServiceName",
}  # fmt: skip
"""FOCUS 1.2, feature level "Mandatory" of the dataset Cost and Usage."""

NULLABLE = {"BillingAccountName", "ChargeClass", "InvoiceId"}
"""Of ours, those that may be null and are: no log names an account or an invoice, nothing is a correction."""

DECIMAL = re.compile(r"-?\d+(\.\d+)?")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT00:00:00Z")


def test_focus_values_have_the_type_and_nullability_of_the_specification(
    focus: tuple[list[dict[str, str]], Any],
) -> None:
    for row in focus[0]:
        for name in COLUMNS:
            assert bool(row[name]) == (name not in NULLABLE), name
            if name.endswith(("Cost", "Price", "Quantity")):
                assert DECIMAL.fullmatch(row[name]), (name, row[name])
            if name.endswith(("PeriodStart", "PeriodEnd")):
                assert INSTANT.fullmatch(row[name])
        assert row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["ChargePeriodEnd"] <= row["BillingPeriodEnd"]
        assert row["ChargeCategory"] == "Usage" and row["ChargeFrequency"] == "Usage-Based"
        assert row["ServiceCategory"] == "AI and Machine Learning" and row["ServiceSubcategory"] == "Generative AI"
        assert row["PricingCategory"] in ("Standard", "Dynamic", "Committed", "Other")
        assert row["x_CostBasis"] == "list"
        assert isinstance(json.loads(row["SkuPriceDetails"]), dict)
        assert Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"]) == Decimal(row["ListCost"])


def test_focus_conserves_dollars_to_the_pico_dollar_and_tokens_to_the_last(
    focus: tuple[list[dict[str, str]], Any], table: Any
) -> None:
    rows, told = focus
    for name in ("BilledCost", "ListCost", "ContractedCost", "EffectiveCost"):
        assert sum(Decimal(row[name]) for row in rows) == Decimal(table["total"]["bases"]["list_usd"]), name
    assert Decimal(told["list_usd"]) == Decimal(table["total"]["bases"]["list_usd"])
    assert sum(Decimal(row["x_ListCostMax"]) for row in rows) == Decimal(table["total"]["bases"]["list_usd_max"])
    for one in table["rows"]:
        mine = [row for row in rows if row["x_Model"] == one["key"]]
        for kind, count in one["tokens"].items():
            if kind != "reasoning" and one["bases"]:
                assert sum(Decimal(row["PricingQuantity"]) for row in mine if row["x_TokenType"] == kind) == count
        assert sum(Decimal(row["PricingQuantity"]) for row in mine if row["x_TokenType"] == "web_search") == (
            one["web_searches"] if one["bases"] else 0
        )


def test_means_of_other_bases_add_up_to_the_table(focus: tuple[list[dict[str, str]], Any], table: Any) -> None:
    for basis in ("market", "serving"):
        total = sum(float(row[f"x_{basis.capitalize()}CostMean"] or 0) for row in focus[0])
        assert total == pytest.approx(table["total"]["bases"][f"{basis}_usd"]["mean"], rel=1e-6)
        for row in focus[0]:
            parts = [row[f"x_{basis.capitalize()}Cost{part}"] for part in ("P10", "P50", "P90")]
            assert parts == sorted(parts, key=lambda text: float(text or 0))


@pytest.mark.slow
def test_what_has_no_price_is_left_out_and_said(focus: tuple[list[dict[str, str]], Any], home: Path) -> None:
    rows, told = focus
    assert [(row["model"], row["requests"]) for row in told["unpriced"]] == [(ODD, 1)]
    assert not [row for row in rows if "cmd" in row["x_Model"]]
    run = Run(home, "export", "logs", "--to", "focus")
    assert f"left out: {ODD}: 1 requests have no list price" in run.err
    assert (home / "costbasis.focus.csv").read_bytes() == (home / "f.focus.csv").read_bytes()


def test_a_name_that_is_a_formula_is_disarmed_in_focus() -> None:
    from costbasis.reports.focus import Charge, focus_csv
    from costbasis.usage.events import TokenCounts
    from costbasis.usage.pricing.cells import Cell, ListValue
    from costbasis.usage.pricing.lines import PricedLine

    cell = Cell("2026-03-01", "2026-03", ODD, None, 1, TokenCounts(), 0, 0, ListValue(*[0] * 8), 0, 0, 0, 0, 0)
    one = PricedLine("2026-12-31", ODD, "batch", "us", True, "input", 3, 5, 15, 15, 0, cell)
    (row,) = csv.DictReader(focus_csv([Charge(one, "@v", {})]).splitlines())
    assert not [value for value in row.values() if value.startswith(("=", "+", "-", "@"))]
    assert row["x_Model"] == f"'{ODD}"
    assert row["BillingPeriodEnd"] == row["ChargePeriodEnd"] == "2027-01-01T00:00:00Z"
    assert (row["ListCost"], row["PricingCategory"], row["x_MarketCostMean"]) == ("0.000000000015", "Other", "")


@pytest.mark.slow
def test_openmetrics_reads_back_with_the_parser_of_prometheus_and_conserves(home: Path, table: Any) -> None:
    run = Run(home, "export", "logs", "--to", "m.prom", "--json")
    text = (home / "m.prom").read_text(encoding="utf-8")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert text.endswith("# EOF\n") and run.json["requests"] == table["total"]["requests"]
    assert all(family.documentation and family.unit for family in families.values())
    counted = families["costbasis_usage_tokens"]
    for kind, count in table["total"]["tokens"].items():
        if kind != "reasoning":
            assert sum(one.value for one in counted.samples if one.labels["token_type"] == kind) == count
    listed = re.findall(r'^costbasis_list_usd_total\{model="(?:[^"\\]|\\.)*"\} (\S+)$', text, re.MULTILINE)
    assert sum(map(Decimal, listed)) == Decimal(table["total"]["bases"]["list_usd"])
    assert {one.labels["model"] for one in families["costbasis_requests"].samples} >= {ODD}
    assert ODD not in {one.labels["model"] for one in families["costbasis_list_usd"].samples}  # unknown is not zero
    means = [one.value for one in families["costbasis_serving_usd"].samples if one.labels["stat"] == "mean"]
    assert sum(means) == pytest.approx(table["total"]["bases"]["serving_usd"]["mean"], rel=1e-6)


@pytest.mark.parametrize("to", ["no/such/f.focus.csv", "no/such/m.prom", "f.xlsx"])
def test_what_cannot_be_written_leaves_nothing_behind(to: str, home: Path) -> None:
    before = sorted(path.name for path in home.iterdir())
    run = Run(home, "export", "logs", "--to", to)
    assert run.status == 2 and "hint: " in run.err and not run.out
    assert sorted(path.name for path in home.iterdir()) == before
