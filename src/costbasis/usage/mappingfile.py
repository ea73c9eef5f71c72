"""Mapping files: the TOML that says what the columns of a table mean, read, found by name, and written.

``docs/mappings.md`` is the manual of the format; the named ones ship as ``usage/mappings/NAME.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from costbasis.errors import BadMapping, UnknownName, UnreadableInput, nearest, one_of, why
from costbasis.usage.mapping import (
    CACHE_FIELDS,
    FIELDS,
    REQUIRED,
    TIME_UNITS,
    VALUE_FIELDS,
    Column,
    TableMapping,
)

SCHEMA = "costbasis.mapping/1"

FOLDER = Path(__file__).with_name("mappings")


def named_mappings() -> list[str]:
    """The names of the mappings that ship.

    >>> named_mappings()
    ['litellm-spendlogs', 'plain']
    """
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def find_mapping(name: str) -> TableMapping:
    """A mapping that ships, by its name, or of a file that ends in ``.toml``.

    Errors: :class:`~costbasis.errors.UnknownName`, :class:`~costbasis.errors.UnreadableInput`,
    :class:`~costbasis.errors.BadMapping`.
    """
    if name in named_mappings():
        return _shipped(name)
    if name.endswith(".toml") or "/" in name:
        return read_mapping(Path(name))
    hint = f"mappings that ship: {', '.join(named_mappings())}; or name a file that ends in .toml"
    raise UnknownName("mapping", name, known=named_mappings(), where="--mapping", hint=hint)


@cache
def _shipped(name: str) -> TableMapping:
    return read_mapping(FOLDER / f"{name}.toml")


def read_mapping(path: Path) -> TableMapping:
    """The mapping in a file.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a file that cannot be read,
    :class:`~costbasis.errors.BadMapping` for what is in it.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read ({why(error)})"
        raise UnreadableInput(what, where=str(path), hint="check --mapping") from error
    return parse_mapping(text, name=path.stem, where=str(path))


