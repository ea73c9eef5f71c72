"""Blocks: a ledger whose first scan is folded says what one says of which every request is a row, whatever changes."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.usage.caveats import caveat_warnings
from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.ledger.block import count_where, counted, fold, folded_of, number_of, numbers_of, unfold_where
from costbasis.usage.ledger.filing import Filing
from costbasis.usage.ledger.ledger import Ledger, open_ledger
from costbasis.usage.ledger.merge import merge
from costbasis.usage.ledger.opened import Opened
from costbasis.usage.ledger.readfile import Job, JobResult
from costbasis.usage.ledger.seen import COLUMNS, IN_BLOCK, rows_of
from costbasis.usage.ledger.told import HASHED
from costbasis.usage.live import look
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import price_usage

from .logs import generate, line, mirror, raw
from .request_rows import PRICES
from .tally import assert_sums_are_of_the_requests

VIEWS = {
    "telling": ", ".join(("path, counts, won_by_here", *(f"telling.{name}" for name in COLUMNS))),
    "request": "request_key, path, request.offset, rule, time_ms, session, output_ctx_tok2, new_ctx_tok2,"
    " kv_resident_tok_s",
    "dropped": "request_key, path, reason, lines, dropped.offset",
}


def said_by(ledger: Ledger) -> dict[str, Any]:
    """All that a ledger can be asked of its requests, as it does not depend on how they lie."""
    ask = ledger.connection.execute
    found = {
        view: ask(
            f"SELECT {columns} FROM {view} LEFT JOIN file ON file.id = file_id ORDER BY request_key, path, 3"
        ).fetchall()
        for view, columns in VIEWS.items()
    }
    whole = sorted(counted(ledger.connection, HASHED))
    assert whole == ask(f"SELECT {', '.join(HASHED)} FROM request ORDER BY request_key").fetchall()
    return found | {"tally": ask("SELECT * FROM tally").fetchall(), "hash": ledger.usage_sha256}


def told(number: int, minute: int, output: int, kind: str, session: str, stop: str | None, cwd: str) -> bytes:
    time = (datetime(2026, 3, 5, 10, tzinfo=UTC) + timedelta(minutes=minute)).isoformat()
    usage = {"output_tokens": output, "cache_read_input_tokens": 99_990 * (number % 3)}
    said = line(
        f"msg_{number}", usage=usage, time=time, sessionId=session, isSidechain=kind == "sidechain", stop=stop, cwd=cwd
    )
    return raw(mirror(said, agentId="agent-a") if kind == "mirror" else said)


LINE = st.builds(
    told,
    st.integers(0, 9),
    st.integers(0, 90),
    st.integers(0, 2),
    st.sampled_from(["line", "line", "sidechain", "mirror"]),
    st.sampled_from(["s1", "s2", "s3"]),
    st.sampled_from([None, "end_turn"]),
    st.sampled_from(["/a", "/b"]),
)
LATER = st.builds(
    told,
    st.integers(0, 19),
    st.integers(60, 200),
    st.integers(0, 2),
    st.just("line"),
    st.sampled_from(["s1", "s2", "s3"]),
    st.sampled_from([None, "end_turn"]),
    st.just("/a"),
)
FILES = st.lists(st.lists(LINE, max_size=6), min_size=3, max_size=3)
CHANGE = st.tuples(
    st.sampled_from(["append", "write", "delete"]),
    st.integers(0, 3),
    st.lists(st.one_of(LINE, LATER), min_size=1, max_size=3),
)


@given(files=FILES, changes=st.lists(CHANGE, max_size=3))
@settings(max_examples=60, deadline=None)
def test_a_folded_ledger_says_what_one_says_whose_requests_are_all_rows(
    files: list[list[bytes]], changes: list[tuple[str, int, list[bytes]]]
) -> None:
    """Beside a ledger that is folded once stands one that is unfolded at once, and one that is made anew each time."""
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder, "logs", "-a")
        logs.mkdir(parents=True)
        (logs / "kept.jsonl").write_bytes(told(50, 0, 1, "line", "kept", "end_turn", "/a"))
        for number, lines in enumerate(files):
            (logs / f"{number}.jsonl").write_bytes(b"".join(lines))
        folded, unfolded = (open_ledger([logs], folder=Path(folder, name)) for name in ("folded", "unfolded"))
        for ledger in (folded, unfolded):
            ledger.update()
        unfold_where(unfolded.connection)
        for step, (what, number, lines) in enumerate([*changes, ("nothing", 0, [])]):
            assert said_by(folded) == said_by(unfolded)
            assert_sums_are_of_the_requests(folded.connection)
            with closing(open_ledger([logs], folder=Path(folder, f"fresh {step}"))) as fresh:
                fresh.update()
                assert said_by(folded)["request"] == said_by(fresh)["request"]
                assert said_by(folded)["tally"] == said_by(fresh)["tally"]
            path = logs / f"{number}.jsonl"
            if what == "append":
                with path.open("ab") as file:
                    file.write(b"".join(lines))
            elif what == "write":
                path.write_bytes(b"".join(lines))
            elif what == "delete":
                path.unlink(missing_ok=True)
            for ledger in (folded, unfolded):
                ledger.update()
        for ledger in (folded, unfolded):
            ledger.close()


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=5)
COUNT = st.integers(0, 300_000)
EVENT = st.builds(
    UsageEvent,
    counts=st.builds(TokenCounts, *[COUNT] * 7),
    model=TEXT,
    provider=TEXT,
    mode=TEXT,
    geo=TEXT,
    time_ms=st.integers(1_700_000_000_000, 1_700_003_600_000),
    web_searches=st.integers(0, 3),
    session=st.sampled_from(["s1", "s2"]),
    agent_id=st.sampled_from(["", "a\x00b"]),
    project=TEXT,
    agent=st.just("agent"),
    request_key=TEXT,
    key_rule=TEXT,
    is_sidechain=st.booleans(),
    is_mirror=st.booleans(),
    partial_output=st.booleans(),
    lines=st.integers(1, 3),
    offset=st.integers(0, 10_000),
    origin=st.just("f:0"),
    api_key=TEXT,
    user=TEXT,
    requests=st.integers(0, 3),
    each_prompt_tok=st.integers(-1, 300_000),
)


@given(events=st.lists(EVENT, max_size=12, unique_by=lambda event: event.request_key))
@settings(max_examples=60, deadline=None)
def test_whatever_a_reader_says_comes_out_of_its_block_as_it_went_in(events: list[UsageEvent]) -> None:
    rows = rows_of(events)
    blocks, apart = fold(events)
    assert sum(len(numbers_of(block[4])) for block in blocks) + len(apart) == len(rows)
    said = []
    for result in (
        JobResult(Job("f", "f", "f", 0, 0), rows=rows),
        JobResult(Job("f", "f", "f", 0, 0), rows=apart, blocks=blocks),
    ):
        with closing(Ledger(Path(":memory:"), [], keep_history=False)) as ledger:
            filing = Filing(ledger.connection)
            filing.file(result)
            if filing.changed:
                filing.count()
            said.append(said_by(ledger))
            unfold_where(ledger.connection)
            said.append(said_by(ledger))
    assert said[0] == said[1] == said[2] == said[3]


def test_an_open_block_has_the_values_of_a_block_in_their_order() -> None:
    assert Opened.__struct_fields__[: len(IN_BLOCK) + 1] == (*IN_BLOCK, "won_by_here")


def test_a_first_scan_folds_what_counts_and_apart_from_it_what_does_not(tmp_path: Path) -> None:
    tree = tmp_path / "logs"
    generate(tree, sessions=6, target_mb=2, seed=2)
    forked = max((tree / "projects").rglob("*.jsonl"), key=lambda path: path.stat().st_size)
    forked.with_name("fork.jsonl").write_bytes(forked.read_bytes())
    with closing(open_ledger([tree], folder=tmp_path / "home")) as ledger:
        ledger.update()
        ask = ledger.connection.execute
        assert ask("SELECT COUNT(*) FROM seen").fetchone() == (0,)
        of_blocks = ask("SELECT counts, keys FROM block").fetchall()
        counting, aside = (sum(len(numbers_of(keys)) for counts, keys in of_blocks if counts == of) for of in (1, 0))
        assert counting > aside > 0
        before = said_by(ledger)
        assert (len(before["telling"]), len(before["request"])) == (counting + aside, counting)
        unfold_where(ledger.connection)
        assert ask("SELECT COUNT(*) FROM seen").fetchone() == (counting + aside,)
        assert said_by(ledger) == before


def test_a_file_that_tells_again_what_did_not_count_of_it_is_one_telling(tmp_path: Path) -> None:
    """Two files tell three requests; one of them tells one again, better than the other, and the rest stays folded."""
    logs = tmp_path / "logs" / "-a"
    logs.mkdir(parents=True)
    for name, output in (("better", 2), ("worse", 1)):
        lines = [told(number, number, output, "line", name, "end_turn", "/a") for number in range(3)]
        (logs / f"{name}.jsonl").write_bytes(b"".join(lines))
    with closing(open_ledger([logs], folder=tmp_path / "l")) as ledger:
        ledger.update()
        folded = ledger.connection.execute("SELECT counts, session, LENGTH(keys) / 4 FROM block ORDER BY 1").fetchall()
        assert folded == [(0, "worse", 3), (1, "better", 3)]
        assert set(folded_of(ledger.connection, "1", ())) == {("better", "")}
        assert count_where(ledger.connection, "1") == 3
        with (logs / "worse.jsonl").open("ab") as file:
            file.write(told(1, 9, 3, "line", "worse", "end_turn", "/a"))
        ledger.update()
        with closing(open_ledger([logs], folder=tmp_path / "fresh")) as fresh:
            fresh.update()
            assert said_by(ledger)["request"] == said_by(fresh)["request"]
            assert said_by(ledger)["tally"] == said_by(fresh)["tally"]
        assert [row[1].endswith("worse.jsonl") for row in said_by(ledger)["request"]] == [False, True, False]


def test_an_append_unfolds_the_quarters_that_it_moves_and_leaves_the_rest_folded(tmp_path: Path) -> None:
    """Whether it comes after all that was told or before: beside it only the request that was the last until then."""
    path = tmp_path / "logs" / "-a" / "s.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(told(number, 20 * number, 1, "line", "s", "end_turn", "/a") for number in range(40)))
    with closing(open_ledger([path.parent], folder=tmp_path / "l")) as ledger:
        ledger.update()
        for number, minute, rows in ((100, 2_000, 2), (101, 2_001, 3), (102, 309, 5), (103, -50, 6)):
            with path.open("ab") as file:
                file.write(told(number, minute, 1, "line", "s", "end_turn", "/a"))
            ledger.update()
            asked = ledger.connection.execute("SELECT COUNT(*), (SELECT COUNT(*) FROM telling) FROM seen").fetchone()
            assert asked == (rows, number - 59)
            assert_sums_are_of_the_requests(ledger.connection)
            with closing(open_ledger([path.parent], folder=tmp_path / str(number))) as fresh:
                fresh.update()
                assert said_by(ledger)["request"] == said_by(fresh)["request"]
                assert said_by(ledger)["tally"] == said_by(fresh)["tally"]


def test_two_keys_of_one_number_are_two_requests(tmp_path: Path) -> None:
    ids = "msg_ff81d0f447", "msg_69d19deb1c"
    assert len({number_of(f"m:{name}") for name in ids}) == 1
    logs = tmp_path / "logs" / "-a"
    logs.mkdir(parents=True)
    for place, name in enumerate(ids):
        (logs / f"{place}.jsonl").write_text(json.dumps(line(name, sessionId=f"s{place}")) + "\n")
    with closing(open_ledger([logs], folder=tmp_path / "home")) as ledger:
        assert ledger.update().requests == 2
        assert_sums_are_of_the_requests(ledger.connection)


def test_what_is_read_after_a_merge_into_an_empty_ledger_is_not_lost(tmp_path: Path) -> None:
    """No file of this machine is known then, but the ledger is not at its first scan."""
    for name in ("mine", "theirs"):
        (tmp_path / name / "-a").mkdir(parents=True)
        (tmp_path / name / "-a" / "s.jsonl").write_text(json.dumps(line(f"msg_{name}", sessionId=name)) + "\n")
    with closing(open_ledger([tmp_path / "theirs"], folder=tmp_path / "other")) as other:
        other.update()
    with closing(open_ledger([tmp_path / "mine"], folder=tmp_path / "home")) as ledger:
        assert merge(ledger, other.path).requests == 1
        assert ledger.update().requests == 2
        assert_sums_are_of_the_requests(ledger.connection)


def test_what_every_report_asks_opens_no_block(tmp_path: Path) -> None:
    """A block that cannot be read is never met by it; only what looks at single requests would be."""
    logs = tmp_path / "logs" / "-a"
    logs.mkdir(parents=True)
    path = logs / "s.jsonl"
    path.write_text("".join(json.dumps(line(f"msg_{number}")) + "\n" for number in range(2)))
    (logs / "kept.jsonl").write_text(json.dumps(line("msg_3", sessionId="kept")) + "\n")
    with closing(open_ledger([tmp_path / "logs"], folder=tmp_path / "home", keep_history=True)) as ledger:
        assert ledger.update().requests == 3
        assert ledger.connection.execute("UPDATE block SET rows = 'no JSON'").rowcount == 2
        path.unlink()
        assert ledger.update().history_requests == 2
        assert caveat_warnings(ledger.connection) == []
        book = PriceBook(PRICES, lambda name: name, web_search_pico_usd=1, us_geo_permille=1100)
        assert sum(cell.requests for cell in price_usage(ledger.connection, book, Grouping()).cells) == 3
        assert look(ledger.connection, book, Grouping(), 1_800_000_000_000).block is None
