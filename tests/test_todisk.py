"""A new ledger goes to the disk while logs are still read; what the disk says then is not lost."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from costbasis.errors import UnreadableInput
from costbasis.usage.ledger import ledger as ledgers
from costbasis.usage.ledger import todisk
from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.ledger.todisk import sent_meanwhile

from .logs import line, raw, write_log
from .needed import missing


@pytest.fixture
def numbered_files() -> None:
    """A system that tells under which number a file is open."""
    if not todisk.OPEN_FILES.is_dir():
        missing(str(todisk.OPEN_FILES))


def waited_for(done: list[int]) -> None:
    until = time.monotonic() + 10
    while not done and time.monotonic() < until:
        time.sleep(0.005)


@pytest.mark.usefixtures("numbered_files")
def test_a_file_that_is_open_is_sent_under_its_own_number_until_the_block_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(todisk.os, "fdatasync", sent.append)
    with (tmp_path / "ledger").open("wb") as file:
        with sent_meanwhile(tmp_path / "ledger") as send:
            assert not sent
            send()
            send()
            waited_for(sent)
        assert set(sent) == {file.fileno()}
        before = len(sent)
        time.sleep(2 * todisk.PERIOD_S)
        assert len(sent) == before


def test_where_the_file_is_not_open_nothing_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr(todisk.os, "fdatasync", sent.append)
    (tmp_path / "ledger").touch()
    for places in (todisk.OPEN_FILES, tmp_path / "no such folder"):
        monkeypatch.setattr(todisk, "OPEN_FILES", places)
        with sent_meanwhile(tmp_path / "ledger") as send:
            send()
            time.sleep(2 * todisk.PERIOD_S)
    assert sent == []


@pytest.mark.usefixtures("numbered_files")
def test_a_disk_that_fails_meanwhile_is_said_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, home = tmp_path / "tree", tmp_path / "home"
    for name in ("1", "2"):
        write_log(tree, raw(line(f"msg_{name}")), f"{name}.jsonl")
    failed: list[int] = []

    def fails(file: int) -> None:
        failed.append(file)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(ledgers, "PARALLEL_BYTES", 0)
    monkeypatch.setattr(todisk, "PERIOD_S", 0.001)
    with monkeypatch.context() as broken:
        broken.setattr(todisk.os, "fdatasync", fails)
        ledger = open_ledger([tree], folder=home)
        with pytest.raises(UnreadableInput, match=r"no room for the ledger: disk I/O error \(Input/output error\)"):
            ledger.update(lambda done, total: time.sleep(0.05))
        assert failed
        assert ledger.connection.execute("SELECT COUNT(*) FROM file").fetchone() == (0,)
        ledger.close()
    again = open_ledger([tree], folder=home)
    assert again.update().requests == 2
    again.close()
