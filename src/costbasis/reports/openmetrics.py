"""A usage table by model as OpenMetrics text, for a textfile collector: exact counters, and gauges of estimates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any

from costbasis.reports.leaf import Estimated
from costbasis.usage.pricing.cells import usd_text

PREFIX = "costbasis"

FAMILIES = {
    "requests": ("counter", "requests", "Requests counted, those without a list price too."),
    "usage_tokens": ("counter", "tokens", "Tokens by class; reasoning is a part of output and no class of its own."),
    "unpriced_requests": ("counter", "requests", "Requests without a list price, in no sum of money."),
    "web_searches": ("counter", "searches", "Web searches counted."),
    "list_usd": ("counter", "usd", "List value in US dollars, exact: tokens and web searches."),
    "list_max_usd": ("counter", "usd", "The same where cache writes of unknown lifetime were the dearer ones."),
    "market_usd": ("gauge", "usd", "Value at hosts of comparable open models: p10, p50, p90 and mean."),
    "serving_usd": ("gauge", "usd", "What the tokens cost to produce: p10, p50, p90 and mean."),
}
"""Family to its type, unit and help. Sums of an estimate over models: of its mean alone."""

LEAVES = {
    "list_usd": "list_usd",
    "list_max_usd": "list_usd_max",
    "market_usd": "market_usd",
    "serving_usd": "serving_usd",
}


def openmetrics(table: Mapping[str, Any], last_time_s: float | None) -> str:
    """The ``costbasis.usage/1`` object by model as OpenMetrics 1.0 text. What is unknown has no sample, never 0."""
    lines: list[str] = []
    for family, (kind, unit, help_text) in FAMILIES.items():
        name = f"{PREFIX}_{family}" if family.endswith(unit) else f"{PREFIX}_{family}_{unit}"
        lines += [f"# TYPE {name} {kind}", f"# UNIT {name} {unit}", f"# HELP {name} {help_text}"]
        suffix = "_total" if kind == "counter" else ""
        lines += [f"{name}{suffix}{_labels(labels)} {value}" for labels, value in _samples(family, table["rows"])]
    if last_time_s is not None:
        name = f"{PREFIX}_last_request_time_seconds"
        lines += [f"# TYPE {name} gauge", f"# UNIT {name} seconds", f"# HELP {name} When the last request was made."]
        lines.append(f"{name} {last_time_s!r}")
    return "\n".join([*lines, "# EOF", ""])


def _samples(family: str, rows: list[Mapping[str, Any]]) -> Iterator[tuple[dict[str, str], str]]:
    for row in rows:
        labels = {"model": row["key"]}
        if family == "usage_tokens":
            classes = {name: count for name, count in row["tokens"].items() if name != "reasoning"}
            yield from ((labels | {"token_type": name}, str(count)) for name, count in classes.items())
        elif family not in LEAVES:
            yield labels, str(row[family])
        else:
            yield from _money(labels, row["bases"].get(LEAVES[family]))


def _money(labels: dict[str, str], leaf: Any) -> Iterator[tuple[dict[str, str], str]]:
    if leaf is None:
        return
    if not isinstance(leaf, Estimated):
        yield labels, usd_text(leaf.pico_usd)
        return
    for part, value in leaf.estimate._asdict().items():
        if not isnan(value):
            yield labels | {"stat": part}, repr(float(value))


def _labels(labels: Mapping[str, str]) -> str:
    return f"{{{','.join(f'{name}={_quoted(value)}' for name, value in labels.items())}}}"


def _quoted(text: str) -> str:
    r"""A label value as the format writes it.

    >>> print(_quoted('a "b" \\ c'))
    "a \"b\" \\ c"
    """
    escaped = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'"{escaped}"'
