"""A new claim file from a sentence: what can be guessed is filled in and marked, the rest says what to write."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from costbasis.claims.claim import SCHEMA
from costbasis.claims.measure import measure

KINDS = (
    ("growth", r"\b(grew|growth|fell|cheaper than|times more|doubled|since)\b", {""}),
    ("break_even", r"break[- ]?even|loses? money above|above .* utili[sz]ation", {"", "usd", "usd/month"}),
    ("subsidy_ratio", r"\bsubsid|\bfor every (dollar|one)\b|\bper dollar paid\b", {""}),
    ("company_margin", r"\bmargin|\bloss(es)?\b|\blost\b|\bprofit|revenue", {""}),
    ("unit_price_ratio", r"times (cheaper|dearer)|mark-?up|a tenth|\d+x\b", {""}),
    ("throughput", r"tokens? (per|a) second|tok/s|per million tokens|input tokens", {"usd/tok", "tok/s"}),
    ("usage_plausibility", r"\b(logs?|counted|used|worth) .*\bdays?\b|ceiling|cap\b", {"usd", "usd/month"}),
    ("cost_of_usage", r"", {"usd", "usd/day", "usd/week", "usd/month", "usd/year"}),
)
"""Kind, the words that speak for it, and the units it can answer in; the first that fits is proposed."""

BASES = (
    ("gaap", r"margin|revenue|\bloss\b|\blost\b|profit"),
    ("serving", r"compute|serv(e|ing)|inference|costs? (openai|anthropic|google|them|it|the vendor)|burns?|spends?"),
    ("market", r"open[- ]weight|openrouter|comparable|deepinfra|hosts?\b"),
    ("list", r"api (price|value)|list|worth|retail"),
)
"""Basis and the words that speak for it."""


class Guess(NamedTuple):
    """What the sentence seems to say."""

    kind: str
    basis: str


def guess(sentence: str, unit: str) -> Guess:
    """The question and the basis that the words and the unit speak for.

    >>> guess("a $200 plan burns $5,000 of compute per heavy user", "usd/month")
    Guess(kind='cost_of_usage', basis='serving')
    >>> guess("the company runs a 70 % gross margin", "share")
    Guess(kind='company_margin', basis='gaap')
    """
    dimension, words = measure(unit, "--unit").name, sentence.lower()
    kind = next((name for name, says, units in KINDS if dimension in units and re.search(says, words)), "free_form")
    basis = next((name for name, says in BASES if re.search(says, words)), "list")
    return Guess(kind, basis)


def scaffold(sentence: str, value: float, unit: str, *, who: str, when: date, model: str, plan: str) -> str:
    """The TOML of a new claim that can be judged at once; lines marked ``check`` are guesses.

    Errors: :class:`~costbasis.errors.UnknownName` for a unit that nobody knows.
    """
    found = guess(sentence, unit)
    slug = re.sub(r"[^a-z0-9]+", "-", sentence.lower()).strip("-")[:40].strip("-") or "claim"
    lines = [
        f"# A claim for costbasis: fill in what is marked, then: costbasis check {slug}.toml",
        "# Fields, units and questions: docs/claim-files.md",
        f'schema = "{SCHEMA}"',
        f'id = "{slug}"',
        f"title = {_quoted(sentence)}",
        "",
        "[said]",
        f"who = {_quoted(who or 'somebody')}  # check: a name, or what is known of the source",
        'where = "where it was said"  # check: publication, page',
        f"when = {when.isoformat()}  # check: the day it was said; prices are those of that day",
        f"words = {_quoted(sentence)}",
        'interest = ""  # what the speaker gains if it is believed',
        'trust = "D"  # A audited or sworn, B first party, C press, D analyst or one user, E anonymous',
        "",
        "[stated]",
        'quantity = "what the figure is"  # check',
        f"value = {value:g}",
        f'unit = "{unit}"',
        'relation = "about"  # about, at_least, at_most',
        'period = "month"  # check',
        'population = "whom it is about"  # check: one user, the average one, all of a plan',
        "# bases: list, realised, market, serving, marginal, opportunity, loaded, gaap (a line of the accounts)",
        f'basis_claimed = "{found.basis}"  # check: the basis that is spoken of',
        f'basis_needed = "{found.basis}"  # check: the basis that the words need',
        f'party = "{_party(found.basis)}"  # check: whose bill it is',
        "",
        "[question]",
        f'kind = "{found.kind}"  # check',
        f'plan = "{plan}"' if plan else '# plan = "anthropic/max_20x"',
        *_body(found, value, unit, model, plan),
        "",
        "# [[source]]",
        '# name = "the article"',
        '# ref = "where it can be read"',
        '# date = "2026-03-05"',
        '# trust = "C"',
    ]
    return "\n".join(lines) + "\n"


def _party(basis: str) -> str:
    return {"list": "API buyer", "market": "API buyer", "realised": "reseller", "gaap": "investor"}.get(
        basis, "model owner"
    )


def _body(found: Guess, value: float, unit: str, model: str, plan: str) -> list[str]:
    """What the question needs beside the figure."""
    if found.kind in ("cost_of_usage", "unit_price_ratio", "break_even", "subsidy_ratio"):
        named = measure(unit, "--unit")
        amount = f"{value * named.scale:g}" if named.name.startswith("usd") else "1000"
        lines = [
            "",
            "[usage]",
            f'model = "{model}"  # check',
            f"list_usd = {amount}  # check: what the tokens are worth at list, in USD (or tok_by, list_usd_by)",
            'tokens_by = "list value, taken from the figure"  # check',
        ]
        if found.kind == "break_even" and not plan:
            lines += ["", "[inputs.price_usd]", "value = 200  # check: the plan's price a month", 'unit = "usd"']
            lines += ["", "[inputs.full_use_usd]", "value = 8000  # check: list value at full use", 'unit = "usd"']
        if found.kind == "subsidy_ratio":
            lines += ["", "[inputs.paid_usd]", "value = 200  # check: what was paid for it", 'unit = "usd"']
        return lines
    if found.kind == "growth":
        names = ("from_value", "to_value", "years")
        return [line for name in names for line in ("", f"[inputs.{name}]", "value = 1  # check", 'unit = "x"')]
    if found.kind == "throughput":
        inputs = (("active_params", "37", "param_b"), ("accel_count", "8", "accel"),
                  ("usd_per_accel_hour", "2", "usd/accel-hour"), ("tok_per_s", "1000", "tok/s"))  # fmt: skip
        head = ['accelerator = "h100-sxm"  # check']
        return head + [
            line for name, text, named in inputs
            for line in ("", f"[inputs.{name}]", f"value = {text}  # check", f'unit = "{named}"')
        ]  # fmt: skip
    return [
        "",
        "[inputs.part]  # check: the claim's own numbers, one table each",
        f"value = {value:g}",
        f'unit = "{unit}"',
        "",
        "[[reading]]  # check: what the figure should be, from the inputs: + - * / and the names above",
        'name = "the figure from its parts"',
        'by = "part"',
        f'unit = "{unit}"',
        f'basis = "{found.basis}"',
        "needed = true",
    ]


def _quoted(text: str) -> str:
    """A TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    clean = "".join(letter if letter >= " " and letter != "\x7f" else " " for letter in escaped)
    return f'"{clean}"'
