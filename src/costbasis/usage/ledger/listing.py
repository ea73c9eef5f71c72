"""A look that is quicker the second time: which files there are, as long as their folders say that none came or went.

A folder's time changes when a name in it comes, goes or is replaced. So the names of a look hold while all folders
have the time that they had: each file is looked at, and no folder is read. The standard library alone.
"""

from __future__ import annotations

import os
import stat
import time

from costbasis.usage.ledger.walk import Met, file_line, folder_line, hash_of, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from costbasis.usage.ledger.walk import Seen

FORMAT = "costbasis names 1"

SETTLED_NS = 3_000_000_000
"""How old a folder's time must be when it is looked at. The coarsest clock of a disk ticks every two seconds, and a
name that comes within the same tick does not change the time."""


class Look:
    """What was *seen* below *roots*, a line a file (*files*), what was *met* on the way, and a hash of the lines.

    *is_kept*: nothing of it differs from what is kept at its place. *since*: the hash of the look whose names it went
    by, and *changed* what it saw of them otherwise; "" and everything where it went by none.
    """

    __slots__ = ("changed", "files", "is_kept", "met", "roots", "seen", "since", "tree")

    def __init__(self, roots: Sequence[str], seen: list[Seen], met: Met, kept: tuple[list[str], str] | None) -> None:
        self.roots, self.seen, self.met = list(roots), seen, met
        self.files = [file_line(path, now, error) for path, now, error, _ in seen]
        before, self.since = kept or ([], "")
        self.is_kept = kept is not None and before == self.files
        self.tree = self.since if self.is_kept else hash_of(self.files)
        self.changed = self.seen
        if kept is not None:
            self.changed = [one for one, now, was in zip(seen, self.files, before, strict=True) if now != was]


def look_again(place: str, roots: Sequence[str]) -> Look:
    """A look below *roots*: by the names kept at *place* where they hold, else into every folder."""
    return _by_names(place, roots) or look_anew(roots)


def look_anew(roots: Sequence[str]) -> Look:
    """A look into every folder below *roots*."""
    return Look(roots, *into_every_folder(roots), None)


def into_every_folder(roots: Sequence[str]) -> tuple[list[Seen], Met]:
    """What is seen and met below *roots*."""
    began_ns = time.time_ns()
    met = Met([], [], [])
    seen = look(roots, met)
    met.is_whole = met.is_whole and met.newest_ns < began_ns - SETTLED_NS
    return seen, met


def said_of(roots: Sequence[str], seen: Sequence[Seen], met: Met) -> tuple[Any, ...]:
    """A look as plain values, for another process: of a file what it is known by, and of an error its words."""
    told = [
        (path, is_folder, *_traits(now), *(() if error is None else (error.errno, error.strerror, error.filename)))
        for path, now, error, is_folder in seen
    ]
    return list(roots), told, met.folders, met.absent, met.links, met.is_whole


def _traits(now: os.stat_result | None) -> tuple[int, ...]:
    return (0, 0, 0, 0) if now is None else (now.st_mode, now.st_ino, now.st_size, now.st_mtime_ns)


def look_of(said: tuple[Any, ...]) -> Look:
    """The look that another process took into every folder; of a file, what was not told is zero."""
    roots, told, folders, absent, links, is_whole = said
    seen: list[Seen] = []
    for path, is_folder, mode, inode, size, mtime_ns, *error in told:
        if error:
            seen.append((path, None, OSError(*error), is_folder))
        else:
            now = os.stat_result((mode, inode, 0, 0, 0, 0, size, 0, 0, 0, 0.0, 0.0, 0.0, 0, mtime_ns))
            seen.append((path, now, None, is_folder))
    met = Met(folders, absent, links)
    met.is_whole = is_whole
    return Look(roots, seen, met, None)


def place_of(ledger: str) -> str:
    """Where the names are kept of what a ledger was read from."""
    return f"{ledger.removesuffix('.sqlite')}.names"


def _by_names(place: str, roots: Sequence[str]) -> Look | None:
    try:
        parts = _read(place)
        if parts is None:
            return None
        (tree,), kept_roots, folders, files, absent, links = parts
        if kept_roots != list(roots):
            return None
        if [folder_line(path, os.stat(path)) for path in map(_path, folders)] != folders:
            return None
        seen: list[Seen] = [(path, os.stat(path), None, False) for path in map(_path, files)]
    except (OSError, ValueError):
        return None
    if any(now is not None and stat.S_ISDIR(now.st_mode) for _, now, _, _ in seen):
        return None
    if any(map(os.path.lexists, absent)) or any(map(os.path.isdir, links)):
        return None
    return Look(roots, seen, Met(folders, absent, links), (files, tree))


def _path(line: str) -> str:
    return line.partition("\0")[0]


def _read(place: str) -> list[list[str]] | None:
    """The parts that were written; None where that is not what is there."""
    with open(place, encoding="utf-8", errors="surrogateescape", newline="") as file:
        lines = file.read().split("\n")
    if len(lines) < 3 or lines[0] != FORMAT or lines[-1] != FORMAT:
        return None
    parts, begin = [], 2
    for count in map(int, lines[1].split()):
        parts.append(lines[begin : begin + count])
        begin += count
    return parts if begin == len(lines) - 1 else None


def keep_names(place: str, looked: Look) -> None:
    """Write the names down for the next time, where they are sure. Where that cannot be done, it is merely slower."""
    met = looked.met
    if looked.is_kept or not met.is_whole:
        return
    parts = ([looked.tree], looked.roots, met.folders, looked.files, met.absent, met.links)
    lines = [FORMAT, " ".join(str(len(part)) for part in parts), *(line for part in parts for line in part), FORMAT]
    if any("\n" in line for line in lines):  # in a name
        return
    new = f"{place}.{os.getpid()}"
    try:
        with open(new, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write("\n".join(lines))
        os.replace(new, place)
    except (OSError, ValueError):
        return
