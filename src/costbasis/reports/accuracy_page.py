"""The generated page ``docs/accuracy.md``: how far the serving model is off published measurements, group by group."""

from __future__ import annotations

import csv
import io
from typing import Any

from costbasis.catalog import load_catalog
from costbasis.catalog.tables import read_bytes
from costbasis.validation.regression import stored
from costbasis.validation.serving import validate

INTRO = """# Accuracy

First and longest the cost-to-serve model; market prices and claims follow it.

Throughput per accelerator, hence cost per token, predicted against public measurements. Every model is predicted
by constants that were fitted **without any row of that model** or of another with its geometry; the sets further
down leave out each accelerator, or each vendor, instead. `costbasis validate serving` prints the same,
`--measured FILE` scores a file of yours, `costbasis calibrate FILE` learns from it.

- *median error*: median of |predicted / measured − 1|. *p90 |log|*: nine in ten are within this natural logarithm.
- *bias*: median logarithm of predicted over measured; above 0 promises too much.
- *in 80 %*: share of measurements inside the predicted 80 % interval.
- *refused*: rows that the model says do not fit.

What was left out, and stays so: the constants are refitted for each group, but the terms of the model and the priors
were chosen while looking at all of these measurements. Treat an unseen model as somewhat less certain than this page.
Repeats of one configuration differ by a median of 2 to 5 % and a p90 of 13 to 18 %, which no model of this kind
can go below.
"""


def accuracy_page(generated: str) -> str:
    """The page as Markdown."""
    result = validate(load_catalog(), None)
    sets = [result, *result["sets"]]
    lines = [generated, *INTRO.splitlines(), "", "## Sets", "", *_sets(sets)]
    lines += ["", "## Peers, on the rows that they answer", "", *_peers(sets)]
    for one in sets:
        if one["groups"]:
            lines += ["", f"## {one['set'][0].upper()}{one['set'][1:]}", "", *_groups(one)]
    lines += ["", "## Market prices and claims", "", *_others()]
    lines += ["", "## Constants", "", *_constants(), "", "## Rows", "", *(f"- {note}" for note in result["notes"])]
    return "\n".join(lines) + "\n"


def _sets(sets: list[dict[str, Any]]) -> list[str]:
    head = ["| set | n | refused | median error | p90 \\|log\\| | bias | in 80 % |", "|---|---|---|---|---|---|---|"]
    known = [one for one in sets if one["n"] or one["refused"]]
    return head + [f"| {one['set']} | {one['n']} | {one['refused']} | {_scores(one)} |" for one in known]


def _peers(sets: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| set | peer | answers | refused | its median error | its p90 | its bias | ours on these | our p90 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in sets:
        for peer in one["peers"]:
            ours = peer["ours_on_the_same"]
            lines.append(
                f"| {one['set']} | {peer['name']} | {peer['n']} | {peer['refused']} | {_percent(peer['mdape'])} "
                f"| {peer['p90_abs_log']:.2f} | {peer['bias']:+.2f} | {_percent(ours['mdape'])} "
                f"| {ours['p90_abs_log']:.2f} |"
            )
    return lines


def _others() -> list[str]:
    """What the other validations said when last stored; the tests compare with fresh ones."""
    market, claims = stored("market"), stored("claims")
    names = sorted({name.rpartition(": ")[0] for name in market}, key=lambda name: (name != "", name))
    lines = [
        "An open model's median price at its direct hosts, from its architecture and the other models' offers",
        "(`costbasis validate market` prints every model):",
        "",
        "| mix and offers | n | median error | in 80 % |",
        "|---|---|---|---|",
    ]
    for name in names:
        row = {key.rpartition(": ")[2]: value for key, value in market.items() if key.rpartition(": ")[0] == name}
        what = name or "agent mix, today's offers"
        lines.append(f"| {what} | {row['n']:.0f} | {_percent(row['mdape'])} | {row['coverage80']:.0%} |")
    return [
        *lines,
        "",
        f"Of {claims['n']:.0f} worked claims, the verdict is among those that careful readers accept in "
        f"{claims['verdict_accepted']:.0f}, the basis is the needed one in {claims['basis_identified']:.0f}, and the "
        f"centre lies in the expected range in {claims['central_in_range']:.0f}. `costbasis validate claims` names "
        f"each miss. The claim files were written with these expectations in view: a new claim is a harder test.",
    ]


def _groups(one: dict[str, Any]) -> list[str]:
    head = ["| by | group | n | median error | p90 \\|log\\| | bias | in 80 % |", "|---|---|---|---|---|---|---|"]
    return head + [f"| {row['by']} | {row['group']} | {row['n']} | {_scores(row)} |" for row in one["groups"]]


def _scores(row: dict[str, Any]) -> str:
    if row["mdape"] is None:
        return "– | – | – | –"
    return f"{_percent(row['mdape'])} | {row['p90_abs_log']:.2f} | {row['bias']:+.2f} | {row['coverage80']:.0%}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _constants() -> list[str]:
    rows = csv.DictReader(io.StringIO(read_bytes("calibration/serving_constants.csv").decode()))
    lines = [
        "Fitted jointly; they are correlated, so the posterior ships as whole draws. *±*: spread of the logarithm.",
        "",
        "| constant | before | ± | after | ± | why the prior |",
        "|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| `{row['constant']}` | {float(row['prior']):.3g} | {float(row['prior_log_spread']):.2g} "
        f"| {float(row['posterior']):.3g} | {float(row['posterior_log_spread']):.2g} | {row['why']} |"
        for row in rows
    ]
