"""A mapping guessed from a table, by the names of its columns and what its first rows show. A person confirms it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from costbasis.errors import BadMapping
from costbasis.usage.imports.table import Table
from costbasis.usage.mapping import CACHE_FIELDS, REQUIRED, Column, TableMapping
from costbasis.usage.mappingfile import mapping_text

LOOKED_AT = 1000
"""Rows that are looked at."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "time": (
        "time", "timestamp", "ts", "created", "createdat", "starttime", "startedat", "start", "requesttime",
        "eventtime", "datetime", "date", "day", "usagedate", "endtime", "completedat", "loggedat",
    ),
    "model": ("model", "modelname", "modelid", "modelpermaslug", "providedmodelname", "deployment", "engine", "llm"),
    "input": (
        "inputtokens", "prompttokens", "tokensprompt", "tokensin", "inputtok", "promptlength", "input", "prompt",
        "contexttokens", "numinputtokens", "totalinputtokens", "uncachedinputtokens", "nativetokensprompt",
    ),
    "cache_read": (
        "cachereadinputtokens", "cachereadtokens", "cachedinputtokens", "cachedtokens", "tokenscached",
        "inputcachedtokens",
        "promptcachereadtokens", "cachereadtok", "cacheread", "cachehits", "cached",
    ),
    "cache_write_5m": ("cachewrite5mtok", "cachewrite5mtokens", "ephemeral5minputtokens"),
    "cache_write_1h": ("cachewrite1htok", "cachewrite1htokens", "ephemeral1hinputtokens"),
    "cache_write_unknown": (
        "cachecreationinputtokens", "cachewritetokens", "cachecreationtokens", "cachewriteinputtokens",
        "promptcachewritetokens", "cachewriteunknowntok", "cachewrites", "cachewrite",
    ),
    "output": (
        "outputtokens", "completiontokens", "tokenscompletion", "tokensout", "outputtok", "generatedtokens", "output",
        "completion", "numoutputtokens", "totaloutputtokens", "responsetokens", "nativetokenscompletion",
    ),
    "reasoning": ("reasoningtokens", "tokensreasoning", "reasoningoutputtokens", "thinkingtokens", "reasoningtok"),
    "request_id": ("requestid", "generationid", "responseid", "callid", "traceid", "spanid", "uuid", "id"),
    "session": ("sessionid", "conversationid", "threadid", "chatid", "session"),
    "user": ("user", "userid", "username", "useremail", "email", "employee", "enduser", "accountid", "member"),
    "api_key": ("apikeyname", "apikeyalias", "keyalias", "keyname", "apikeyid", "keyid"),
    "project": ("project", "projectid", "projectname", "workspace", "workspaceid", "app", "appname", "application"),
    "team": ("team", "teamid", "teamname", "department", "costcenter", "organization"),
    "provider": ("provider", "providername", "vendor", "customllmprovider"),
    "billed_usd": ("costusd", "usd", "spend", "cost", "totalcost", "costtotal", "amountusd", "price", "billedusd"),
}  # fmt: skip
"""Names of columns by field, as tables write them (letters and digits, lower case); the earlier, the likelier."""

TOTALS = ("totaltokens", "tokens", "tokenstotal", "totaltok")


@dataclass(slots=True)
class Guess:
    """A mapping, why each of its lines is a guess, and the columns that it does not use."""

    mapping: TableMapping
    notes: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    rows: int = 0

    def text(self, path: str) -> str:
        """The TOML to confirm, with what is to be looked at on top."""
        lines = [f"# A guess from the first {self.rows} rows of {path}. Check every line, then:"]
        lines += [f"#   costbasis import {path} --mapping THIS.toml", *(f"# {note}" for note in self.notes)]
        lines += [f"# not used: {', '.join(self.unused)}"] if self.unused else []
        return "\n".join(lines) + "\n" + mapping_text(self.mapping)


