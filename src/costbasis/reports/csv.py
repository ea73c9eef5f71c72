"""Usage tables as CSV: one line a row (or a model of a row), full precision, units in the heads."""

from __future__ import annotations

import csv
from io import StringIO
from math import isnan
from typing import Any

from costbasis.reports.leaf import Estimated
from costbasis.usage.pricing.cells import usd_text

PARTS = ("p10", "p50", "p90", "mean")


def usage_csv(table: dict[str, Any], bases: list[str], *, breakdown: bool) -> str:
    """The rows, without their total. A value that is unknown is an empty field, never 0.

    Exact money is a decimal; an estimate is four columns: p10, p50, p90 and the mean.
    """
    classes = list(table["total"]["tokens"])
    screen = StringIO()
    out = csv.writer(screen, lineterminator="\n")
    named = [table["by"], *(["model"] if breakdown else [])]
    tokens = [f"{name}_tok" for name in classes]
    money = [column for basis in bases for column in _columns(basis)]
    out.writerow([*named, "requests", "unpriced_requests", *tokens, "web_searches", *money])
    for row in table["rows"]:
        for part in row["models"] if breakdown else [row]:
            keys = [row["key"], *([part["model"]] if breakdown else [])]
            counts = [part["tokens"][name] for name in classes]
            values = [value for basis in bases for value in _values(basis, part["bases"])]
            counted = [part["requests"], part["unpriced_requests"], *counts, part["web_searches"]]
            out.writerow([*map(unarmed, keys), *counted, *values])
    return screen.getvalue().rstrip("\n")


def _leaves(basis: str) -> list[str]:
    """The leaves of a row that a basis stands for: exact ones of one column, estimates of four."""
    if basis == "list":
        return ["list_usd", "list_usd_max"]
    return ["serving_usd", "list_over_serving"] if basis == "serving" else [f"{basis}_usd"]


def _columns(basis: str) -> list[str]:
    return [column for leaf in _leaves(basis) for column in _columns_of(leaf)]


def _columns_of(leaf: str) -> list[str]:
    return [leaf] if leaf.startswith("list_usd") else [f"{leaf}_{part}" for part in PARTS]


def _values(basis: str, found: dict[str, Any]) -> list[str]:
    return [text for leaf in _leaves(basis) for text in _texts(found.get(leaf), len(_columns_of(leaf)))]


def _texts(leaf: Any, columns: int) -> list[str]:
    if leaf is None:
        return [""] * columns
    if isinstance(leaf, Estimated):
        return ["" if isnan(value) else f"{value:.6g}" for value in leaf.estimate]
    return [usd_text(leaf.pico_usd)]


def unarmed(text: str) -> str:
    """A name out of a log, such that no spreadsheet takes it for a formula.

    >>> unarmed("=1+1"), unarmed("-home-dev-app"), unarmed("2026-03-01")
    ("'=1+1", "'-home-dev-app", '2026-03-01')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
