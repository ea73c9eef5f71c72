"""Another tool's usage report: its cells, and the closed list of reasons for which two tools count differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from costbasis.usage.events import TokenCounts


class FourCounts(NamedTuple):
    """Tokens in the four classes that usage tools report: cache writes of any lifetime are one."""

    input: int = 0
    cache_write: int = 0
    cache_read: int = 0
    output: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)


NOTHING = FourCounts()


def four(counts: TokenCounts) -> FourCounts:
    """Six classes as four.

    >>> four(TokenCounts(input_tok=1, cache_write_5m_tok=2, cache_write_1h_tok=3, output_tok=4))
    FourCounts(input=1, cache_write=5, cache_read=0, output=4)
    """
    return FourCounts(counts.input_tok, counts.cache_write_tok, counts.cache_read_tok, counts.output_tok)


def added(left: FourCounts, right: FourCounts) -> FourCounts:
    """The sum, class by class."""
    return FourCounts(*(one + other for one, other in zip(left, right, strict=True)))


def less(left: FourCounts, right: FourCounts) -> FourCounts:
    """The difference, class by class; it may be negative."""
    return FourCounts(*(one - other for one, other in zip(left, right, strict=True)))


ALL_MODELS = ""
"""The model of a cell that sums all of them: the other report has no breakdown."""


class CellKey(NamedTuple):
    """A row of the other report and a model in it, by the other tool's name or ``ALL_MODELS``."""

    key: str
    model: str


class OtherCell(NamedTuple):
    """What the other tool counted, and its list value in pico-USD; None where it has no price either."""

    counts: FourCounts
    list_pico_usd: int | None


@dataclass(frozen=True, slots=True)
class OtherReport:
    """A report as its file holds it.

    *by*: day, week, month, session or block. *verb*: the tool's word for it. *is_of_agent*: the one agent that it
    speaks of, "" where of all. *has_models*: whether it is broken down by model. *week_start*: the weekday that
    its weeks begin on.
    """

    tool: str
    verb: str
    by: str
    is_of_agent: str
    has_models: bool
    week_start: str | None
    cells: dict[CellKey, OtherCell]
