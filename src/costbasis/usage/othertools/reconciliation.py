"""The nouns of a reconciliation: requests, effects, cells and the closed list of reasons."""

from __future__ import annotations

from dataclasses import dataclass, field

from costbasis.usage.othertools.othertool import NOTHING, CellKey, FourCounts, OtherReport, added, four, less
from costbasis.usage.pricing.onerequest import Call

COMPACTION = "does not count a round of compaction, which is billed beside the response"
GONE = "cannot see logs that are deleted or of another machine; they are counted here all the same"
NEVER_DEDUPED = "never takes lines without a message id for copies"
REPLAY_AGAIN = "counts a replay of a sidechain again"
TIMES_APART = "counts lines without a request id apart where their session or time differs"
MERGED = "takes two requests for one: their ids are the same"
TWICE = "counts a response again under another request id"
OTHER_LINE = "keeps another line of the response, with other counts"
SPLIT = "lets the split of a cache write replace its total"
OTHER_PLACE = "files the response under another line's time or session"
OTHER_ZONE = "counts days of another time zone"
SKIPPED_HERE = "counts a line that is skipped here"
UNPRICED_HERE = "prices a request that has no list price here"
UNPRICED_THERE = "has no price for the model"
ROUNDING = "adds up in floating point"

ROUNDING_PICO_USD = 1000
"""A difference of money that is smaller, or a millionth of a millionth of the sum, is floating point."""


@dataclass(frozen=True, slots=True)
class OurRequest:
    """A request of ours. *model*: the catalogue's name, or the log's where it has none. *list_pico_usd*: None
    where it has no price. *is_gone*: its log is not here any more, or never was."""

    key: str
    key_rule: str
    time_ms: int
    session: str
    agent: str
    model: str
    origin: str
    is_gone: bool
    call: Call
    list_pico_usd: int | None

    @property
    def counts(self) -> FourCounts:
        """Its tokens in four classes."""
        return four(self.call.counts)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one reason does to one cell for one request: theirs less ours. *origins*: the lines, ``file:offset``."""

    reason: str
    request: str
    cell: CellKey
    counts: FourCounts
    list_pico_usd: int
    origins: tuple[str, ...]


@dataclass(slots=True)
class Cell:
    """One cell of both reports. Money is None where none of it has a price."""

    ours: FourCounts = NOTHING
    theirs: FourCounts = NOTHING
    ours_pico_usd: int | None = None
    theirs_pico_usd: int | None = None
    effects: list[Effect] = field(default_factory=list)

    @property
    def difference(self) -> FourCounts:
        """Theirs less ours."""
        return less(self.theirs, self.ours)

    @property
    def explained(self) -> FourCounts:
        """What the effects add up to."""
        total = NOTHING
        for effect in self.effects:
            total = added(total, effect.counts)
        return total

    @property
    def unexplained(self) -> FourCounts:
        """What is left."""
        return less(self.difference, self.explained)

    @property
    def difference_pico_usd(self) -> int | None:
        """Theirs less ours; None where both are unknown. One that is unknown alone counts as not there."""
        if self.ours_pico_usd is None and self.theirs_pico_usd is None:
            return None
        return (self.theirs_pico_usd or 0) - (self.ours_pico_usd or 0)

    @property
    def explained_pico_usd(self) -> int:
        """What the effects add up to."""
        return sum(effect.list_pico_usd for effect in self.effects)

    @property
    def unexplained_pico_usd(self) -> int:
        """What is left."""
        return (self.difference_pico_usd or 0) - self.explained_pico_usd

    @property
    def differs(self) -> bool:
        """Whether the two reports say different things, floating point aside."""
        reasons = {effect.reason for effect in self.effects} - {ROUNDING}
        return self.difference != NOTHING or bool(reasons) or self.unexplained_pico_usd != 0


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Both reports, cell by cell. *zone*: of the other's days. *outside*: requests of ours before or after its days."""

    report: OtherReport
    rules: str
    zone: str
    cells: dict[CellKey, Cell]
    requests: int
    outside: int
