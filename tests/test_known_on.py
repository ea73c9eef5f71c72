"""``--known-on``: what the book said on a day, from the statements that had been seen by then."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from costbasis.catalog import Catalog, load_catalog
from costbasis.catalog.book.compiled import read_book
from costbasis.catalog.book.knowledge import first_seen

from .command import Run

DAY_BEFORE, LONG_AFTER = date(2026, 11, 24), date(2030, 1, 1)


@pytest.fixture(scope="module")
def now() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def before() -> Catalog:
    """The book the day before its mends of 2026-11-25 were written down."""
    return load_catalog(known_on=DAY_BEFORE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def test_all_that_is_known_is_the_book_that_ships(now: Catalog) -> None:
    later = load_catalog(known_on=LONG_AFTER)
    assert later.rows("retail") == now.rows("retail")
    assert later.rows("offer") == now.rows("offer")
    assert later.newest_observation == now.newest_observation
    assert later.overlay.unseen == 0


def test_a_price_that_was_mended_later_reads_as_it_was_told_before(now: Catalog, before: Catalog) -> None:
    """Mistral Large 4 fell on 2026-10-29; the sources of 2026-11-23 did not say so yet."""
    day = date(2026, 11, 1)
    assert now.retail_on("mistral-large-4", day).input == 700_000
    assert before.retail_on("mistral-large-4", day).input == 1_360_000
    assert before.retail_on("mistral-large-4", date(2026, 10, 25)).input == 1_360_000


@pytest.mark.slow
def test_no_row_is_known_before_it_was_seen_and_none_that_was_is_lost() -> None:
    days = sorted({one.observed for one in read_book()})
    for text in (days[0], days[len(days) // 2], days[-2]):
        catalog = load_catalog(known_on=date.fromisoformat(text))
        told = [one for one in read_book() if one.observed <= text]
        rows = [*catalog.rows("retail"), *catalog.rows("offer")]
        assert all(row["observed"] <= text for row in rows)
        assert len(catalog.rows("offer")) == sum(one.route != "list" for one in told)
        assert catalog.overlay.unseen == len(read_book()) - len(told)


def test_a_later_day_never_leaves_more_out() -> None:
    left_out = [load_catalog(known_on=date(2026, month, 1)).overlay.unseen for month in (1, 5, 9, 11)]
    assert left_out == sorted(left_out, reverse=True)


def test_the_day_is_part_of_the_identity_and_bounds_the_newest_observation(now: Catalog, before: Catalog) -> None:
    assert before.sha256 != now.sha256
    assert before.sha256 != load_catalog(known_on=date(2026, 11, 23)).sha256
    assert before.newest_observation == DAY_BEFORE


def test_names_stay_known_where_their_prices_are_not() -> None:
    catalog = load_catalog(known_on=date(2025, 1, 1))
    assert catalog.find_model("claude-opus-4-6") == "claude-opus-4-6"
    assert not catalog.retail("claude-opus-4-6")


def test_the_users_own_statements_have_a_day_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    mine = tmp_path / "mine.csv"
    mine.write_text("model,meter,price\nclaude-opus-4-6,input,4\nclaude-opus-4-6,output,20\n", encoding="utf-8")
    added = Run(home, "update", "own", "--file", str(mine), "--apply", "--json")
    assert added.status == 0, added.err
    book = home / "cb" / "book.json"
    own = load_catalog(own_book=book)
    assert own.overlay.statements
    earliest = min(one.observed for one in own.overlay.statements)
    without = load_catalog(own_book=book, known_on=date.fromordinal(date.fromisoformat(earliest).toordinal() - 1))
    assert not without.overlay.statements
    assert without.overlay.unseen >= len(own.overlay.statements)


@pytest.mark.slow
def test_price_says_what_the_book_said_and_that_it_is_asked(home: Path) -> None:
    words = ("price", "mistral-large-4", "--input", "1M", "--as-of", "2026-11-01", "--json")
    then, now = Run(home, *words, "--known-on", "2026-11-24").json, Run(home, *words).json
    assert (Decimal(then["list_now_usd"]), Decimal(now["list_now_usd"])) == (Decimal("1.36"), Decimal("0.7"))
    assert then["known_on"] == "2026-11-24"
    assert "known_on" not in now
    [warning] = [one for one in then["warnings"] if one["kind"] == "known_on"]
    assert warning["count"] == 26
    assert warning["effect"].startswith("prices as the book knew them on 2026-11-24")


@pytest.mark.slow
def test_catalog_shows_the_facts_of_the_day(home: Path) -> None:
    words = ("catalog", "retail", "mistral-large-4", "--json")
    then, now = Run(home, *words, "--known-on", "2026-11-24").json, Run(home, *words).json
    key = "retail/mistral-large-4.standard.input_usd_per_mtok"
    inputs = [[fact["value"] for fact in found["facts"] if fact["key"] == key] for found in (then, now)]
    assert inputs == [["0.68", "1.36"], ["0.68", "1.36", "0.7"]]


def test_a_day_before_the_first_price_is_refused_with_that_day(home: Path) -> None:
    assert first_seen("claude-opus-4-6") == date(2026, 10, 26)
    refused = Run(home, "price", "claude-opus-4-6", "--known-on", "2026-10-01")
    assert (refused.status, refused.err) == (
        2,
        "costbasis: --known-on: on 2026-10-01 the book knew no price of claude-opus-4-6: the first one was seen on"
        " 2026-10-26\nhint: ask for 2026-10-26 or later\n",
    )


def test_what_is_no_day_is_refused(home: Path) -> None:
    refused = Run(home, "price", "claude-opus-4-6", "--known-on", "yesterday")
    message = 'costbasis: --known-on: "yesterday" is not a date\nhint: write it as 2026-03-31\n'
    assert (refused.status, refused.err) == (2, message)
