"""A reader by its folder of fixtures: ``tests/fixtures/MODULE/`` holds logs as its agent keeps them and
``expected.json``. Readers without one are tested on single files in ``tests/test_readers.py``.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from costbasis.usage.ledger import Ledger, open_ledger
from costbasis.usage.readers import Reader, discover, files_below, reader_of

FIXTURES = Path(__file__).parents[1] / "fixtures"
CLASSES = ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output", "reasoning")


def folder_of(reader: Reader) -> Path:
    return FIXTURES / reader.NAME.replace("-", "_")


READERS = pytest.mark.parametrize(
    "reader",
    [reader for reader in discover().values() if (folder_of(reader) / "expected.json").is_file()],
    ids=lambda reader: reader.NAME,
)


def files_of(reader: Reader) -> list[str]:
    def refused(folder: str, error: OSError) -> None:
        raise error

    return [path for path in files_below(folder_of(reader), refused) if reader_of(path, head(path)) is reader]


def head(path: str) -> bytes:
    return Path(path).read_bytes()[:4096]


def holds(ledger: Ledger) -> dict[str, Any]:
    """What the ledger says, in the words of ``expected.json``."""
    sums = ", ".join(f"SUM({name}_tok)" for name in CLASSES)
    rows = ledger.connection.execute(
        f"SELECT date(time_ms / 1000, 'unixepoch') AS day, model, mode, geo, project, COUNT(*), SUM(web_searches),"
        f" SUM(partial_output), {sums} FROM request GROUP BY day, model, mode, geo, project"
    )
    names = ("day", "model", "mode", "geo", "project", "requests", "web_searches", "lower_bounds", *CLASSES)
    return {
        "rows": [dict(zip(names, row, strict=True)) for row in rows],
        "rules": dict(ledger.connection.execute("SELECT rule, COUNT(*) FROM request GROUP BY rule")),
        "skipped": {reason: count for reason, count, _ in ledger.skipped()},
        "dropped": {reason: count for reason, count, _ in ledger.dropped()},
    }


@READERS
def test_the_fixture_counts_as_its_notes_say(reader: Reader, tmp_path: Path) -> None:
    expected = json.loads((folder_of(reader) / "expected.json").read_text())
    ledger = open_ledger([folder_of(reader)], folder=tmp_path)
    summary = ledger.update()
    assert holds(ledger) == expected["holds"]
    assert (summary.files, summary.pending) == (expected["files"], expected["pending"])
    ledger.close()


@READERS
def test_reading_a_fixture_by_lines_as_it_grows_gives_the_same(reader: Reader, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    shutil.copytree(folder_of(reader), logs)
    for path in files_of(reader):
        (logs / Path(path).relative_to(folder_of(reader))).write_bytes(b"")
    ledger = open_ledger([logs], folder=tmp_path / "home")
    for path in files_of(reader):
        for part in Path(path).read_bytes().splitlines(keepends=True):
            for half in (part[: len(part) // 2], part[len(part) // 2 :]):
                with (logs / Path(path).relative_to(folder_of(reader))).open("ab") as file:
                    file.write(half)
                ledger.update()
    assert holds(ledger) == json.loads((folder_of(reader) / "expected.json").read_text())["holds"]
    ledger.close()


@READERS
def test_an_address_leads_to_its_line(reader: Reader) -> None:
    for path in files_of(reader):
        data = Path(path).read_bytes()
        found = reader.read(data, path, 0, {})
        for event in found.events:
            assert event.origin == f"{path}:{event.offset}"
            assert event.offset == 0 or data[event.offset - 1 : event.offset] == b"\n"
            assert event.model.encode() in data[event.offset :].split(b"\n")[0]
        for skip in found.skipped:
            assert int(skip.origin.removeprefix(f"{path}:")) < len(data)


@READERS
def test_an_event_is_of_its_agent_and_says_how_it_was_keyed(reader: Reader) -> None:
    events = [event for path in files_of(reader) for event in reader.read(Path(path).read_bytes(), path, 0, {}).events]
    assert events
    for event in events:
        assert event.agent == reader.NAME
        assert event.request_key
        assert event.key_rule
        assert event.session
        assert event.project
        assert min(event.counts) >= 0
        assert event.lines == 1 + sum(other.lines for other in event.others)


@READERS
def test_a_fixture_is_claimed_by_its_own_reader_and_by_no_earlier_one(reader: Reader) -> None:
    assert files_of(reader)
    for path in files_of(reader):
        assert reader.claims(path, head(path))
