"""Reads the tables of ``data/``: rows as they stand, overrides applied, and every value as a fact."""

from __future__ import annotations

import csv
import gzip
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costbasis.catalog.fact import CONFIDENCE, Fact
from costbasis.catalog.overrides import Override, refuse_unusable
from costbasis.source import Source

if TYPE_CHECKING:  # which brings numpy along
    from costbasis.sampling import Shape

Row = dict[str, str]
DATA = Path(__file__).parent / "data"
OVERRIDDEN = "_overridden"
"""The cell of a row that names its fields which a user has set."""


Lay = Callable[[str, list[Row]], list[Row]]
"""Lays rows of the user's own book over those of a table of one kind."""


def read_bytes(name: str) -> bytes:
    """The bytes of a data file, unpacked."""
    raw = (DATA / name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


@cache
def schemas() -> dict[str, Any]:
    """What ``tables.toml`` says of each kind."""
    return tomllib.loads(read_bytes("tables.toml").decode())


def read_csv(name: str) -> list[Row]:
    """The rows of a CSV file of ``data/``."""
    return list(csv.DictReader(io.StringIO(read_bytes(name).decode())))


def slug(name: str) -> str:
    """A short name of an accelerator: lower case, without the memory size and the socket's number.

    >>> [slug(name) for name in ("H100-SXM5-80GB", "GB200-186GB", "TPU-v7-Ironwood", "RTX-PRO-6000-Server-96GB")]
    ['h100-sxm', 'gb200', 'tpu-v7', 'rtx-pro-6000-server']
    """
    short = re.sub(r"-\d+gb$", "", name.lower())
    return re.sub(r"-ironwood$", "", re.sub(r"sxm\d", "sxm", short))


def _unheard(kind: str) -> None:
    """Nobody wants to know which tables are read."""


class Tables:
    """The tables with a user's overrides laid over them, each read once, when first asked for.

    *note* hears ``kind/`` of every table that is asked for.
    """

    def __init__(
        self, overrides: Mapping[str, Override], lay: Lay | None = None, note: Callable[[str], None] = _unheard
    ) -> None:
        self._overrides = overrides
        self._lay = lay
        self._note = note
        self._plain: dict[str, list[Row]] = {}
        self._rows: dict[str, list[Row]] = {}

    def under(self, overrides: Mapping[str, Override]) -> Tables:
        """The same tables with other overrides; files that were read are not read again."""
        found = Tables(overrides, self._lay, self._note)
        found._plain = self._plain
        return found

    def rows(self, kind: str) -> list[Row]:
        """The rows of one kind. A cell that an override names holds the override's middle."""
        self._note(f"{kind}/")
        return self._laid(kind)

    def row(self, kind: str, fits: Callable[[Row], bool]) -> Row | None:
        """The first row of a kind that fits, None where none does. Only what is set in that row moves it."""
        schema = schemas()[kind]
        for row in self._laid(kind):
            if fits(row):
                self._note(f"{kind}/{subject(row, schema)}.")
                return row
        self._note(f"{kind}/")
        return None

    def _laid(self, kind: str) -> list[Row]:
        if kind not in self._rows:
            rows = self._read(kind)
            mine = {key: over for key, over in self._overrides.items() if key.startswith(f"{kind}/")}
            if mine:
                rows = [dict(row) for row in rows]
                for row in rows:
                    _lay_over(row, kind, schemas()[kind], mine)
            self._rows[kind] = rows
        return self._rows[kind]

    def _read(self, kind: str) -> list[Row]:
        if kind not in self._plain:
            rows = read_csv(schemas()[kind]["file"])
            self._plain[kind] = self._lay(kind, rows) if self._lay else rows
        return self._plain[kind]

    def facts(self, kind: str) -> Iterator[Fact]:
        """Every value of every row of one kind."""
        schema = schemas()[kind]
        for row in self.rows(kind):
            yield from _facts_of_row(kind, schema, row)


def subject(row: Row, schema: Mapping[str, Any]) -> str:
    """What a row is about, as it stands in a key."""
    if schema.get("slug"):
        row = row | {"accelerator": slug(row["accelerator"])}
    return str(schema["subject"]).format(**row)


def source_of(row: Row, kind: str) -> Source:
    """Who says so, where, when, and how sure."""
    schema = schemas()[kind]
    confidence = row.get(schema.get("confidence", ""), "") or ""
    trust = row.get(schema.get("trust", ""), "") or CONFIDENCE.get(confidence.split()[0] if confidence else "", "")
    status = row.get(schema.get("status", ""), "") or schema.get("default_status", "published")
    return Source(
        citation=row.get(schema["source"], "") or "none",
        place=row.get(schema.get("place", ""), "") or "",
        trust=trust or schema.get("default_trust", "D"),
        status="override" if row.get(OVERRIDDEN) else status,
        as_of=row.get(schema.get("date", ""), "") or schema.get("default_date", "2026-11-23"),
        note=f"confidence {confidence}" if confidence else "",
    )


def agreement(row: Row) -> str:
    """Who says the same of a list price, and who says another.

    >>> agreement({"agreeing": "3", "alternatives": ""})
    '3 sources agree'
    >>> agreement({"agreeing": "1", "alternatives": "litellm 9.9: input 6"})
    'one source; but litellm 9.9: input 6'
    """
    if "agreeing" not in row:
        return ""
    said = "one source" if row["agreeing"] == "1" else f"{row['agreeing']} sources agree"
    return f"{said}; but {row['alternatives']}" if row["alternatives"] else said


def _lay_over(row: Row, kind: str, schema: Mapping[str, Any], mine: Mapping[str, Override]) -> None:
    about = f"{kind}/{subject(row, schema)}."
    for key, over in mine.items():
        cells = _cells(row, schema, key.removeprefix(about)) if key.startswith(about) else None
        if cells:
            unit, low, mid, high = cells
            refuse_unusable(over, unit, is_single=low == high, may_be_negative="unit_column" in schema)
            row[low], row[high] = repr(over.low), repr(over.high)
            row[mid] = repr(over.mid)
            row[OVERRIDDEN] = f"{row.get(OVERRIDDEN, '')} {key.removeprefix(about)}".strip()


def _cells(row: Row, schema: Mapping[str, Any], field: str) -> tuple[str, str, str, str] | None:
    """The unit of a field and the columns of its low, middle and high, all the same where it has no range."""
    if "range" in schema and field == str(schema["field"]).format(**row):
        columns = schema["range"]
        return _unit(row, schema), columns["low"], columns["mid"], columns["high"]
    if field in schema.get("ranges", {}):
        return schema["ranges"][field], f"{field}_low", field, f"{field}_high"
    if field in schema.get("values", {}):
        return schema["values"][field] or _unit(row, schema), field, field, field
    return None


def _unit(row: Row, schema: Mapping[str, Any]) -> str:
    """The unit that a row states, as a field unit where there is one of that meaning."""
    stated = row[schema["unit_column"]]
    return str(schema.get("units", {}).get(stated, stated))


def _facts_of_row(kind: str, schema: Mapping[str, Any], row: Row) -> Iterator[Fact]:
    about, source = subject(row, schema), source_of(row, kind)
    note = "; ".join(filter(None, (row.get(schema.get("note", ""), ""), agreement(row))))
    if "range" in schema:
        low, mid, high = (_number(row[schema["range"][end]]) for end in ("low", "mid", "high"))
        text = row[schema["range"]["mid"]]
        if text or (low, high) != (None, None):
            unit, key = _unit(row, schema), f"{kind}/{about}.{str(schema['field']).format(**row)}"
            if mid is not None and low is None and high is None:
                low = high = mid
            yield Fact(key, unit, low, mid, high, source, note, text, shape=_shape(low, mid, high, unit))
    dates = [row.get(schema.get(end, ""), "") or "" for end in ("valid_from", "valid_to")]
    valid = " to ".join(dates) if any(dates) else ""
    for column, unit in schema.get("ranges", {}).items():
        low, mid, high = (_number(row[name]) for name in (f"{column}_low", column, f"{column}_high"))
        yield Fact(f"{kind}/{about}.{column}", unit, low, mid, high, source, note, shape="positive")
    for column, unit in schema.get("values", {}).items():
        text = row[column]
        if text:
            value = _number(text)
            own_unit = unit or _unit(row, schema)
            yield Fact(f"{kind}/{about}.{column}", own_unit, value, value, value, source, note, text, valid=valid)


def _shape(low: float | None, mid: float | None, high: float | None, unit: str) -> Shape:
    """How a stated range is drawn; a number without a range, or with one end only, stands as it is."""
    if low is None or high is None or low == high:
        return "exact"
    if unit == "frac" and low >= 0 and high <= 1:
        return "bounded"
    return "positive" if low > 0 else "exact"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
