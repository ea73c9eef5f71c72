"""The claim gallery: every shipped claim judged, a page each, with its card and its whole verdict page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from html import escape
from pathlib import Path
from typing import Any

from costbasis.catalog import load_catalog
from costbasis.cli.check import build
from costbasis.cli.session import Session
from costbasis.reports.card import card_svg
from costbasis.reports.claimtext import WORDS, basis_words, changes
from costbasis.reports.format import interval, number, share
from costbasis.reports.page import value_text
from costbasis.reports.verdict_page import figures, verdict_page

GRADE = {
    "supported": "right",
    "mostly_supported": "right",
    "right_number_wrong_basis": "partly",
    "right_number_wrong_scope": "partly",
    "overstated": "partly",
    "understated": "partly",
    "internally_inconsistent": "wrong",
    "refuted": "wrong",
    "unverifiable": "open",
}
"""Verdict word to the class of its label in ``style/site.css``."""


def files() -> dict[str, str | bytes]:
    """The gallery's files below ``docs/``."""
    paths = load_catalog().claim_paths()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        made = sorted(pool.map(judged, paths), key=lambda made: (made["when"], made["id"]))
    found: dict[str, str | bytes] = {"claims/index.md": _index(made)}
    for one in made:
        found[f"claims/{one['id']}.md"] = one["page"]
        found[f"claims/{one['id']}-card.svg"] = one["card"]
        found[f"claims/{one['id']}-verdict.html"] = one["whole"]
    return found


def judged(path: Path) -> dict[str, str]:
    """One claim judged, and everything that the gallery shows of it. Runs in a process of its own."""
    verdict = build(Session(False, None, 1, (), None, True, True), claim=path.stem, fail_on="")
    return {
        "id": verdict["claim"],
        "when": verdict["said"]["when"],
        "row": _row(verdict),
        "page": page(verdict),
        "card": card_svg(verdict),
        "whole": verdict_page(verdict),
    }


def _index(made: list[dict[str, str]]) -> str:
    lines = [
        "# Claims",
        "",
        f"The {len(made)} claims that ship, in the order they were made. Each was judged while this site was built,",
        "at the claim's own date; its page says what it is true of, for whom, and what would have to be so for it to",
        "be right. How a word is chosen is written down in `docs/decisions/0005-verdicts.md`; how often the words are",
        "right, and what that says, in `docs/accuracy.md`. To judge one of your own: `docs/claim-files.md`.",
        "",
        "| said | by | claim | verdict |",
        "|---|---|---|---|",
        *(one["row"] for one in made),
    ]
    return "\n".join(lines) + "\n"


def _row(verdict: dict[str, Any]) -> str:
    said = verdict["said"]
    title = f"[{cell(verdict['title'])}]({verdict['claim']}.md)"
    return f"| {said['when']} | {cell(said['who'])} | {title} | {label(verdict['verdict'])} |"


def label(word: str) -> str:
    """A verdict word as a label."""
    return f'<span class="verdict {GRADE[word]}">{WORDS[word]}</span>'


def page(verdict: dict[str, Any]) -> str:
    """The page of a ``costbasis.verdict/1`` object. Every number on it is one of that object."""
    said = verdict["said"]
    alt = escape(f"{WORDS[verdict['verdict']]}: {verdict['answer']}", quote=True)
    interest = f" Its interest: {prose(said['interest'])}." if said["interest"] else ""
    lines = [
        f"# {prose(verdict['title'])}",
        "",
        f"{label(verdict['verdict'])} confidence {verdict['confidence']}",
        "",
        f"**{prose(verdict['answer'])}**",
        "",
        f"> “{prose(said['words'])}”",
        ">",
        f"> {prose(said['who'])}, {prose(said['where'])}, {said['when']} (trust {said['trust']}).{interest}",
        "",
        f'<figure class="figure" markdown="1">![{alt}]({verdict["claim"]}-card.svg)</figure>',
        "",
        *_axes(verdict),
        *_ladder(verdict),
        *_figures(verdict),
        *_parties(verdict),
        *_list("What would have to be true", verdict["flips"]),
        *_list("The strongest objections to our own answer", verdict["objections"]),
        *_list("Mind", verdict["cautions"]),
        *_drivers(verdict),
        *_list("Documents", [_document(item) for item in verdict["sources"]]),
        *_again(verdict),
    ]
    return "\n".join(lines) + "\n"


