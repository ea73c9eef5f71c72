"""Workloads: what a request looks like, when it comes, and how long its cache is kept."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costbasis.catalog.tables import read_csv
from costbasis.errors import BadArgument, UnknownName, UnreadableInput, why
from costbasis.formulas.fleet import load_factor_frac
from costbasis.quantity import Quantity, Source, counted, derive

if TYPE_CHECKING:
    from costbasis.catalog.catalog import Catalog

KNOWN: Mapping[str, str] = {
    "coding_agent": "coding_three_region",
    "chat": "chat_global",
    "chat_reasoning": "chat_global",
    "api": "",
    "rag": "rag_campus",
    "code_completion": "coding_single_region",
}
"""Workload to the hourly profile that goes with it; none where no profile of its demand is known."""

_INPUT = ("context_per_request_mean", "input_per_request_mean")
_HELD = ("kv_hold_seconds_per_request_ttl_5min", "gap_between_turns_p50", "reuse_time_p80")
_KEYS = ("isl_tok", "osl_tok", "cached_frac", "held_s", "hourly_load")
DAYS = 7
WORKDAYS = 5


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of request. *isl_tok* includes the cached tokens, *osl_tok* the reasoning.

    *held_s*: how long the cache of a request is kept until the next one reads it. *hourly_load*: demand by the
    hour in any unit, a day or a week of it; empty where it is not known.
    """

    name: str
    isl_tok: float
    osl_tok: float
    cached_frac: float
    held_s: float
    hourly_load: Sequence[float]
    source: Source

    def __post_init__(self) -> None:
        for name in ("isl_tok", "osl_tok"):
            if not getattr(self, name) > 0:
                what = f"{name} must be above zero, and {getattr(self, name):g} was given"
                raise BadArgument(what, where=self.name, hint="a request has tokens in (isl_tok) and out (osl_tok)")
        if not 0 <= self.cached_frac < 1:
            raise BadArgument(
                f"{self.cached_frac:g} is no share of cached input",
                where=self.name,
                hint="it lies in 0..1 and stays below 1: the last token of a prompt is always computed",
            )
        if self.held_s < 0 or any(load < 0 for load in self.hourly_load):
            raise BadArgument("held_s and hourly_load cannot be negative", where=self.name)
        if self.hourly_load and not any(self.hourly_load):
            raise BadArgument("hourly_load has no demand in it", where=self.name, hint="leave it out if it is unknown")

    @property
    def new_tok(self) -> float:
        """Input tokens of a request that are computed."""
        return self.isl_tok * (1 - self.cached_frac)

    @property
    def cached_tok(self) -> float:
        """Input tokens of a request that are read from a cache."""
        return self.isl_tok * self.cached_frac

    @property
    def output_context_tok(self) -> float:
        """Keys that an output token reads, on average: the prompt and half of the output."""
        return self.isl_tok + self.osl_tok / 2

    def changed(
        self, *, isl_tok: float | None = None, osl_tok: float | None = None, cached_frac: float | None = None
    ) -> Workload:
        """The same with what was given put in its place."""
        given = {"isl_tok": isl_tok, "osl_tok": osl_tok, "cached_frac": cached_frac}
        asked: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return replace(self, **asked, name="as asked") if asked else self


def workload_of(name: str, catalog: Catalog) -> Workload:
    """A workload of the catalogue, at the middle of its published figures.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest.
    """
    if name not in KNOWN:
        raise UnknownName(
            "workload", name, known=KNOWN, hint=f"known are {', '.join(KNOWN)}; or give the path of a TOML file"
        )
    facts = {fact.key.rpartition(".")[2]: fact for fact in catalog.facts("workload") if fact.key.startswith(_of(name))}
    first = next(facts[key] for key in _INPUT if key in facts)
    cached, held = facts.get("cache_read_share_of_input"), next((facts[key] for key in _HELD if key in facts), None)
    weekend = facts.get("weekend_day_to_weekday")
    known_share = cached is not None and cached.mid is not None
    return Workload(
        name,
        first.middle,
        facts["output_per_request_mean"].middle,
        cached.middle if known_share and cached is not None else 0.0,
        held.middle if held is not None and known_share else 0.0,
        weekly_load(KNOWN[name], weekend.middle if weekend is not None else 1.0) if KNOWN[name] else (),
        first.source,
    )


def _of(name: str) -> str:
    return f"workload/{name}."


def weekly_load(profile: str, weekend_over_weekday: float) -> tuple[float, ...]:
    """168 hours of demand, Monday first, in shares of a weekday: five weekdays and two days of a weekend.

    A profile without a weekend column repeats its day.
    """
    rows = [row for row in read_csv("hourly_profile.csv") if row["profile"] == profile]
    weekday = [float(row["weekday_share"]) for row in rows]
    if not all(row["weekend_share"] for row in rows):
        return tuple(weekday * DAYS)
    weekend = [float(row["weekend_share"]) * weekend_over_weekday for row in rows]
    return tuple(weekday * WORKDAYS + weekend * (DAYS - WORKDAYS))


def load_factor(workload: Workload, catalog: Catalog) -> Quantity:
    """Mean over peak demand: from the workload's own hours where they are known, else the catalogue's range."""
    if not workload.hourly_load:
        return catalog.quantity("fleet/default.load_factor_frac")
    hours = workload.hourly_load
    factor: Quantity = derive(
        load_factor_frac,
        mean_load=counted("mean_load", sum(hours) / len(hours), workload.source),
        peak_hour_load=counted("peak_hour_load", max(hours), workload.source),
        burst=catalog.quantity("workload/demand.peak_minute_to_peak_hour"),
        reserve_frac=catalog.quantity("fleet/default.reserve_frac"),
    )
    return factor.labelled(f"mean over peak demand of {workload.name}")


def read_workload(path: Path, start: Workload) -> Workload:
    """A workload from a TOML file; what it leaves out is taken from *start*.

    Errors: :class:`~costbasis.errors.UnreadableInput`, :class:`~costbasis.errors.BadArgument` with the key at fault.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check --workload") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadArgument(f"not valid TOML: {why(error)}", where=str(path), hint="write isl_tok = 4000") from error
    for key, value in table.items():
        if key not in _KEYS:
            raise UnknownName("key", key, known=_KEYS, where=str(path), hint=f"a workload has {', '.join(_KEYS)}")
        if not _is_usable(key, value):
            raise BadArgument(f"{key} cannot be {value!r}", where=str(path), hint="numbers; 24 or 168 for hourly_load")
    hours = table.pop("hourly_load", start.hourly_load)
    numbers = {key: float(value) for key, value in table.items()}
    source = Source(str(path), trust="A", status="given", as_of="")
    return replace(start, name=path.stem, **numbers, hourly_load=tuple(hours), source=source)


def _is_usable(key: str, value: object) -> bool:
    if key != "hourly_load":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, list) and len(value) in (24, 168) and all(_is_usable("", item) for item in value)
