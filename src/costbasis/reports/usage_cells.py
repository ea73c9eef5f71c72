"""The cells of a usage table as text, for every output that people read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from costbasis.reports.format import SAID_MOST, counted, interval, named, number, share, tokens, usd
from costbasis.reports.leaf import Estimated

Row = dict[str, Any]


class Column(NamedTuple):
    """A column behind the key: what it is called, and what it says of a row."""

    head: str
    text: Callable[[Row], str]


def columns(bases: Sequence[str], *, intervals: bool = True, without: Sequence[str] = ()) -> list[Column]:
    """The columns of a table on these bases, those *without* left out; estimates with their interval or without."""
    found = [
        Column("requests", lambda row: f"{row['requests']:,}"),
        Column("tokens", lambda row: tokens(_all_tokens(row))),
        Column("cache reads", _cache_reads),
        Column("output", lambda row: tokens(row["tokens"]["output"])),
    ]
    for basis in bases:
        found.append(Column(f"{basis} USD", _money(basis, intervals)))
        if basis == "serving":
            found.append(Column("list ÷ serving", _over(intervals)))
    return [column for column in found if column.head not in without]


class Layout(NamedTuple):
    """Columns that fit a screen of some width, and what was left out for it."""

    columns: list[Column]
    left_out: list[str]


LEFT_OUT_FIRST = ("cache reads", "output", "list ÷ serving", "requests")
"""What a narrow screen does without, in this order; intervals go after the second."""


def layouts(bases: Sequence[str]) -> list[Layout]:
    """The tables that a screen may hold, the fullest first."""
    has_estimates = any(basis != "list" for basis in bases)
    found = []
    for most, intervals in [*((most, True) for most in range(3)), *((most, False) for most in range(5))]:
        without = LEFT_OUT_FIRST[:most]
        shown = columns(bases, intervals=intervals, without=without)
        missing = [column.head for column in columns(bases) if column.head in without]
        found.append(Layout(shown, missing + (["intervals"] if has_estimates and not intervals else [])))
    return found


def _all_tokens(row: Row) -> int:
    return sum(count for name, count in row["tokens"].items() if name != "reasoning")


def _cache_reads(row: Row) -> str:
    everything = _all_tokens(row)
    return share(row["tokens"]["cache_read"] / everything) if everything else "–"


def _money(basis: str, intervals: bool) -> Callable[[Row], str]:
    def text(row: Row) -> str:
        """A sum that lacks unpriced requests is a lower bound, and says so."""
        leaf = row["bases"].get(f"{basis}_usd")
        at_least = "≥ " if row["unpriced_requests"] else ""
        if leaf is None:
            return "unknown"
        if not isinstance(leaf, Estimated):
            return f"{at_least}{usd(leaf.pico_usd)}"
        band = f" ({interval(leaf.estimate)})" if intervals else ""
        return f"{at_least}{number(leaf.estimate.p50)}{band}"

    return text


def _over(intervals: bool) -> Callable[[Row], str]:
    def text(row: Row) -> str:
        leaf = row["bases"].get("list_over_serving")
        if leaf is None:
            return "–"
        band = f" ({interval(leaf.estimate, '×')})" if intervals else ""
        return f"{number(leaf.estimate.p50)}×{band}"

    return text


def _about_list(total: Row) -> list[str]:
    """What list would be where writes of unknown lifetime were the dearer ones, and what of it is no tokens."""
    if "list_usd" not in total["bases"]:
        return []
    listed, most = total["bases"]["list_usd"].pico_usd, total["bases"]["list_usd_max"].pico_usd
    tools = total["bases"]["parts_usd"]["tools"].pico_usd
    unknown = tokens(total["tokens"]["cache_write_unknown"])
    found = []
    if most > listed:
        found.append(f"List is at most {usd(most)} USD: {unknown} tokens were written to a cache of unknown lifetime")
    if tools:
        found.append(f"List holds {usd(tools)} USD for {total['web_searches']:,} web searches")
    return found


NOT_IN_LOGS = {"key": "API key", "user": "user"}


def notes(table: dict[str, Any]) -> list[str]:
    """What stands under a table: what has no price, what was skipped, what moves a number."""
    found = [
        f"Not priced: {named(row['model'])} ({counted(row['requests'], 'request')},"
        f" {tokens(row['tokens'])} tokens): {named(row['reason'], SAID_MOST)}"
        for row in table["unpriced"]
    ]
    found += _about_list(table["total"])
    if table["by"] in NOT_IN_LOGS and any(row["key"] == "unknown" for row in table["rows"]):
        found.append(f"unknown: the log does not say which {NOT_IN_LOGS[table['by']]} a request was made with")
    if table["skipped"]["lines"]:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in table["skipped"]["reasons"].items())
        found.append(f"Skipped: {counted(table['skipped']['lines'], 'line')} ({reasons})")
    for warn in table["warnings"]:
        first = f" (first: {warn['first']})" if warn["first"] else ""
        found.append(f"Warning: {warn['kind']}, {warn['count']:,}×{first}: {named(warn['effect'], SAID_MOST)}")
    return [*found, "Estimates are medians with 80 % intervals; list is exact; ≥ leaves unpriced requests out."]
