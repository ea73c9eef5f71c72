"""The sums beside the requests: they are what adding the requests up gives, and pricing them is pricing each."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.ledger.merge import merge
from costbasis.usage.pricing import priceview
from costbasis.usage.pricing.cells import PricedUsage
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping, rows_of_tables
from costbasis.usage.pricing.pricing import price_usage
from costbasis.usage.pricing.sums import REQUEST, TALLY

from .logs import line
from .request_rows import GPT, HAIKU, OPUS, PRICES, ledger, request, time_ms
from .tally import assert_kept_cells_are_priced_cells, assert_sums_are_of_the_requests

BOOK = PriceBook(PRICES, lambda name: name, web_search_pico_usd=10_000_000_000, us_geo_permille=1100)

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def told(
    number: int, minute: int, output: int, read: int, model: str, session: str, cwd: str | None, kind: str
) -> bytes:
    """A line; *cwd*: the folder's real name, which becomes the project of all that the file says."""
    said = line(
        f"msg_{number}",
        usage={"output_tokens": output, "cache_read_input_tokens": read},
        time=(NOON + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        sessionId=session,
        cwd=cwd,
        isSidechain=kind == "sidechain",
    )
    said["message"]["model"] = model
    return json.dumps(said).encode() + b"\n"


LINE = st.builds(
    told,
    st.integers(0, 5),
    st.integers(0, 40) | st.sampled_from([1_440, 2_880, 11_000, 50_000]),
    st.integers(0, 2),
    st.sampled_from([0, 100_000, 150_000, 250_000]),
    st.sampled_from([OPUS, OPUS, HAIKU, HAIKU, "a model without a price"]),
    st.sampled_from(["s1", "s2"]),
    st.sampled_from([None, "/a"]),
    st.sampled_from(["line", "sidechain"]),
)

CHANGE = st.tuples(
    st.sampled_from(["append", "append", "write", "delete", "delete", "move", "merge"]),
    st.integers(0, 1),
    st.lists(LINE, min_size=1, max_size=4),
    st.integers(0, 40),
)


@given(changes=st.lists(CHANGE, min_size=2, max_size=7), keeps=st.sampled_from([False, False, True]))
@settings(max_examples=40, deadline=None)
def test_after_any_change_the_sums_are_those_of_the_requests(
    changes: list[tuple[str, int, list[bytes], int]], keeps: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        logs, theirs = Path(folder, "logs", "-a"), Path(folder, "theirs", "-a")
        for root in (logs, theirs):
            root.mkdir(parents=True)
        (logs / "kept.jsonl").write_bytes(told(9, 1, 1, 1, OPUS, "s1", None, "line"))
        mine = open_ledger([logs], folder=Path(folder, "home"), keep_history=keeps)
        mine.update()
        for step, (what, number, lines, torn) in enumerate(changes):
            path, data = logs / f"{number}.jsonl", b"".join(lines)
            if what == "append":
                with path.open("ab") as file:
                    file.write(data[: len(data) - torn])
            elif what == "write":
                path.write_bytes(data)
            elif what == "delete":
                for gone in logs.glob("[m01]*.jsonl"):
                    gone.unlink()
            elif what == "move" and path.exists():
                path.rename(logs / f"moved-{step}.jsonl")
            elif what == "merge":
                (theirs / f"{number}.jsonl").write_bytes(data)
                other = open_ledger([theirs], folder=Path(folder, "other"))
                other.update()
                other.close()
                merge(mine, other.path)
            assert mine.update().requests == mine.connection.execute("SELECT COUNT(*) FROM request").fetchone()[0]
            assert_sums_are_of_the_requests(mine.connection)
            assert_kept_cells_are_priced_cells(mine.connection, BOOK)
        mine.close()


def test_the_sums_of_a_generated_tree_are_those_of_its_requests(tmp_path: Path) -> None:
    """Forks, resumes, subagents and torn lines, half of it read at first and the rest later."""
    from .logs import generate

    tree, logs = tmp_path / "tree", tmp_path / "logs"
    generate(tree, sessions=8, target_mb=2, seed=3)
    for path in sorted(tree.rglob("*.jsonl")):
        copy = logs / path.relative_to(tree)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    grown = open_ledger([logs], folder=tmp_path / "home")
    grown.update()
    assert_sums_are_of_the_requests(grown.connection)
    shutil.copytree(tree, logs, dirs_exist_ok=True)
    grown.update()
    assert_sums_are_of_the_requests(grown.connection)
    grown.close()


FIRST = time_ms("2026-03-12T18:00:00")

CALL = st.builds(
    lambda minutes, **said: request(time_ms=FIRST + minutes * 60_000, **said),
    st.integers(0, 1_000),
    model=st.sampled_from([OPUS, HAIKU, GPT, "unheard-of"]),
    mode=st.sampled_from(["standard", "standard", "batch"]),
    geo=st.sampled_from(["", "us"]),
    session=st.sampled_from(["s1", "s2"]),
    agent=st.sampled_from(["claude-code", "codex"]),
    requests=st.sampled_from([1, 1, 0, 60]),
    web_searches=st.integers(0, 2),
    input_tok=st.integers(0, 9),
    cache_write_unknown_tok=st.integers(0, 9),
    cache_read_tok=st.sampled_from([0, 140_000, 160_000, 210_000, 300_000]),
    output_tok=st.integers(0, 999),
    partial_output=st.integers(0, 1),
)

GROUPING = st.builds(
    Grouping,
    by=st.sampled_from([by for by in priceview.BY if by != "total"]),
    tz=st.sampled_from(["UTC", "Europe/Zurich", "Asia/Kathmandu", "Australia/Eucla"]),
    since=st.sampled_from([None, date(2026, 3, 13)]),
    agent=st.sampled_from([None, "codex"]),
    from_ms=st.sampled_from([None, FIRST + 7 * 60_000, FIRST + 15 * 60_000]),
    before_ms=st.sampled_from([None, FIRST + 299 * 60_000, FIRST + 600 * 60_000]),
    buckets=st.sampled_from([False, False, True]),
)


def by_request(rows: list[dict[str, Any]], book: PriceBook, grouping: Grouping) -> PricedUsage:
    """As if there were no sums."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(priceview, "table_for", lambda *_: REQUEST)
        return price_usage(ledger(rows), book, grouping)


@given(
    rows=st.lists(CALL, min_size=1, max_size=25),
    grouping=GROUPING,
    long_above_tok=st.sampled_from([150_000, 200_000, 272_000, None]),
)
@settings(max_examples=100, deadline=None)
def test_sums_are_worth_what_their_requests_are_worth_one_by_one(
    rows: list[dict[str, Any]], grouping: Grouping, long_above_tok: int | None
) -> None:
    if not any(row["agent"] == "codex" for row in rows):
        grouping = grouping.but(agent=None)
    tiers = [replace(price, long_above_tok=long_above_tok) if price.long_above_tok else price for price in PRICES]
    book = structs.replace(BOOK, prices=tiers)
    sums, each = price_usage(ledger(rows), book, grouping), by_request(rows, book, grouping)
    assert [plain(structs.astuple(cell)) for cell in sums.cells] == [
        plain(structs.astuple(cell)) for cell in each.cells
    ]
    assert (sums.unpriced, sums.warnings) == (each.unpriced, each.warnings)
    assert (sums.first_time_ms, sums.last_time_ms) == (each.first_time_ms, each.last_time_ms)


def plain(values: tuple[Any, ...]) -> list[Any]:
    return [pytest.approx(value, rel=1e-12) if isinstance(value, float) else value for value in values]


def priced_table(grouping: Grouping, long_above_tok: int) -> str:
    """Which table answers, of two requests in one quarter of an hour with prompts of 140,000 and 160,000 tokens."""
    prices = [replace(price, long_above_tok=long_above_tok) if price.long_above_tok else price for price in PRICES]
    two = [request(time_ms=FIRST + number, model=GPT, cache_read_tok=140_000 + 20_000 * number) for number in (0, 1)]
    return rows_of_tables(ledger(two).cursor(), structs.replace(BOOK, prices=prices), grouping).table


def test_requests_are_priced_one_by_one_only_where_a_sum_is_cut() -> None:
    day = Grouping(by="day")
    assert priced_table(day, 200_000) == TALLY
    assert priced_table(day, 160_000) == TALLY  # longer than that is none of them
    assert priced_table(day, 139_999) == TALLY  # and all of them are longer than that
    assert priced_table(day, 140_000) == REQUEST
    assert priced_table(day.but(buckets=True), 200_000) == REQUEST
    assert priced_table(day.but(from_ms=FIRST, before_ms=FIRST + 2), 200_000) == TALLY
    assert priced_table(day.but(from_ms=FIRST + 1), 200_000) == REQUEST
    assert priced_table(day.but(before_ms=FIRST + 1), 200_000) == REQUEST
