"""A fact: one number of the catalogue with its key, unit, range, source, date and trust."""

from __future__ import annotations

from dataclasses import dataclass

from costbasis.quantity import Source
from costbasis.sampling import Shape, Spread, exactly
from costbasis.units import base_suffix, field_unit_factor

CONFIDENCE = {"high": "B", "medium": "C", "low": "D"}
"""What the tables' own ``confidence`` stands for as a trust grade. It is kept in the source's note."""

GRADES = ("A", "A-", "B", "B-", "C", "C-", "D", "D-", "E")


@dataclass(frozen=True, slots=True)
class Fact:
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
        """
        field, suffix = self.key.rpartition(".")[2], base_suffix(self.unit)
        if field == self.unit:
            return suffix
        if field.endswith(f"_{self.unit}"):
            return field.removesuffix(self.unit) + suffix
        return field

    def spread(self, factors: dict[str, float]) -> Spread:
        """The spread in base units; one is assumed from the trust grade where the fact is a bare estimate.

        *factors*: trust grade to the factor of an assumed 80 % interval.
        """
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
