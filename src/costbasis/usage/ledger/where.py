"""Where a ledger lies: the standard library alone, for the lane that answers before anything else is loaded."""

from __future__ import annotations

import os
import stat

from costbasis.sha256 import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AGENTS = "agents.sqlite"
"""The ledger of this machine's agents, which keeps what deleted logs said."""


def ledger_folder(environ: Mapping[str, str], home: str) -> str:
    """Where ledgers are kept: below ``COSTBASIS_HOME``, else ``XDG_DATA_HOME``, else ``~/.local/share``.

    >>> ledger_folder({"COSTBASIS_HOME": "/c"}, "/home/dev"), ledger_folder({}, "/home/dev")
    ('/c/ledgers', '/home/dev/.local/share/costbasis/ledgers')
    """
    if environ.get("COSTBASIS_HOME"):
        return f"{environ['COSTBASIS_HOME'].rstrip('/')}/ledgers"
    data = environ.get("XDG_DATA_HOME") or f"{home}/.local/share"
    return f"{data}/costbasis/ledgers"


def ledger_file(roots: Iterable[str], keep_history: bool) -> str:
    """The name of the ledger of a set of roots."""
    return AGENTS if keep_history else f"{name_of(real_paths(roots))}.sqlite"


def real_paths(roots: Iterable[str]) -> list[str]:
    """The roots without links, each once, in order; each folder on the way asked once.

    >>> real_paths(["/nowhere/b/", "/nowhere/a/../b", "/nowhere/b"])
    ['/nowhere/b']
    """
    known: set[str] = set()
    return sorted({root if _is_plain(root, known) else os.path.realpath(root) for root in roots})


def _is_plain(root: str, known: set[str]) -> bool:
    is_whole = os.name == "posix" and root[:1] == "/" != root[1:2] and os.path.normpath(root) == root
    return is_whole and not _is_led_away(root, known)


def are_real(paths: Iterable[str]) -> bool:
    """Whether no real path has become another: as ``real_paths(paths) == paths``, each folder on the way asked once."""
    if os.name != "posix":
        paths = list(paths)
        return real_paths(paths) == paths
    known: set[str] = set()
    return not any(_is_led_away(path, known) for path in paths)


def _is_led_away(path: str, known: set[str]) -> bool:
    """Whether a part of a path is a link. *known*: parts that are none, or are not there."""
    end = 0
    while end < len(path):
        end = path.find("/", end + 1)
        if end < 0:
            end = len(path)
        part = path[:end]
        if part in known:
            continue
        known.add(part)
        try:
            if stat.S_ISLNK(os.lstat(part).st_mode):
                return True
        except OSError:
            return False
    return False


def name_of(roots: Iterable[str]) -> str:
    """A name for a set of real paths."""
    return str(sha256("\n".join(roots).encode("utf-8", "surrogateescape")).hexdigest()[:16])
