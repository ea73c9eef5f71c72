"""One row of somebody's table as a request, by a mapping; what is wrong with it is said with column and value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import told_call
from costbasis.usage.formats.gateway import object_in
from costbasis.usage.formats.logline import BadLine, epoch_ms, whole
from costbasis.usage.mapping import CACHE_FIELDS, TIME_UNITS, Column, TableMapping

AGENT = "imported"
BY_ID, BY_ROW = "request id of a mapping", "row of a table"


def event_of(mapping: TableMapping, number: int, row: Mapping[str, Any], table: str) -> UsageEvent:
    """The request that row *number* tells. *table*: what keys of rows without an id begin with.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` that names the column, the value and what is wrong.
    """
    said = _Row(mapping, row)
    identity = said.text("request_id")
    event = told_call(
        _counts(said),
        mapping.named("model", said.needed("model")),
        said.time_ms(),
        agent=AGENT,
        session=said.text("session") or identity or f"{table}:{number}",
        key=f"tb:{mapping.name}@{identity}" if identity else f"tb:{table}@{number}",
        rule=BY_ID if identity else BY_ROW,
        origin=f"{table}:{number}",
        provider=said.text("provider"),
        mode=mapping.named("mode", said.text("mode")) or "standard",
        project=said.text("project") or said.text("team"),
    )
    more = {"geo": mapping.named("geo", said.text("geo")), "api_key": said.text("api_key"), "user": said.text("user")}
    return msgspec.structs.replace(event, web_searches=said.count("web_searches"), **more)


def _counts(said: _Row) -> TokenCounts:
    mapping = said.mapping
    counts = {kind: said.count(kind) for kind in (*CACHE_FIELDS, "reasoning")}
    within = sum(counts[kind] for kind in mapping.input_includes)
    given = said.count("input", needed="input" in mapping.columns)
    if within > given:
        names = " and ".join(sorted(kind for kind in mapping.input_includes if counts[kind]))
        raise BadLine(f"{names} ({within:,}) above {said.name('input')} ({given:,}), which the mapping says holds it")
    output = said.count("output", needed=True) + (0 if mapping.output_includes_reasoning else counts["reasoning"])
    if counts["reasoning"] > output:
        raise BadLine(f"{said.name('reasoning')} ({counts['reasoning']:,}) above the output ({output:,}) that holds it")
    return TokenCounts(
        input_tok=given - within,
        cache_write_5m_tok=counts["cache_write_5m"],
        cache_write_1h_tok=counts["cache_write_1h"],
        cache_write_unknown_tok=counts["cache_write_unknown"],
        cache_read_tok=counts["cache_read"],
        output_tok=output,
        reasoning_tok=counts["reasoning"],
    )


class _Row:
    """A row, asked for the fields of a mapping."""

    def __init__(self, mapping: TableMapping, row: Mapping[str, Any]) -> None:
        self.mapping = mapping
        self.row = row

    def found(self, kind: str) -> tuple[str, Any]:
        """The name and the value of the first column of a field that is not empty; "" and None where there is none."""
        for column in self.mapping.columns.get(kind, ()):
            value = _at(self.row, column)
            if value is not None and not (isinstance(value, str) and not value.strip()):
                return str(column), value
        return self.name(kind), None

    def name(self, kind: str) -> str:
        """The column of a field."""
        return next((str(column) for column in self.mapping.columns.get(kind, ())), kind)

    def text(self, kind: str) -> str:
        """A text, "" where there is none."""
        value = self.found(kind)[1]
        return "" if value is None else str(value).strip()

    def needed(self, kind: str) -> str:
        """A text that must be there."""
        if not (text := self.text(kind)):
            raise BadLine(f"{self.name(kind)} is empty: no {kind}")
        return text

    def count(self, kind: str, *, needed: bool = False) -> int:
        """A count of tokens or searches; what is empty is 0 unless it is *needed*."""
        name, value = self.found(kind)
        if value is None:
            if needed:
                raise BadLine(f"{name} is empty: no {kind} tokens")
            return 0
        unit = 1 if kind == "web_searches" else self.mapping.tokens_per_unit
        try:
            number = Decimal(str(value).strip()) * unit
            if isinstance(value, bool) or not number.is_finite() or number != number.to_integral_value():
                raise InvalidOperation
            return whole(int(number))
        except (InvalidOperation, BadLine):
            raise BadLine(f'{name} "{value}" is no whole count of tokens from 0 to 10 billion') from None

    def time_ms(self) -> int:
        """The time of the request, epoch milliseconds."""
        name, value = self.found("time")
        if value is None:
            raise BadLine(f"{name} is empty: no time")
        per_s = TIME_UNITS[self.mapping.time_unit]
        try:
            if per_s:
                return epoch_ms(float(Decimal(str(value).strip()) * 1000 / per_s))
            return epoch_ms(self._moment(name, value).timestamp() * 1000)
        except (InvalidOperation, ValueError, OverflowError):
            raise BadLine(f'{name} "{value}" is no time ({self.mapping.time_unit})') from None
        except BadLine as bad:
            known = str(bad)
            raise BadLine(known if known.startswith(name) else f'{name} "{value}" is no time of our days') from None

    def _moment(self, name: str, value: Any) -> datetime:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)
        else:
            moment = datetime.fromisoformat(str(value).strip())
        if moment.tzinfo is not None:
            return moment
        if not self.mapping.timezone:
            raise BadLine(f'{name} "{value}" has no time zone, and the mapping names none (timezone = "UTC")')
        return moment.replace(tzinfo=ZoneInfo(self.mapping.timezone))


def _at(row: Mapping[str, Any], column: Column) -> Any:
    value = row.get(column.name)
    for step in column.path:
        value = object_in(value).get(step)
    return value
