"""The page and its parts as HTML: every number on it is one of the answer's object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from costbasis.explore.controls import Control
from costbasis.explore.scenario import Scenario
from costbasis.explore.subjects import Subject
from costbasis.quantity import Estimate
from costbasis.reports.claimtext import WORDS, amount
from costbasis.reports.format import in_reader_units, number, tokens
from costbasis.reports.html import sentence
from costbasis.reports.page import ladder_bars, templates, value_text
from costbasis.reports.verdict_page import figures

SAYS = {
    "list": "what an API buyer pays",
    "realised": "list less negotiated discounts",
    "market": "hosts of comparable open models",
    "serving": "what they cost to produce",
    "marginal": "one more such token on machines held anyway",
    "opportunity": "serving, with scarcity λ as set",
    "loaded": "with free users, training and the rest",
}
"""A basis in words that need no glossary."""

MARKS = {"yes": "yes", "no": "no", "not a side of this plan": "–", "cannot be determined": "?"}


def page(
    answer: Mapping[str, Any] | None,
    controls: Sequence[Control],
    subjects: Sequence[Subject],
    plans: Sequence[tuple[str, str]],
    scenario: Scenario,
    error: Mapping[str, str] | None = None,
) -> str:
    """The whole page."""
    chosen = scenario.of or (subjects[0].id if subjects else "")
    return _render(
        "page.html.j2",
        fragment=ladder(answer) if answer is not None else error_box(error or {}),
        controls=controls,
        subjects=subjects,
        chosen=chosen,
        is_claim=any(subject.id == chosen and subject.is_claim for subject in subjects),
        plans=[(vendor, list(group)) for vendor, group in groupby(plans, key=lambda row: row[0].partition("/")[0])],
        plan_asked=(answer or {}).get("plan_asked", scenario.plan),
        scenario=scenario,
        is_error=answer is None,
    )


def ladder(answer: Mapping[str, Any]) -> str:
    """The part that moves with a slider."""
    if answer["kind"] == "claim":
        verdict = answer["verdict"]
        return _render(
            "verdict.html.j2",
            answer=answer,
            verdict=verdict,
            word=WORDS[verdict["verdict"]],
            figures=figures(verdict),
            amount=amount,
            **_rungs(verdict["ladder"]),
        )
    return _render(
        "ladder.html.j2", answer=answer, sentence=sentence_of(answer), marks=MARKS, **_rungs(answer["ladder"])
    )


def sentence_of(answer: Mapping[str, Any]) -> str:
    """The answer in one sentence, as the report says it."""
    if answer["kind"] == "claim":
        return str(answer["verdict"]["answer"])
    bases = {"list_usd": answer["list_usd"]}
    if answer["list_over_serving"] is not None:
        bases["serving_usd"] = answer["routes"]["pooled"]
    told = {"usage": {"total": {"bases": bases}}, "plan": answer["plan"]}
    return sentence(told | {"list_over_serving": answer["list_over_serving"]})


def _rungs(rungs: list[dict[str, Any]]) -> dict[str, Any]:
    """Our first rung of each basis; and the others by which it may be reached, a claim's own among them."""
    bars = ladder_bars(rungs)
    ours = [(index, bar["rung"]) for index, bar in enumerate(bars) if not bar["rung"]["from_claim"]]
    first = {rung["basis"]: index for index, rung in reversed(ours)}
    main = [bar for index, bar in enumerate(bars) if first.get(bar["rung"]["basis"]) == index]
    other = [bar for index, bar in enumerate(bars) if first.get(bar["rung"]["basis"]) != index]
    return {"main": main, "other": other, "says": SAYS}


def more(found: Mapping[str, Any]) -> str:
    """What would have to be true, the plan's map, and what moves the answer."""
    whole = found["verdict"] if found["kind"] == "claim" else found
    must = [] if found["kind"] == "claim" else found["must_be_true"]
    study = found["plan_study"]
    return _render(
        "more.html.j2",
        found=found,
        flips=whole.get("flips", []),
        must=[row for row in must if row["value"] is not None],
        idle=[row["label"] for row in must if row["value"] is None],
        scenario=None if found["kind"] == "claim" else found["scenario"],
        drivers=whole["drivers"],
        study=study,
        grid=_grid(study) if study else None,
        in_words=_in_words,
        said_value=_said_value,
        plan=found.get("plan"),
    )


def _grid(study: Mapping[str, Any]) -> dict[str, Any] | None:
    """The map as rows of cells; *here* marks the cell nearest to where the middle of both readings is."""
    cells = study["map"]
    if not cells:
        return None
    ratios = sorted({cell["cost_over_list"] for cell in cells})
    uses = sorted({cell["mean_utilisation"] for cell in cells})
    chance = {(cell["cost_over_list"], cell["mean_utilisation"]): cell["p_profitable"] for cell in cells}
    over = study["cost_over_list"].estimate.p50
    mean, ceiling = study["population"]["mean_use_usd"].estimate.p50, study["population"]["ceiling_usd"].estimate.p50
    here = (_nearest(ratios, over), _nearest(uses, mean / ceiling))
    rows = [
        {
            "ratio": ratio,
            "cells": [
                {
                    "use": use,
                    "p": chance[ratio, use],
                    "shade": round(10 * chance[ratio, use]),
                    "here": here == (ratio, use),
                }
                for use in uses
            ],
        }
        for ratio in ratios
    ]
    return {"uses": uses, "rows": rows, "over": over, "use": mean / ceiling}


def _nearest(values: Sequence[float], value: float) -> float:
    return min(values, key=lambda one: abs(one / value - 1) if value else one)


def _said_value(leaf: Any, unit: str) -> str:
    """A value with its interval; a large count with a scale."""
    estimate = leaf.estimate
    if unit or abs(estimate.p50) < LARGE:
        return value_text(leaf, unit)
    return f"{tokens(estimate.p50)} ({tokens(estimate.p10)} – {tokens(estimate.p90)})"


LARGE = 1e6


def _in_words(value: float, unit: str) -> str:
    if not unit and abs(value) >= LARGE:
        return tokens(value)
    named, reader_unit = in_reader_units(Estimate(value, value, value, value), unit)
    return f"{number(named.p50)} {reader_unit}".rstrip()


def error_box(error: Mapping[str, str]) -> str:
    """A message in its three parts."""
    return _render("error.html.j2", error={"what": "", "where": "", "hint": ""} | dict(error))


def _render(template: str, **values: Any) -> str:
    return templates("costbasis.explore").get_template(template).render(**values)
