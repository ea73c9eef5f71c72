"""Which line of a TOML text a key stands on, so that a message can name it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([\w.\-]+)\s*\]{1,2}")
_KEY = re.compile(r"^\s*([\w\-]+(?:\.[\w\-]+)*)\s*=")


def line_of(text: str, keys: Sequence[str | int]) -> int:
    """Line (from 1) of a table, an item of an array of tables, or a key in one; 0 where it is not there.

    Where the whole path is not there, the nearest table around it counts: a missing field is missed in its table.

    >>> text = 'id = "x"\\n[stated]\\nvalue = 5\\n[[step]]\\nby = "a"\\n[[step]]\\nby = "b"\\n'
    >>> line_of(text, ["stated", "value"]), line_of(text, ["step", 1, "by"]), line_of(text, ["stated", "unit"])
    (3, 7, 2)
    >>> line_of(text, ["nowhere"])
    0
    """
    found = _lines(text)
    path = tuple(keys)
    while path:
        if path in found:
            return found[path]
        path = path[:-1]
    return 0


def _lines(text: str) -> dict[tuple[str | int, ...], int]:
    found: dict[tuple[str | int, ...], int] = {}
    seen: dict[str, int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            names: tuple[str | int, ...] = tuple(header[2].split("."))
            if header[1] == "[[":
                index = seen.get(header[2], -1) + 1
                seen[header[2]] = index
                found.setdefault(names, number)
                names = (*names, index)
            table = names
            found.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            found.setdefault((*table, *key[1].split(".")), number)
    return found