def _axes(verdict: dict[str, Any]) -> Iterator[str]:
    yield from ("## On four axes", "", "| axis | finding |", "|---|---|")
    for axis, says in verdict["axes"].items():
        yield f"| {axis} | {cell(says.replace('_', ' '))} |"
    yield f"| said of, needed | {verdict['basis_claimed']}, {verdict['basis_needed']} |"
    yield ""


def _ladder(verdict: dict[str, Any]) -> Iterator[str]:
    if not verdict["ladder"]:
        return
    yield from ("## The same tokens on every basis", "")
    yield from ("| basis | by | USD | 80 % interval | of list | trust |", "|---|---|---:|---:|---:|---|")
    for rung in verdict["ladder"]:
        money = rung["usd"].estimate
        inside = "exact" if money.p10 == money.p90 else interval(money)
        mark = " \\*" if rung["from_claim"] else ""
        of_list = share(rung["cost_over_list"].estimate.p50)
        by = f"{cell(rung['anchor'])}{mark}"
        yield f"| {rung['basis']} | {by} | {number(money.p50)} | {inside} | {of_list} | {rung['trust']} |"
    if any(rung["from_claim"] for rung in verdict["ladder"]):
        yield from ("", "\\* from the claim's own inputs")
    yield ""


def _figures(verdict: dict[str, Any]) -> Iterator[str]:
    rows = figures(verdict)
    if not rows:
        return
    yield from ("## What the figure is, basis by basis", "")
    yield f"| {cell(verdict['quantity'])} | value | 80 % interval | {cell(verdict['stated_text'])} is true of it |"
    yield "|---|---:|---:|---|"
    for row in rows:
        true = "yes" if row["matches"] else "no"
        yield f"| {cell(row['name'])} | {row['value']} | {row['inside'] or 'exact'} | {true} |"
    yield ""


def _parties(verdict: dict[str, Any]) -> Iterator[str]:
    yield from ("## For whom it is true", "", "| party | true | why |", "|---|---|---|")
    for row in verdict["for_whom"]:
        true = {True: "yes", False: "no", None: "–"}[row["true"]]
        yield f"| {row['party']} | {true} | {cell(row['why'])} |"
    yield ""


def _drivers(verdict: dict[str, Any]) -> Iterator[str]:
    if not verdict["drivers"]:
        return
    yield from ("## What moves the answer", "")
    yield from ("| input | share of spread | value (80 % interval) | trust | source |", "|---|---:|---:|---|---|")
    for row in verdict["drivers"]:
        value = value_text(row["value"], row["unit"])
        source = cell(f"{row['source']}, {row['date']}")
        name = f"{cell(row['label'])}<br>`{row['key']}`"
        yield f"| {name} | {share(row['share_frac'])} | {value} | {row['trust']} | {source} |"
    yield ""


def _list(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from (f"## {title}", "", *(f"- {prose(line)}" for line in lines), "")


def _document(item: dict[str, Any]) -> str:
    return f"{item['name']} ({item['ref']}, {item['date']}, trust {item['trust']})"


def _again(verdict: dict[str, Any]) -> Iterator[str]:
    today = verdict["today"]
    yield from ("## Make it again", "", "```bash", verdict["reproduce"]["command"], "```", "")
    if today["central"] is not None:
        estimate = today["central"].estimate
        moved = changes(today["changed"])
        other = f" Other now: {prose(', '.join(moved[:6]))}{' …' if len(moved) > 6 else ''}." if moved else ""
        word = WORDS[today["verdict"]]
        yield f"With the facts of {today['as_of']}: {word}, {number(estimate.p50)} ({interval(estimate)}).{other}"
        yield ""
    whole = f"[whole verdict page]({verdict['claim']}-verdict.html)"
    yield f"Every input with its source is on the {whole}, as `--html` writes it."
    yield ""
    found = ", ".join(basis_words(name) for name in verdict["matches_basis"]) or "no basis"
    made = f"Seed {verdict['seed']}, catalogue `{verdict['catalogue_sha256'][:12]}`, version {verdict['version']}."
    yield f"True on: {found}. {made}"


def prose(text: str) -> str:
    """Text of a claim inside Markdown: nothing in it is markup."""
    marked = (f"\\{mark}" if mark in "\\`*_[]#|" else escape(mark, quote=False) for mark in text)
    return "".join(marked).replace("\n", " ")


def cell(text: str) -> str:
    """The same inside a table."""
    return prose(text)
