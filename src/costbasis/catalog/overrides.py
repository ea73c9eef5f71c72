"""What a user sets: ``--set key=low..high`` and scenario files, in the fact's own field unit."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import Path

import msgspec

from costbasis.errors import BadOverride, UnreadableInput, why


class Override(msgspec.Struct, frozen=True):
    """A fact's value as the user sees it: p10, median, p90 (all equal where one number was given)."""

    key: str
    low: float
    mid: float
    high: float

    @property
    def is_exact(self) -> bool:
        """True where one number was given."""
        return self.low == self.mid == self.high


def read_overrides(texts: Iterable[str], scenario: Path | None) -> dict[str, Override]:
    """Overrides by key: those of the scenario first, then each ``key=value`` text over them.

    Errors: :class:`~costbasis.errors.BadOverride` with the text that was got and the form that is meant.
    """
    found = _read_scenario(scenario) if scenario else {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise BadOverride(
                f'"{text}" sets nothing', where="--set", hint="write --set fleet/default.slo_headroom_frac=0.7..0.9"
            )
        found[key.strip()] = _override(key.strip(), value.strip(), "--set")
    return found


def _override(key: str, text: str, where: str) -> Override:
    """
    >>> _override("a/b.c", "1..3", "--set")
    Override(key='a/b.c', low=1.0, mid=2.0, high=3.0)
    >>> _override("a/b.c", "1..2.5..3", "--set").mid
    2.5
    """
    try:
        numbers = [float(part) for part in text.split("..")]
    except ValueError:
        numbers = []
    if not 1 <= len(numbers) <= 3 or numbers != sorted(numbers) or not all(map(isfinite, numbers)):
        raise BadOverride(
            f'"{text}" is not a value for {key}', where=where, hint="write one number, low..high, or low..mid..high"
        )
    low, high = numbers[0], numbers[-1]
    return Override(key, low, numbers[1] if len(numbers) == 3 else (low + high) / 2, high)


def refuse_unusable(over: Override, unit: str, *, is_single: bool, may_be_negative: bool) -> None:
    """Refuse what a cell of a table cannot hold: a range where it has one number, or a number out of bounds.

    A price, a share and a count may be zero; a size, a speed and a power may not. *may_be_negative*: an
    amount of a filing.

    Errors: :class:`~costbasis.errors.BadOverride` with the key.
    """
    said = f"{over.low:g}" if over.is_exact else f"{over.low:g}..{over.high:g}"
    if is_single and not over.is_exact:
        raise BadOverride(f"{over.key} takes one number, not {said}", where="--set", hint=f"--set {over.key}=NUMBER")
    if unit == "frac" and not 0 <= over.low <= over.high <= 1:
        raise BadOverride(f"{over.key} is a share and must lie in 0..1, not {said}", where="--set")
    may_be_zero = unit.startswith("usd") or unit in ("frac", "count", "x", "tok", "s")
    if not may_be_negative and (over.low < 0 or (over.low == 0 and not may_be_zero)):
        least = "not be negative" if may_be_zero else "be above zero"
        raise BadOverride(f"{over.key} must {least}, and {said} was given", where="--set")


def _read_scenario(path: Path) -> dict[str, Override]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check --scenario") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadOverride(
            f"not valid TOML: {why(error)}", where=str(path), hint='write "kind/name.field" = value'
        ) from error
    return {key: _override(key, _as_text(value, key, path), str(path)) for key, value in _flat(table)}


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _as_text(value: object, key: str, path: Path) -> str:
    if isinstance(value, list) and all(isinstance(part, int | float) for part in value):
        return "..".join(str(part) for part in value)
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        return str(value)
    raise BadOverride(f"{value!r} is not a value for {key}", where=str(path), hint='write a number or "low..high"')
