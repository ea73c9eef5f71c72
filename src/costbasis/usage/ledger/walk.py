"""Which files below a folder may be logs, and by what a file is known again. The standard library alone, and fast."""

from __future__ import annotations

import os
import stat

from costbasis.sha256 import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Seen = tuple[str, os.stat_result | None, OSError | None, bool]
    """A path, how it is, or what happened where that could not be learned, and whether it is a folder then."""

LOG_ENDINGS = (".jsonl", ".json", ".csv", ".db", ".sqlite", ".vscdb")
"""What the name of a log ends in, whoever wrote it. Other files are not opened."""

DATABASE_ENDINGS = (".db", ".sqlite", ".sqlite3", ".vscdb")


class Met:
    """What a look came by: *folders* with their times, places that were *absent*, *links* that lead to no folder."""

    __slots__ = ("absent", "folders", "is_whole", "links", "newest_ns")

    def __init__(self, folders: list[str], absent: list[str], links: list[str]) -> None:
        self.folders, self.absent, self.links = folders, absent, links
        self.newest_ns = 0
        self.is_whole = True

    def folder(self, path: str, now: os.stat_result) -> None:
        """A folder was looked into, or was one that was looked into before."""
        self.folders.append(folder_line(path, now))
        if now.st_mtime_ns > self.newest_ns:
            self.newest_ns = now.st_mtime_ns


def folder_line(path: str, now: os.stat_result) -> str:
    """A folder, and by what it is known to hold the same names."""
    return f"{path}\0{now.st_mtime_ns}\0{now.st_ino}\0{now.st_dev}"


def look(roots: Iterable[str], met: Met | None = None) -> list[Seen]:
    """Files below *roots* that may be logs, or a root itself, as they are; sorted, links followed, each folder once.

    A root that is not there holds nothing; what cannot be looked at is told with the error.
    """
    found: list[Seen] = []
    met = met or Met([], [], [])
    for root in roots:
        try:
            now = os.stat(root)
        except (FileNotFoundError, NotADirectoryError):
            met.absent.append(root)
            continue
        except OSError as error:
            found.append((root, None, error, True))
            continue
        if stat.S_ISDIR(now.st_mode):
            _look_below(root, found, set(), met)
        else:
            found.append((root, now, None, False))
    met.is_whole = not any(error for _, _, error, _ in found)
    return found


def _look_below(folder: str, found: list[Seen], visited: set[tuple[int, int]], met: Met) -> None:
    try:
        here = os.stat(folder)
        met.folder(folder, here)
        if (here.st_dev, here.st_ino) in visited:
            return
        visited.add((here.st_dev, here.st_ino))
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=_name)
    except OSError as error:
        found.append((folder, None, error, True))
        return
    for entry in inside:
        if _is_folder(entry):
            _look_below(entry.path, found, visited, met)
        elif entry.name.endswith(LOG_ENDINGS):
            try:
                found.append((entry.path, os.stat(entry.path), None, False))
            except OSError as error:
                found.append((entry.path, None, error, False))
        elif entry.is_symlink():
            met.links.append(entry.path)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself: it is told of when it is opened
        return False


class Change:
    """What a look saw that another did not: files as they are now, and names of the two looks."""

    __slots__ = ("changed", "now", "since")

    def __init__(self, since: str, now: str, changed: list[Seen]) -> None:
        self.since, self.now, self.changed = since, now, changed


_HANDED: list[tuple[list[str], list[Seen], Change | None]] = []


def hand_over(roots: Iterable[str], seen: list[Seen], change: Change | None = None) -> None:
    """Leave a look at *roots* to the ledger that is brought up to date next, and what *change* it saw."""
    _HANDED[:] = [(sorted(roots), seen, change)]


def handed_roots() -> list[str]:
    """The roots whose look was left; none where nothing was."""
    return _HANDED[0][0] if _HANDED else []


def take_back() -> None:
    """Nothing is left for anybody any more."""
    _HANDED.clear()


def handed_change(roots: Iterable[str]) -> Change | None:
    """The change that was left with the look at *roots*; None where none was."""
    return _HANDED[0][2] if _HANDED and _HANDED[0][0] == sorted(roots) else None


def handed_or_new(roots: Iterable[str]) -> list[Seen]:
    """The look at *roots* that was left, once; else a new one."""
    wanted = sorted(roots)
    if _HANDED and _HANDED[0][0] == wanted:
        return _HANDED.pop()[1]
    return look(wanted)


def trace_of(path: str, now: os.stat_result) -> tuple[int, int, int]:
    """Size, time and inode by which a file is known; of a database, with its write-ahead log, where new rows are."""
    if not path.endswith(DATABASE_ENDINGS):
        return now.st_size, now.st_mtime_ns, now.st_ino
    try:
        log = os.stat(f"{path}-wal")
    except OSError:
        return now.st_size, now.st_mtime_ns, now.st_ino
    return now.st_size + log.st_size, max(now.st_mtime_ns, log.st_mtime_ns), now.st_ino


def tree_of(seen: Iterable[Seen]) -> str:
    """A hash of every file that was seen, by its trace, and of what could not be looked at."""
    return hash_of([file_line(path, now, error) for path, now, error, _ in seen])


def file_line(path: str, now: os.stat_result | None, error: OSError | None) -> str:
    """A file, and by what it is known to be the same."""
    if now is None:
        return f"{path}\0{error.errno if error else ''}"
    if path.endswith(DATABASE_ENDINGS):
        size, mtime_ns, inode = trace_of(path, now)
        return f"{path}\0{size}\0{mtime_ns}\0{inode}"
    return f"{path}\0{now.st_size}\0{now.st_mtime_ns}\0{now.st_ino}"


def hash_of(lines: Iterable[str]) -> str:
    """A hash of lines."""
    return str(sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest())