def parse_mapping(text: str, *, name: str, where: str) -> TableMapping:
    """The mapping in the text of a TOML file; *where* is what errors name.

    >>> text = '[columns]\\ntime="t"\\nmodel="m"\\ninput="i"\\noutput="o"'
    >>> made = parse_mapping(text, name="mine", where="mine.toml")
    >>> made.columns["input"], made.tokens_per_unit
    ((Column(name='i', path=()),), 1)

    Errors: :class:`~costbasis.errors.BadMapping` with the key that is at fault and what it may be.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"not TOML: {error}", where=where, hint="docs/mappings.md shows a mapping") from None
    keys = _Keys(found, where)
    if (schema := keys.text("schema", SCHEMA)) != SCHEMA:
        raise BadMapping(f'unknown schema "{schema}"', where=where, hint=f'write schema = "{SCHEMA}"')
    made = TableMapping(
        name=name,
        columns=_columns(keys.table("columns"), where),
        says=keys.text("says"),
        source=keys.text("source"),
        input_includes=frozenset(keys.choices("input_includes", CACHE_FIELDS)),
        output_includes_reasoning=keys.flag("output_includes_reasoning", True),
        optional=frozenset(keys.choices("optional", _CAN_LACK)),
        time_unit=keys.choice("time_unit", TIME_UNITS, "timestamp"),
        timezone=_zone(keys.text("timezone"), where),
        tokens_per_unit=keys.whole("tokens_per_unit", 1),
        values=_values(keys.table("values"), where),
    )
    keys.no_others()
    return made


def mapping_text(mapping: TableMapping) -> str:
    """The mapping as the text of a TOML file, which reads back as the same mapping."""
    lines = [f"schema = {_quoted(SCHEMA)}"]
    lines += [f"{key} = {_quoted(text)}" for key, text in (("says", mapping.says), ("source", mapping.source)) if text]
    lines += [
        f"time_unit = {_quoted(mapping.time_unit)}",
        f"timezone = {_quoted(mapping.timezone)}",
        f"input_includes = [{', '.join(_quoted(name) for name in CACHE_FIELDS if name in mapping.input_includes)}]",
        f"output_includes_reasoning = {str(mapping.output_includes_reasoning).lower()}",
        f"tokens_per_unit = {mapping.tokens_per_unit}",
        f"optional = [{', '.join(_quoted(name) for name in FIELDS if name in mapping.optional)}]",
        "",
        "[columns]",
    ]
    lines += [f"{kind} = {_columns_text(mapping.columns[kind])}" for kind in FIELDS if kind in mapping.columns]
    for kind, values in mapping.values.items():
        lines += ["", f"[values.{kind}]", *(f"{_quoted(old)} = {_quoted(new)}" for old, new in values.items())]
    return "\n".join(lines) + "\n"


def _columns_text(columns: tuple[Column, ...]) -> str:
    texts = [
        f"{{ column = {_quoted(column.name)}, path = [{', '.join(map(_quoted, column.path))}] }}"
        if column.path
        else _quoted(column.name)
        for column in columns
    ]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _columns(found: Mapping[str, Any], where: str) -> dict[str, tuple[Column, ...]]:
    for kind in found:
        if kind not in FIELDS:
            close = nearest(kind, FIELDS)
            guess = f"; did you mean {one_of(close)}?" if close else ""
            raise BadMapping(
                f'[columns] names no field "{kind}"{guess}', where=where, hint=f"fields: {', '.join(FIELDS)}"
            )
    columns = {kind: _column_list(found[kind], f"{where}: columns.{kind}") for kind in FIELDS if kind in found}
    missing = [kind for kind in REQUIRED if kind not in columns]
    if missing:
        hint = f'[columns] needs {", ".join(REQUIRED)} and input, for example {missing[0]} = "your_column"'
        raise BadMapping(f"no column for {' and '.join(missing)}", where=where, hint=hint)
    if not any(kind in columns for kind in ("input", *CACHE_FIELDS)):
        raise BadMapping("no column for input", where=where, hint='add input = "your_column" under [columns]')
    return columns


def _column_list(found: Any, where: str) -> tuple[Column, ...]:
    many = found if isinstance(found, list) else [found]
    if not many:
        raise BadMapping("no column", where=where, hint="name one, or leave the field out")
    return tuple(_column(one, where) for one in many)


def _column(found: Any, where: str) -> Column:
    if isinstance(found, str) and found:
        return Column(found)
    if isinstance(found, dict) and set(found) == {"column", "path"}:
        name, path = found["column"], found["path"]
        if isinstance(name, str) and name and isinstance(path, list) and path and all(isinstance(p, str) for p in path):
            return Column(name, tuple(path))
    hint = 'write "column", or { column = "json_column", path = ["usage", "cached"] }, or a list of these'
    raise BadMapping("not a column", where=where, hint=hint)


def _values(found: Mapping[str, Any], where: str) -> dict[str, dict[str, str]]:
    for kind, values in found.items():
        if kind not in VALUE_FIELDS:
            hint = f"write [values.{VALUE_FIELDS[1]}]; there are {', '.join(VALUE_FIELDS)}"
            raise BadMapping(f'[values] has no field "{kind}"', where=where, hint=hint)
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise BadMapping("not text to text", where=f"{where}: values.{kind}", hint='write "priority" = "fast"')
    return {kind: dict(values) for kind, values in found.items()}


def _zone(text: str, where: str) -> str:
    if text:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            hint = "use an IANA name such as Europe/Zurich or UTC"
            raise BadMapping(f'unknown time zone "{text}"', where=f"{where}: timezone", hint=hint) from None
    return text


_CAN_LACK = tuple(kind for kind in FIELDS if kind not in REQUIRED)


class _Keys:
    """The top-level keys of a mapping, each asked for by its type."""

    def __init__(self, found: Mapping[str, Any], where: str) -> None:
        self.left = dict(found)
        self.where = where

    def text(self, key: str, default: str = "") -> str:
        return str(self._of_type(key, str, default, f'write {key} = "…"'))

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._of_type(key, bool, default, f"write {key} = true or false"))

    def whole(self, key: str, default: int) -> int:
        found = self._of_type(key, int, default, f"write {key} = {default}")
        if isinstance(found, bool) or found < 1:
            raise BadMapping(f"{found} is not a number from 1 on", where=f"{self.where}: {key}", hint="1 or 1000")
        return int(found)

    def table(self, key: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._of_type(key, dict, {}, f"write [{key}] and its lines below it")
        return found

    def choice(self, key: str, known: Iterable[str], default: str) -> str:
        return self._one_of(key, self.text(key, default), known)

    def choices(self, key: str, known: Iterable[str]) -> list[str]:
        found = self._of_type(key, list, [], f"write {key} = [], or some of {', '.join(known)}")
        return [self._one_of(key, str(one), known) for one in found]

    def no_others(self) -> None:
        for key in self.left:
            close = nearest(key, _KEYS)
            guess = f"; did you mean {one_of(close)}?" if close else ""
            raise BadMapping(f'unknown key "{key}"{guess}', where=self.where, hint=f"keys: {', '.join(_KEYS)}")

    def _of_type(self, key: str, kind: type, default: Any, hint: str) -> Any:
        found = self.left.pop(key, default)
        if not isinstance(found, kind):
            raise BadMapping(f"{found!r} is of the wrong kind", where=f"{self.where}: {key}", hint=hint)
        return found

    def _one_of(self, key: str, found: str, known: Iterable[str]) -> str:
        if found not in known:
            raise BadMapping(f'"{found}" is not known', where=f"{self.where}: {key}", hint=f"one of {', '.join(known)}")
        return found


_KEYS = (
    "schema", "says", "source", "time_unit", "timezone", "input_includes", "output_includes_reasoning",
    "tokens_per_unit", "optional", "columns", "values",
)  # fmt: skip
