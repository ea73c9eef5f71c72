"""The book: compiled tables are what its statements make; conflicts stay, mends stand where they say."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.catalog import load_catalog
from costbasis.catalog.book.compiled import compile_retail, compiled, is_list_price, read_book
from costbasis.catalog.book.money import HIGHEST, price
from costbasis.catalog.book.sources import sources
from costbasis.catalog.book.statement import COLUMNS, Statement, long_rows, statements_of
from costbasis.catalog.retail import retail_price
from costbasis.catalog.tables import read_bytes, read_csv
from costbasis.errors import BadImport

BOOK = read_book()


def test_the_compiled_tables_are_what_the_book_makes() -> None:
    for name, made in compiled().items():
        held = read_bytes(name)
        unpacked = gzip.decompress(made) if name.endswith(".gz") else made
        assert unpacked == held, "write them: python -m costbasis.catalog.book.compiled"


def test_every_statement_of_a_leading_source_is_in_the_compiled_table() -> None:
    """Compiled == book, from the other side: no dated list price of the source that goes first is lost."""
    rows = {(row["model"], row["mode"], row["effective_from"]): row for row in read_csv("retail.csv")}
    mended = {(one.model, one.service_tier) for one in BOOK if one.source_id == "mended"}
    leading = [one for one in BOOK if one.source_id == "model-prices" and is_list_price(one)]
    assert len(leading) > 500
    for one in leading:
        if (one.model, one.service_tier) not in mended:
            row = rows[one.model, one.service_tier, one.valid_from]
            assert Decimal(row["input_usd_per_mtok"]) == Decimal(one.base("input"))
            assert Decimal(row["output_usd_per_mtok"]) == Decimal(one.base("output"))


def test_a_statement_survives_the_long_table() -> None:
    assert statements_of(long_rows(BOOK)) == BOOK
    assert set(COLUMNS) == set(next(iter(long_rows(BOOK))))


def test_every_statement_has_a_source_that_is_listed_and_a_day_it_was_seen() -> None:
    for one in BOOK:
        assert one.source_id in sources(), one.source
        assert len(one.observed) == 10, one
        assert one.currency == "USD"
        assert not one.valid_to or one.valid_from <= one.valid_to, one


def test_ids_of_statements_are_names_of_what_they_say() -> None:
    by_id: dict[str, Statement] = {}
    for one in BOOK:
        assert by_id.setdefault(one.offer_id, one) == one


def test_every_price_of_the_book_is_a_whole_number_of_pico_usd() -> None:
    for one in BOOK:
        for text in one.prices.values():
            pico = Decimal(text) * 10**6
            assert pico == int(pico) >= 0, one
            assert Decimal(text) <= HIGHEST


def test_every_repair_is_logged_with_what_it_was() -> None:
    rows = read_csv("book/repair.csv")
    assert len(rows) > 20
    for row in rows:
        assert abs(Decimal(row["raw_usd_per_mtok"]) - Decimal(row["usd_per_mtok"])) < Decimal("1e-9")
        assert row["rule"]


MADE = next(one for one in BOOK if one.model == "claude-opus-4-6" and one.service_tier == "standard" and one.valid_to)


def _row(statements: list[Statement], start: str) -> dict[str, str]:
    return next(row for row in compile_retail(statements) if row["effective_from"] == start)


def test_another_source_agrees_or_stays_as_an_alternative() -> None:
    other = replace(MADE, source_id="litellm", source="litellm 9.9", valid_from="", valid_to="", observed="2026-03-01")
    assert _row([MADE, other], MADE.valid_from)["agreeing"] == "2"
    dearer = replace(other, prices={**other.prices, ("input", 0): "6"})
    row = _row([MADE, dearer], MADE.valid_from)
    assert (row["agreeing"], row["alternatives"], row["input_usd_per_mtok"]) == ("1", "litellm 9.9: input 6", "5")


def test_a_source_that_was_seen_on_another_day_says_nothing_of_this_price() -> None:
    late = replace(MADE, source_id="litellm", source="litellm 9.9", valid_from="", valid_to="", observed="2026-11-23")
    assert _row([MADE, late], MADE.valid_from)["agreeing"] == "1"


def test_a_newer_telling_of_a_segment_stands_before_the_older_one() -> None:
    newer = replace(MADE, observed="2027-01-01", prices={**MADE.prices, ("output", 0): "26"})
    rows = compile_retail([MADE, newer])
    assert [row["output_usd_per_mtok"] for row in rows] == ["26"]


def test_a_new_segment_ends_the_open_one() -> None:
    first = replace(MADE, valid_to="")
    second = replace(MADE, valid_from="2027-02-01", valid_to="", prices={**MADE.prices, ("input", 0): "4"})
    ends = [(row["effective_from"], row["effective_to"]) for row in compile_retail([first, second])]
    assert ends == [(MADE.valid_from, "2027-02-01"), ("2027-02-01", "")]


def test_a_mend_stands_in_the_days_it_names_and_the_rest_stays() -> None:
    first = replace(MADE, valid_from="2026-01-01", valid_to="2026-12-01")
    mend = replace(MADE, source_id="mended", valid_from="2026-03-01", valid_to="2026-04-01")
    mend = replace(mend, prices={**MADE.prices, ("input", 0): "7"})
    rows = compile_retail([first, mend])
    assert [(row["effective_from"], row["effective_to"], row["input_usd_per_mtok"]) for row in rows] == [
        ("2026-01-01", "2026-03-01", "5"),
        ("2026-03-01", "2026-04-01", "7"),
        ("2026-04-01", "2026-12-01", "5"),
    ]


def test_evidence_leads_only_where_no_primary_source_speaks() -> None:
    evidence = replace(MADE, source_id="litellm", source="litellm 9.9", valid_from="2027-01-01", valid_to="")
    assert [row["source"] for row in compile_retail([MADE, evidence])] == [MADE.source]
    assert [row["source"] for row in compile_retail([evidence])] == ["litellm 9.9"]


def test_compiled_rows_become_prices_without_a_refusal() -> None:
    for row in read_csv("retail.csv"):
        assert retail_price(row).input >= 0


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("NaN", "'NaN' is not a price"),
        ("inf", "'inf' is not a price"),
        (True, "True is not a price"),
        (None, "None is not a price"),
        ("-1", "a price below zero: '-1'"),
        ("1e400", "'1e400' is not a price"),
        ("2500000", "2.5e+06 USD per million tokens is no price: is it in another unit?"),
        ("0.1234567", "0.1234567 USD per million tokens is finer than a pico-USD per token"),
        ("=1+1", "'=1+1' is not a price"),
        ([1], "[1] is not a price"),
    ],
)
def test_what_is_no_price_is_refused_with_why(value: object, why: str) -> None:
    with pytest.raises(BadImport) as error:
        price(value, "x")
    assert error.value.what == why


@given(st.integers(min_value=0, max_value=10**10))
def test_float_noise_is_repaired_to_the_price_that_was_meant(pico: int) -> None:
    exact = Decimal(pico) / 10**6
    assert Decimal(price(float(exact), "x").text) == exact
    assert Decimal(price(float(exact) / 1e6, "x", per_token=True).text) == exact


def test_the_catalogue_counts_who_agrees_and_names_who_does_not() -> None:
    rows = [row for row in read_csv("retail.csv") if row["alternatives"]]
    assert rows
    assert load_catalog().retail("claude-opus-4-6")
    text = read_bytes("retail.csv").decode()
    assert next(csv.DictReader(io.StringIO(text)))["agreeing"].isdigit()