def guess(table: Table) -> Guess:
    """The likeliest mapping of a table.

    Errors: :class:`~costbasis.errors.BadMapping` where no column looks like one that every mapping needs.
    """
    columns = {kind: name for kind in NAMES if (name := _best(NAMES[kind], table.columns)) is not None}
    missing = [kind for kind in REQUIRED if kind not in columns]
    if not {"input", *CACHE_FIELDS} & set(columns):
        missing.append("input")
    if missing:
        raise BadMapping(
            f"no column looks like {' or '.join(missing)}",
            where=str(table.path),
            hint=f"it has {', '.join(table.columns[:20])}; write the mapping by hand: docs/mappings.md shows one",
        )
    rows = [row for _, row in table.rows(LOOKED_AT)]
    notes: list[str] = []
    unit, zone = _time(columns["time"], rows, notes)
    within = _within(columns, table.columns, rows, notes)
    includes = {kind for kind in CACHE_FIELDS if kind in columns and within and "input" in columns}
    if "request_id" not in columns:
        notes.append("request_id: no column looks like an id, so rows that repeat a request cannot be found")
    for kind, name in columns.items():
        shown = next((str(row[name]) for row in rows if row.get(name) not in (None, "")), "always empty")
        notes.append(f"{kind} = {name}: {shown[:40]}")
    made = TableMapping(
        name=table.path.stem,
        columns={kind: (Column(name),) for kind, name in columns.items()},
        says=f"guessed from {table.path.name}",
        input_includes=frozenset(includes),
        output_includes_reasoning=not _reasoning_on_top(columns, rows, notes),
        time_unit=unit,
        timezone=zone,
    )
    used = set(columns.values())
    return Guess(made, notes, [name for name in table.columns if name not in used], len(rows))


def _best(names: Sequence[str], columns: Sequence[str]) -> str | None:
    plain = {re.sub(r"[^a-z0-9]", "", column.lower()): column for column in reversed(columns)}
    return next((plain[name] for name in names if name in plain), None)


def _time(column: str, rows: Sequence[Mapping[str, Any]], notes: list[str]) -> tuple[str, str]:
    values = [row[column] for row in rows if row.get(column) not in (None, "")]
    if not values:
        return "timestamp", ""
    numbers = [number for value in values if (number := _number(value)) is not None]
    if len(numbers) == len(values):
        unit = next(unit for unit, least in (("ns", 10**17), ("us", 10**14), ("ms", 10**11), ("s", 0)) if
                    max(numbers) >= least)  # fmt: skip
        notes.append(f"time_unit: {column} holds numbers of the size of {unit} since 1970")
        return unit, ""
    bare = sum(not re.search(r"(Z|[+-]\d\d:?\d\d)\s*$|UTC$", str(value)) for value in values)
    if bare == len(values):
        notes.append(f'timezone: {column} carries no zone; say which it is, as in timezone = "UTC"')
    elif bare:
        notes.append(f"timezone: {bare} of {len(values)} times in {column} carry no zone; the others do")
    return "timestamp", ""


def _within(columns: Mapping[str, str], header: Sequence[str], rows: Sequence[Mapping[str, Any]],
            notes: list[str]) -> bool:  # fmt: skip
    """Whether the input holds the cached tokens, as the rows show it; else yes, and said to be open."""
    cached = [columns[kind] for kind in CACHE_FIELDS if kind in columns]
    if not cached or "input" not in columns:
        return False
    total = _best(TOTALS, header)
    beside = within = 0
    for row in rows:
        given, output, parts = (_sum(row, [columns["input"]]), _sum(row, [columns["output"]]), _sum(row, cached))
        if not parts:
            continue
        beside += parts > given or (total is not None and _sum(row, [total]) == given + output + parts)
        within += total is not None and _sum(row, [total]) == given + output
    if beside:
        notes.append(f"input_includes: {beside} rows show that {columns['input']} does not hold the cached tokens")
        return False
    if within:
        notes.append(f"input_includes: {within} rows show by {total} that {columns['input']} holds the cached tokens")
    else:
        notes.append(
            f"input_includes: OPEN. Does {columns['input']} hold the cached tokens? Taken as yes, no row shows it"
        )
    return True


def _reasoning_on_top(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], notes: list[str]) -> bool:
    if "reasoning" not in columns:
        return False
    above = sum(_sum(row, [columns["reasoning"]]) > _sum(row, [columns["output"]]) for row in rows)
    if above:
        notes.append(f"output_includes_reasoning: {above} rows have more reasoning than output, so it comes on top")
    return bool(above)


def _sum(row: Mapping[str, Any], names: Sequence[str]) -> Decimal:
    return sum((_number(row.get(name)) or Decimal(0) for name in names), Decimal(0))


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and not isinstance(value, bool) else None
