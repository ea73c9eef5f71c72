"""A fact: one number of the catalogue with its key, unit, range, source, date and trust."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from costbasis.source import Source
from costbasis.units import base_suffix, field_unit_factor, unit_of

if TYPE_CHECKING:  # which bring numpy along
    from costbasis.sampling import Shape, Spread

CONFIDENCE = {"high": "B", "medium": "C", "low": "D"}
"""What the tables' own ``confidence`` stands for as a trust grade. It is kept in the source's note."""

GRADES = ("A", "A-", "B", "B-", "C", "C-", "D", "D-", "E")


_FIELD_SPELLING = re.compile(r"_(gb_s|gb|tflops|b|w|tokens|usd_per_gpu_hour)$")
"""How the tables spell a unit at the end of a column, where they do not spell it as we do."""


class Fact(msgspec.Struct, frozen=True):
    """*key* is ``kind/name.field``; values are in *unit*, a field unit. None where a table holds text.

    *valid*: from when to when, where the table says so.
    """

    key: str
    unit: str
    low: float | None
    mid: float | None
    high: float | None
    source: Source
    note: str = ""
    text: str = ""
    shape: Shape = "exact"
    valid: str = ""

    @property
    def value_text(self) -> str:
        """The value as it is written: a number, a range, or the table's own words."""
        if self.mid is None and self.low is None and self.high is None:
            return self.text
        if self.low == self.mid == self.high:
            return f"{self.mid:g}"
        return " .. ".join("?" if value is None else f"{value:g}" for value in (self.low, self.mid, self.high))

    @property
    def name(self) -> str:
        """The field's name with its base unit in place of the field unit.

        >>> Fact("fleet/default.kv_load_gb_per_s", "gb_per_s", 12, 25, 50, Source("x")).name
        'kv_load_bytes_per_s_per_accel'
        >>> Fact("accelerator/h200-sxm.hbm_bandwidth_gb_s", "gb_per_s", 4800, 4800, 4800, Source("x")).name
        'hbm_bandwidth_bytes_per_s_per_accel'
        """
        field, suffix = self.key.rpartition(".")[2], base_suffix(self.unit)
        if field == self.unit:
            return suffix
        if field.endswith(f"_{self.unit}"):
            return field.removesuffix(self.unit) + suffix
        if unit_of(field) == unit_of(suffix):
            return field
        return f"{_FIELD_SPELLING.sub('', field)}_{suffix}"

    @property
    def label(self) -> str:
        """A reader's name: what the fact is about and its field, without the unit."""
        subject, _, field = self.key.partition("/")[2].rpartition(".")
        words = [subject.replace("default", ""), field.removesuffix(f"_{self.unit}")]
        return " ".join(" ".join(words).replace("_", " ").split())

    def spread(self, factors: dict[str, float]) -> Spread:
        """The spread in base units; one is assumed from the trust grade where the fact is a bare estimate.

        *factors*: trust grade to the factor of an assumed 80 % interval.
        """
        from costbasis.sampling import Spread, exactly

        unit = field_unit_factor(self.unit)
        mid = self.middle * unit
        if self.shape == "exact":
            return exactly(mid)
        if self.low is None or self.high is None:
            factor = factors[self.source.trust]
            return Spread(self.shape, mid / factor, mid, mid * factor, assumed=True)
        return Spread(self.shape, self.low * unit, mid, self.high * unit)

    @property
    def middle(self) -> float:
        """The median in the fact's own unit; of a bare range, its middle."""
        if self.mid is not None:
            return self.mid
        known = [value for value in (self.low, self.high) if value is not None]
        return sum(known) / len(known)


def fact_on(facts: Sequence[Fact], as_of: date | None) -> Fact:
    """The one of several dated facts of a key that counts on a day, the newest where no day is given.

    That is the one whose validity holds on the day; among those (and among facts without validity), the
    newest observed by then. Where every one is newer than the day, the oldest, and its source's note says so.
    """
    day = "9999" if as_of is None else as_of.isoformat()
    holding = [fact for fact in facts if _holds(fact, day)] or facts
    dated = sorted(holding, key=lambda fact: (fact.valid, fact.source.as_of))
    known = [fact for fact in dated if (fact.valid.partition(" to ")[0] or fact.source.as_of) <= day]
    if known:
        return known[-1]
    note = f"newer than the day asked for, {day}"
    source = dated[0].source
    return replace(dated[0], source=replace(source, note=f"{source.note}; {note}" if source.note else note))


def _holds(fact: Fact, day: str) -> bool:
    start, _, end = fact.valid.partition(" to ")
    return start <= day and (not end or day < end)
