"""Where the money goes: the share of each token class in the tokens, and in their value on each basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.classes import CLASS_COLOURS, CLASS_NAMES
from costbasis.reports.charts.marks import basis_words, estimate_of, series_colour
from costbasis.reports.charts.theme import PAPER
from costbasis.reports.format import money_and_interval, share, tokens

NAME = "money"

BASES = ("list", "market", "serving")


def chart(report: Mapping[str, Any]) -> Chart | None:
    """Stacked shares, a bar a basis; needs ``by_class``. Shares are of means: means add, medians do not."""
    classes = {one["class"]: one for one in report["by_class"]}
    if not classes:
        return None
    rows = _rows_of("Tokens", {name: (one["tokens"], tokens(one["tokens"])) for name, one in classes.items()})
    for basis in BASES:
        usd = {name: one["bases"].get(f"{basis}_usd") for name, one in classes.items()}
        if all(usd.values()):
            values = {name: (one["mean"], f"{money_and_interval(estimate_of(one))} USD") for name, one in usd.items()}
            rows += _rows_of(basis_words(basis)[0], values)
    order = list(dict.fromkeys(row["of"] for row in rows))
    names = [name for name in CLASS_NAMES if name in classes]
    columns = [
        Column("of", lambda row: row["of"], is_number=False),
        Column("class", lambda row: row["series"], is_number=False),
        Column("share", lambda row: share(row["share_frac"])),
        Column("amount", lambda row: row["says"]),
    ]
    series, colours = [CLASS_NAMES[name] for name in names], [CLASS_COLOURS[name] for name in names]
    place = {"field": "share_frac", "type": "quantitative", "stack": "zero", "scale": {"domain": [0, 1], "nice": False}}
    y = {"field": "of", "type": "nominal", "sort": order, "axis": {"title": None, "labelFontSize": 13}}
    stacked = {"field": "rank", "type": "ordinal"}
    view = {
        "encoding": {"y": y, "order": stacked},
        "layer": [
            {
                "mark": {"type": "bar", "height": 26, "stroke": PAPER, "strokeWidth": 1},
                "encoding": {
                    "x": {**place, "axis": {"format": ".0%", "title": None, "tickCount": 5}},
                    "color": series_colour(series, colours),
                    "tooltip": [
                        {"field": "of", "title": "of"},
                        {"field": "series", "title": "class"},
                        {"field": "percent", "title": "share"},
                        {"field": "says", "title": "amount"},
                    ],
                },
            },
            {
                "mark": {"type": "text", "fill": PAPER, "fontWeight": 600, "fontSize": 12},
                "encoding": {
                    "x": {**place, "bandPosition": 0.5},
                    "detail": {"field": "series"},
                    "text": {"condition": {"test": "datum.share_frac >= 0.1", "field": "percent"}, "value": ""},
                },
            },
        ],
    }
    title = "Which tokens the money goes to"
    legend = list(zip(series, colours, strict=True))
    return chart_of(title, _says(rows), rows, columns, view, height=40 * len(order), legend=legend)


def _rows_of(of: str, values: Mapping[str, tuple[float, str]]) -> list[dict[str, Any]]:
    whole = sum(value for value, _ in values.values())
    names = [name for name in CLASS_NAMES if name in values]
    return [
        {
            "of": of,
            "series": CLASS_NAMES[name],
            "rank": rank,
            "share_frac": values[name][0] / whole if whole else 0.0,
            "percent": share(values[name][0] / whole if whole else 0.0),
            "says": values[name][1],
        }
        for rank, name in enumerate(names)
    ]


def _says(rows: list[dict[str, Any]]) -> str:
    """The largest class of each bar."""
    found = []
    for of in dict.fromkeys(row["of"] for row in rows):
        most = max((row for row in rows if row["of"] == of), key=lambda row: row["share_frac"])
        found.append(f"{of}: {most['series'].lower()} {most['percent']}")
    return f"The largest class. {'; '.join(found)}."
