"""Every reader by its folder of fixtures: ``tests/fixtures/MODULE/`` holds logs as its agent keeps them and
``expected.json``, what they hold. A reader without one fails; a new one is found by itself.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.errors import NoLogs
from costbasis.usage.events import TokenCounts, UsageEvent, add_counts
from costbasis.usage.formats.logline import MOST_TOK
from costbasis.usage.ledger.ledger import Ledger, open_ledger
from costbasis.usage.readers import FileReading, Reader, discover, reader_named, reader_of

from ..fixture_trees import EACH_READER, READERS, files_of, folder_of, head_of, laid_out

CLASSES = ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output", "reasoning")


def read(reader: Reader, path: Path, data: bytes | None = None) -> FileReading:
    """What a reader makes of a file, or of other bytes in its place."""
    if data is not None:
        path.write_bytes(data)
    return reader.read(path.read_bytes() if reader.WANTS_BYTES else b"", str(path), 0, {})


def total(found: FileReading) -> TokenCounts:
    counts = TokenCounts()
    for event in found.requests:
        counts = add_counts(counts, event.counts)
    return counts


def events_of(reader: Reader, folder: Path) -> list[UsageEvent]:
    """What a reader makes of all its fixtures."""
    return [
        event for path in files_of(reader, laid_out(reader, folder / "home")) for event in read(reader, path).requests
    ]


def holds(ledger: Ledger, home: Path) -> dict[str, Any]:
    """What the ledger says, in the words of ``expected.json``."""
    sums = ", ".join(f"SUM({name}_tok)" for name in CLASSES)
    rows = ledger.connection.execute(
        f"SELECT date(time_ms / 1000, 'unixepoch') AS day, model, mode, geo, project, COUNT(*), SUM(web_searches),"
        f" SUM(partial_output), {sums} FROM request GROUP BY day, model, mode, geo, project"
    )
    names = ("day", "model", "mode", "geo", "project", "requests", "web_searches", "lower_bounds", *CLASSES)
    told = [dict(zip(names, row, strict=True)) for row in rows]
    return {
        "rows": [row | {"project": row["project"].replace(str(home), "~")} for row in told],
        "rules": dict(ledger.connection.execute("SELECT rule, COUNT(*) FROM request GROUP BY rule")),
        "skipped": {reason: count for reason, count, _ in ledger.skipped()},
        "dropped": {reason: count for reason, count, _ in ledger.dropped()},
    }


@EACH_READER
def test_the_fixture_counts_as_its_notes_say(reader: Reader, tmp_path: Path) -> None:
    expected = json.loads((folder_of(reader) / "expected.json").read_text())
    home = laid_out(reader, tmp_path / "home")
    ledger = open_ledger([home], folder=tmp_path / "ledgers")
    summary = ledger.update()
    assert holds(ledger, home) == expected["holds"]
    assert (summary.files, summary.pending) == (expected["files"], expected["pending"])
    assert not summary.problems
    ledger.close()


@EACH_READER
def test_what_a_reader_counts_is_what_the_ledger_keeps(reader: Reader, tmp_path: Path) -> None:
    """Counts are conserved: each request once, from the best of its tellings, and nothing beside them."""
    home = laid_out(reader, tmp_path / "home")
    told: dict[str, set[TokenCounts]] = {}
    for path in files_of(reader, home):
        for event in read(reader, path).requests:
            told.setdefault(event.request_key, set()).add(event.counts)
    ledger = open_ledger([home], folder=tmp_path / "ledgers")
    ledger.update()
    sums = ", ".join(f"{name}_tok" for name in CLASSES)
    kept = {
        key: TokenCounts(*counts)
        for key, *counts in ledger.connection.execute(f"SELECT request_key, {sums} FROM request")
    }
    ledger.close()
    assert set(kept) == set(told)
    assert all(kept[key] in counts for key, counts in told.items())


@EACH_READER
def test_its_own_places_lead_to_the_fixture(reader: Reader, tmp_path: Path) -> None:
    """The fixture lies as in a home, so the places of the reader are those where its agent writes."""
    home = laid_out(reader, tmp_path / "home")
    environ = {"CLAUDE_CONFIG_DIR": str(home)} if reader.NAME == "claude-code" else {}
    if reader.NAME == "crush":
        register = home / ".local" / "share" / "crush" / "projects.json"
        register.parent.mkdir(parents=True)
        project = str(home / "home" / "dev" / "shop")
        register.write_text(json.dumps({"projects": [{"path": project, "data_dir": ".crush"}, {"path": 7}, None]}))
    roots = reader.roots(environ, home)
    found = {path for root in roots for path in files_of(reader, root)}
    assert found == (set(files_of(reader, home)) if roots else set()), "an export has no place of its own"


@EACH_READER
def test_reading_a_fixture_as_it_grows_gives_the_same(reader: Reader, tmp_path: Path) -> None:
    """Lines come half by half; documents and databases are written again."""
    home = laid_out(reader, tmp_path / "home")
    whole = {path: path.read_bytes() for path in files_of(reader, home)}
    ledger = open_ledger([home], folder=tmp_path / "ledgers")
    for path, data in whole.items():
        path.write_bytes(b"")
        ends = [at + 1 for at, byte in enumerate(data) if byte == ord("\n")] if path.suffix == ".jsonl" else []
        for end in sorted({*ends, *(end - 7 for end in ends if end > 7), len(data) // 2, len(data)}):
            path.write_bytes(data[:end])
            ledger.update()
    expected = json.loads((folder_of(reader) / "expected.json").read_text())
    assert holds(ledger, home) == expected["holds"]
    ledger.close()


@EACH_READER
def test_a_file_that_goes_takes_its_requests_along(reader: Reader, tmp_path: Path) -> None:
    home = laid_out(reader, tmp_path / "home")
    ledger = open_ledger([home], folder=tmp_path / "ledgers")
    ledger.update()
    for path in files_of(reader, home):
        path.unlink()
    with pytest.raises(NoLogs):
        ledger.update()
    assert ledger.connection.execute("SELECT COUNT(*) FROM request").fetchone() == (0,)
    assert ledger.connection.execute("SELECT COUNT(*) FROM skipped").fetchone() == (0,)
    ledger.close()


@EACH_READER
def test_an_address_leads_to_its_line(reader: Reader, tmp_path: Path) -> None:
    for path in files_of(reader, laid_out(reader, tmp_path / "home")):
        data, found = path.read_bytes(), read(reader, path)
        for event in found.requests:
            assert event.origin == f"{path}:{event.offset}"
            if path.suffix == ".jsonl":
                line = data[event.offset :].split(b"\n")[0]
                assert event.offset == 0 or data[event.offset - 1 : event.offset] == b"\n"
                assert any(str(count).encode() in line for count in event.counts if count)
            if path.suffix == ".csv":
                row = list(csv.reader(path.read_text().splitlines(keepends=True)))[event.offset - 1]
                assert str(event.counts.output_tok) in row
        for skip in found.skipped:
            place = int(skip.origin.removeprefix(f"{path}:"))
            assert 0 <= place < max(len(data), 1)


@EACH_READER
def test_an_event_is_of_an_agent_and_says_how_it_was_keyed(reader: Reader, tmp_path: Path) -> None:
    events = [
        event for path in files_of(reader, laid_out(reader, tmp_path / "home")) for event in read(reader, path).requests
    ]
    assert events
    for event in events:
        assert event.agent in {other.NAME for other in READERS}
        assert event.request_key.partition(":")[0] and event.request_key.partition(":")[2]
        assert event.key_rule and "; " not in event.key_rule
        assert event.session
        assert event.model
        assert min(event.counts) >= 0
        assert event.counts.reasoning_tok <= event.counts.output_tok
        assert event.lines == 1 + sum(other.lines for other in event.others)


def test_a_key_begins_with_a_mark_that_no_other_agent_uses(tmp_path: Path) -> None:
    marks: dict[str, set[str]] = {}
    for reader in READERS:
        for event in events_of(reader, tmp_path / reader.NAME):
            marks.setdefault(event.request_key.partition(":")[0], set()).add(event.agent)
    tasks = marks.pop("v")
    assert tasks == {"cline", "roo-code", "kilo-code"}, "their keys tell the agent behind the mark"
    assert all(len(agents) == 1 for agents in marks.values()), marks


@EACH_READER
def test_counts_that_are_not_exact_by_request_say_so(reader: Reader, tmp_path: Path) -> None:
    rules = {
        event.key_rule
        for path in files_of(reader, laid_out(reader, tmp_path / "home"))
        for event in read(reader, path).requests
    }
    assert set(reader.CAVEATS) <= rules, "a caveat that no fixture shows"
    for rule in rules:
        inexact = any(word in rule for word in ("estimate", "total, shared", "last request", "in one"))
        assert inexact == (rule in reader.CAVEATS), rule


@EACH_READER
def test_a_fixture_is_claimed_by_its_own_reader(reader: Reader, tmp_path: Path) -> None:
    home = laid_out(reader, tmp_path / "home")
    assert files_of(reader, home)
    for path in files_of(reader, home):
        assert reader_of(str(path), head_of(path)) is reader


def law_of_damage(reader: Reader, path: Path, data: bytes) -> FileReading:
    """Whatever a file holds: no exception, known reasons, addresses, and counts that fit."""
    found = read(reader, path, data)
    assert all(skip.reason in reader.REASONS for skip in found.skipped), found.skipped
    assert all(int(skip.origin.removeprefix(f"{path}:")) >= 0 for skip in found.skipped)
    for event in found.requests:
        assert min(event.counts) >= 0 and max(event.counts) <= 2 * MOST_TOK
        assert event.counts.reasoning_tok <= event.counts.output_tok
        assert event.model and event.session
        "".join((event.model, event.session, event.project, event.request_key)).encode()
    return found


def law_of_cuts(reader: Reader, path: Path, data: bytes, cuts: list[int]) -> None:
    whole = total(read(reader, path, data))
    for cut in cuts:
        part = total(law_of_damage(reader, path, data[:cut]))
        assert all(some <= entire for some, entire in zip(part, whole, strict=True)), cut
    path.write_bytes(data)


def with_siblings(reader: Reader, tmp_path: Path) -> list[tuple[Path, bytes]]:
    home = laid_out(reader, tmp_path / "home")
    return [(path, path.read_bytes()) for path in files_of(reader, home)]


@EACH_READER
def test_a_file_cut_anywhere_never_counts_more_than_the_whole(reader: Reader, tmp_path: Path) -> None:
    for path, data in with_siblings(reader, tmp_path):
        law_of_cuts(reader, path, data, sorted({*range(0, len(data), max(1, len(data) // 40)), len(data) - 1}))


@pytest.mark.slow
@EACH_READER
def test_a_file_cut_at_any_byte_never_counts_more_than_the_whole(reader: Reader, tmp_path: Path) -> None:
    for path, data in with_siblings(reader, tmp_path):
        step = 1 if path.suffix in (".json", ".jsonl") else 37  # a database is pages of zeros between few bytes
        law_of_cuts(reader, path, data, list(range(0, len(data), step)))


@EACH_READER
def test_flipped_bytes_are_survived(reader: Reader, tmp_path: Path) -> None:
    flip(reader, tmp_path, rounds=40)


@pytest.mark.slow
@EACH_READER
def test_many_flipped_bytes_are_survived(reader: Reader, tmp_path: Path) -> None:
    flip(reader, tmp_path, rounds=1500)


def flip(reader: Reader, tmp_path: Path, rounds: int) -> None:
    chance = random.Random(7)
    for path, data in with_siblings(reader, tmp_path):
        for _ in range(rounds):
            flipped = bytearray(data)
            for _ in range(chance.randrange(1, 6)):
                flipped[chance.randrange(len(flipped))] = chance.choice((0, 34, 44, 45, 48, 91, 93, 123, 125, 255))
            law_of_damage(reader, path, bytes(flipped))
        path.write_bytes(data)


WRONG = st.one_of(
    st.sampled_from([None, True, False, "", "text", "12", "\u0000", "2026-02-30T00:00:00Z"]),
    st.sampled_from([-5, 1.5, 10**18, -(10**30), [], [1], {}, {"x": []}]),
)


def documents_of(path: Path, data: bytes) -> tuple[list[Any], str]:
    """The JSON values that a file holds, and what parts them."""
    if path.suffix == ".jsonl":
        lines = [line for line in data.split(b"\n") if line]
        return [
            json.loads(line) if line.startswith(b"{") and line.endswith(b"}") else line.decode() for line in lines
        ], "\n"
    return [json.loads(data)], ""


def replaced(value: Any, choose: Callable[[int], int], wrong: Any) -> Any:
    """A value with one part of it, at any depth, put in by *wrong*."""
    parts = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    if not parts or choose(6) == 0:
        return wrong
    name, part = parts[choose(len(parts))]
    copy = value.copy()
    copy[name] = replaced(part, choose, wrong)
    return copy


@EACH_READER
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_wrong_types_in_any_field_are_survived(
    reader: Reader, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wrong_somewhere(reader, data, tmp_path_factory)


@pytest.mark.slow
@EACH_READER
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_many_wrong_types_are_survived(
    reader: Reader, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wrong_somewhere(reader, data, tmp_path_factory)


def wrong_somewhere(reader: Reader, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """One part of one document of a fixture is of another type; counts come from numbers that are there."""
    home = HOMES.setdefault(reader.NAME, tmp_path_factory.mktemp(reader.NAME) / "home")
    if not home.exists():
        laid_out(reader, home)
    paths = [path for path in files_of(reader, home) if path.suffix in (".json", ".jsonl", ".csv")]
    if not paths:
        wrong_in_database(reader, data, home)
        return
    path = data.draw(st.sampled_from(paths))
    before = path.read_bytes()
    if path.suffix == ".csv":
        wrong_in_table(reader, data, path, before)
        return
    values, newline = documents_of(path, before)
    place = data.draw(st.integers(0, len(values) - 1))
    if not isinstance(values[place], str):
        values[place] = replaced(values[place], lambda most: data.draw(st.integers(0, most - 1)), data.draw(WRONG))
    lines = (value if isinstance(value, str) and newline else json.dumps(value) for value in values)
    found = law_of_damage(reader, path, newline.join(lines).encode("utf-8", "surrogatepass"))
    numbers = sum(int(number) for number in re.findall(rb"\d{1,18}", path.read_bytes()))
    path.write_bytes(before)
    assert sum(sum(event.counts[:6]) for event in found.requests) <= numbers, "tokens that no number of the file tells"


def wrong_in_table(reader: Reader, data: st.DataObject, path: Path, before: bytes) -> None:
    """One cell of a CSV holds something else."""
    rows = list(csv.reader(before.decode().splitlines(keepends=True)))
    row = data.draw(st.sampled_from(rows))
    row[data.draw(st.integers(0, len(row) - 1))] = str(data.draw(WRONG))
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    found = law_of_damage(reader, path, text.getvalue().encode("utf-8", "surrogatepass"))
    numbers = sum(int(number) for number in re.findall(rb"\d{1,18}", path.read_bytes()))
    path.write_bytes(before)
    assert sum(sum(event.counts[:6]) for event in found.requests) <= numbers, "tokens that no number of the file tells"


HOMES: dict[str, Path] = {}


def wrong_in_database(reader: Reader, data: st.DataObject, home: Path) -> None:
    """One cell of the database of another type."""
    path = data.draw(st.sampled_from(files_of(reader, home)))
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        tables = [row[0] for row in database.execute(query)]
        table = data.draw(st.sampled_from(sorted(tables)))
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        wrong = data.draw(st.sampled_from([None, "", "text", -5, 1.5, 2**62, b"\xff\xfe", b"", '{"a":', "[]", "null"]))
        with suppress(sqlite3.IntegrityError):
            column, row = data.draw(st.sampled_from(columns)), data.draw(st.integers(1, 6))
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (wrong, row))
    law_of_damage(reader, path, path.read_bytes())
    path.write_bytes(before)


@EACH_READER
def test_zeros_and_a_line_of_ten_megabytes_change_no_count(reader: Reader, tmp_path: Path) -> None:
    for path, data in with_siblings(reader, tmp_path):
        assert not law_of_damage(reader, path, b"\0" * 4096).requests
        if path.suffix != ".jsonl":
            continue
        whole = read(reader, path, data)
        long_line = b'{"type":"noise","usage":"' + b"x" * 10_000_000 + b'"}\n'
        more = law_of_damage(reader, path, data + (b"" if data.endswith(b"\n") else b"\n") + b"\0\0\0\n" + long_line)
        assert total(more) == total(whole)
        assert len(more.requests) == len(whole.requests)
        path.write_bytes(data)


@EACH_READER
def test_an_empty_file_holds_nothing(reader: Reader, tmp_path: Path) -> None:
    for path, _ in with_siblings(reader, tmp_path):
        found = read(reader, path, b"")
        assert (found.requests, found.pending) == ([], 0)


@EACH_READER
def test_a_reader_is_found_alone_by_its_name(reader: Reader) -> None:
    assert reader_named(reader.NAME) is reader


def test_the_counts_of_estimates_and_of_session_totals_are_flagged_by_name() -> None:
    assert of_kind("estimated tokens") == {
        "cursor", "crush",
    }  # fmt: skip
    assert of_kind("session totals") == {
        "copilot-cli", "droid", "goose", "grok-build", "zed",
    }  # fmt: skip


def of_kind(kind: str) -> set[str]:
    """The readers with a caveat of this kind."""
    return {name for name, reader in discover().items() if any(told.kind == kind for told in reader.CAVEATS.values())}
