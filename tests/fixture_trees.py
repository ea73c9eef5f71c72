"""Fixtures laid out as on a machine: a folder a reader, and its databases made from the SQL that is kept of them."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from costbasis.usage.ledger.walk import look
from costbasis.usage.readers import Reader, discover, reader_of

FIXTURES = Path(__file__).parent / "fixtures"
READERS = list(discover().values())
EACH_READER = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.NAME)


def folder_of(reader: Reader) -> Path:
    return FIXTURES / reader.NAME.replace("-", "_")


def laid_out(reader: Reader, target: Path) -> Path:
    """A copy of a reader's fixtures with its databases; the folder stands for a home."""
    shutil.copytree(folder_of(reader), target, ignore=shutil.ignore_patterns("expected.json"))
    for script in target.rglob("*.sql"):
        make_database(script.read_text(encoding="utf-8"), script.with_suffix(""))
        script.unlink()
    return target


def make_database(script: str, path: Path) -> None:
    """A database from SQL, in which ``zstd(text)`` is the text compressed as Zed does."""
    with closing(sqlite3.connect(path)) as database:
        database.create_function("zstd", 1, _compressed, deterministic=True)
        database.executescript(script)


def _compressed(text: str) -> bytes:
    import backports.zstd

    return backports.zstd.compress(text.encode())


def files_of(reader: Reader, home: Path) -> list[Path]:
    """The files below a folder that are this reader's."""

    found = [Path(path) for path, now, _, _ in look([str(home)]) if now is not None]
    return [path for path in found if reader_of(str(path), head_of(path)) is reader]


def head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)
