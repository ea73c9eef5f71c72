"""Models, modes and regions as whole numbers: what a row is of, as one key that engines sum by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

MOST_WORDS = 200
"""So many words of one column are looked up in a list; more of them are joined."""

DEFAULTS = {"model": "", "mode": "standard", "geo": ""}
"""What stands for a missing one."""


class Named(NamedTuple):
    """Rows of one model, mode and region, and how many they are."""

    log_model: str
    mode: str
    geo: str
    requests: int

    @property
    def name(self) -> tuple[str, str, str]:
        """What the table calls model, mode and region."""
        return self.log_model, self.mode, self.geo


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is to price: names in their order, and the first and the last second that is believed, if any is."""

    named: Sequence[Named]
    first_s: int | None
    last_s: int | None

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return sum(each.requests for each in self.named)


def named_rows(rows: Iterable[tuple[str | None, str | None, str | None, int]]) -> list[Named]:
    """The rows of ``table_names``, those of one name together, in order: prices are numbered alike on every engine.

    >>> named_rows([("m", None, "", 1), ("m", "standard", None, 2)])
    [Named(log_model='m', mode='standard', geo='', requests=3)]
    """
    found: dict[tuple[str, str, str], int] = {}
    for model, mode, geo, requests in rows:
        name = (model or DEFAULTS["model"], mode or DEFAULTS["mode"], geo or DEFAULTS["geo"])
        found[name] = found.get(name, 0) + requests
    return [Named(*name, requests) for name, requests in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class Names:
    """The numbers of the names of a table. *words*: of each column, where they are looked up in lists, else None.

    A name may have several numbers (a mode that is missing, and one that is written out); no number has two names.
    """

    codes: Sequence[tuple[int, tuple[str, str, str]]]
    words: Mapping[str, Sequence[str]] | None


def numbered(named: Sequence[Named], listed: Sequence[str]) -> Names:
    """Number the names of a table; *listed*: its columns, of an engine that looks words up in lists, else none.

    >>> named = [Named("m", "standard", "", 1), Named("m", "batch", "", 1)]
    >>> numbered(named, []).codes
    [(0, ('m', 'standard', '')), (1, ('m', 'batch', ''))]
    >>> found = numbered(named, ["model", "mode"])
    >>> found.words
    {'model': ['m'], 'mode': ['batch', 'standard', '']}
    >>> found.codes  # 0 stands for a null, 3 for an empty text
    [(4, ('m', 'standard', '')), (6, ('m', 'standard', '')), (7, ('m', 'standard', '')), (5, ('m', 'batch', ''))]
    """
    each = [one.name for one in named if one.log_model]
    columns = {field: sorted({name[place] for name in each}) for place, field in enumerate(DEFAULTS)}
    if not listed or any(len(words) > MOST_WORDS for words in columns.values()):
        return Names(list(enumerate(each)), None)
    words = {
        field: [*(word for word in found if word), *[""] * (field != "model")]
        for field, found in columns.items()
        if field in listed
    }
    codes = [(_code(words, places), name) for name in each for places in _places(words, name)]
    return Names(codes, words)


def _places(words: Mapping[str, Sequence[str]], name: tuple[str, str, str]) -> Iterator[tuple[int, ...]]:
    """Where the words of a name are in their lists, from 1; 0, too, where a word stands for a missing one."""
    each = []
    for word, (field, default) in zip(name, DEFAULTS.items(), strict=True):
        if field in words:
            found = [place for place, other in enumerate(words[field], 1) if (other or default) == word]
            each.append([0, *found] if word == default else found)
    return product(*each)


def _code(words: Mapping[str, Sequence[str]], places: Sequence[int]) -> int:
    """The number of words at these places of their lists."""
    code = 0
    for place, found in zip(places, words.values(), strict=True):
        code = code * (len(found) + 1) + place
    return code
