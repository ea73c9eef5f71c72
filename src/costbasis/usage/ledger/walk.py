"""Which files below a folder may be logs, and by what a file is known again. The standard library alone, and fast."""

from __future__ import annotations

import os
import stat

from costbasis.sha256 import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Refused = Callable[[str, OSError], None]

LOG_ENDINGS = (".jsonl", ".json", ".csv", ".db", ".sqlite", ".vscdb")
"""What the name of a log ends in, whoever wrote it. Other files are not opened."""

DATABASE_ENDINGS = (".db", ".sqlite", ".sqlite3", ".vscdb")


def files_below(root: str, refused: Refused) -> Iterator[str]:
    """Files below *root* that may be logs, or *root* itself; sorted, links followed, each folder once.

    A root that is not there holds nothing; what else cannot be looked into is told to *refused*, with the error.
    """
    try:
        is_folder = stat.S_ISDIR(os.stat(root).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        refused(root, error)
        return
    if is_folder:
        yield from _below(root, refused, set())
    else:
        yield root


def _below(folder: str, refused: Refused, visited: set[tuple[int, int]]) -> Iterator[str]:
    try:
        here = os.stat(folder)
        if (here.st_dev, here.st_ino) in visited:
            return
        visited.add((here.st_dev, here.st_ino))
        with os.scandir(folder) as entries:
            found = sorted((entry.name, entry.path, _is_folder(entry)) for entry in entries)
    except OSError as error:
        refused(folder, error)
        return
    for name, path, is_folder in found:
        if is_folder:
            yield from _below(path, refused, visited)
        elif name.endswith(LOG_ENDINGS):
            yield path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself: it is told of when it is opened
        return False


def trace_of(path: str, now: os.stat_result) -> tuple[int, int, int]:
    """Size, time and inode by which a file is known; of a database, with its write-ahead log, where new rows are."""
    if not path.endswith(DATABASE_ENDINGS):
        return now.st_size, now.st_mtime_ns, now.st_ino
    try:
        log = os.stat(f"{path}-wal")
    except OSError:
        return now.st_size, now.st_mtime_ns, now.st_ino
    return now.st_size + log.st_size, max(now.st_mtime_ns, log.st_mtime_ns), now.st_ino


def tree_of(roots: Sequence[str]) -> str:
    """A hash of every file below *roots* that may be a log, by its trace, and of what cannot be looked into."""
    seen: list[str] = []

    def refused(folder: str, error: OSError) -> None:
        seen.append(f"{folder}\0{error.errno}")

    for root in roots:
        for path in files_below(root, refused):
            try:
                size, mtime_ns, inode = trace_of(path, os.stat(path))
                seen.append(f"{path}\0{size}\0{mtime_ns}\0{inode}")
            except OSError as error:
                seen.append(f"{path}\0{error.errno}")
    return str(sha256("\n".join(seen).encode("utf-8", "surrogateescape")).hexdigest())
