"""No prompt, answer or payload is ever stored or printed: canaries stand in every text of every reader's fixtures."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.readers import Reader

from .command import Run
from .fixture_trees import EACH_READER, READERS, files_of, laid_out

CANARY = b"canary"


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@EACH_READER
def test_every_fixture_has_canaries_in_it(reader: Reader, tmp_path: Path) -> None:
    data = b"".join(path.read_bytes() for path in files_of(reader, laid_out(reader, tmp_path / "home")))
    assert data.count(CANARY) >= 2


@EACH_READER
def test_a_ledger_keeps_no_text_not_even_in_its_log(reader: Reader, tmp_path: Path) -> None:
    """The bytes of the ledger and of its write-ahead log, while it is open and when it is closed."""
    home = laid_out(reader, tmp_path / "home")
    with closing(open_ledger([home], folder=tmp_path / "ledgers")) as ledger:
        ledger.update()
        assert ledger.connection.execute("SELECT COUNT(*) FROM request").fetchone() != (0,)
        kept = bytes_below(tmp_path / "ledgers")
        assert any(name.endswith("-wal") for name in kept)
        assert [name for name, data in kept.items() if CANARY in data] == []
    assert [name for name, data in bytes_below(tmp_path / "ledgers").items() if CANARY in data] == []


COMMANDS = (
    pytest.param("usage --json --breakdown --by session", id="usage"),
    pytest.param("usage --by agent --lines codex --json", id="lines"),
    *[
        pytest.param(words, id=words, marks=pytest.mark.slow)
        for words in (
            "usage --by project --breakdown",
            "usage --format csv --by agent",
            "usage --format markdown",
            "usage --by agent --lines copilot-cli",
            "report",
            "report --json --out report.html",
        )
    ],
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the fixtures of all readers, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("home")
    for reader in READERS:
        laid_out(reader, folder / "logs" / reader.NAME)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_or_writes_a_text(command: str, home: Path, tmp_path: Path) -> None:
    name, *options = command.split()
    run = Run(home, name, str(home / "logs"), *options, cwd=tmp_path)
    assert run.status == 0, run.err
    assert len(run.out + run.err) > 100
    assert "canary" not in (run.out + run.err).lower()
    assert [name for name, data in bytes_below(tmp_path).items() if CANARY in data] == []
    assert [name for name, data in bytes_below(home / "cb").items() if CANARY in data] == []


@pytest.mark.slow
def test_what_is_said_of_broken_logs_holds_no_text(home: Path, tmp_path: Path) -> None:
    """What cannot be read is told by its address and a reason of a closed list, never by its text."""
    broken = tmp_path / "broken"
    shutil.copytree(home / "logs", broken)
    for path in broken.rglob("*.json*"):
        path.write_bytes(path.read_bytes().replace(b'":', b'"', 3))
    run = Run(tmp_path, "usage", str(broken), "--json")
    assert "canary" not in (run.out + run.err).lower()
