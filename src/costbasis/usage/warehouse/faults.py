"""Rows of a foreign table that cannot be counted: why, how many, and where the first one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FAULTS = (
    "",
    "no time that can be read",
    "a time without a zone, and the mapping says of none",
    "a time before 2015 or after 2040 (check time_unit of the mapping)",
    "no model",
    "a count that is no whole number",
    "a negative count",
    "no count of input or output",
    "more than a billion tokens in one request",
    "more cached tokens than the input that is to include them",
    "more reasoning than the output that is to include it",
)
"""Why a row cannot be counted, by its number in the frozen SQL; the first that holds is the reason."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Rows of one place (a file, or the table) that cannot be counted for one reason.

    *first_row* counts from 0; None where the engine does not number rows, *first_id* is then a request id.
    """

    place: str
    first_row: int
    reason: str
    rows: int
    first_id: str

    @property
    def address(self) -> str:
        """Where the first of them is.

        >>> Fault("a.parquet", 7, "no model", 1, "").address, Fault("db#t", -1, "no model", 1, "r-1").address
        ('a.parquet, row 7', 'db#t, request r-1')
        """
        if self.first_row >= 0:
            return f"{self.place}, row {self.first_row}"
        return f"{self.place}, request {self.first_id}" if self.first_id else self.place


@dataclass(frozen=True, slots=True)
class Repeats:
    """Request ids that stand in more than one row: how many, in how many rows, and one of them."""

    ids: int
    copies: int
    first: str


def fault_of(row: tuple[Any, ...]) -> Fault:
    """A row of ``table_faults``."""
    number, place, rows, first_row, first_id = row
    return Fault(place or "", -1 if first_row is None else first_row, FAULTS[number], rows, first_id or "")
