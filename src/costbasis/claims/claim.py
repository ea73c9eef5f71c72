"""A claim file: who said what, on which basis, and the claim's own inputs and working."""

from __future__ import annotations

import datetime
from typing import Literal

import msgspec

SCHEMA = "costbasis.claim/1"
Relation = Literal["about", "at_least", "at_most"]
Kind = Literal[
    "cost_of_usage",
    "plan_margin",
    "subsidy_ratio",
    "unit_price_ratio",
    "company_margin",
    "break_even",
    "throughput",
    "usage_plausibility",
    "growth",
    "free_form",
]
BASES = ("list", "realised", "market", "serving", "marginal", "opportunity", "loaded", "gaap")
"""The bases a figure may be said or needed on. ``gaap`` is a line of a company's accounts."""

TRUST = ("A", "A-", "B", "B-", "C", "C-", "D", "D-", "E")


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who said it, when, where, in which words, with which interest, and how far the place can be trusted."""

    who: str
    where: str
    when: datetime.date
    words: str
    trust: str
    interest: str = ""
    date_note: str = ""


class Stated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figure: value (or a range) and unit, for which period and population, said and needed on which basis."""

    quantity: str
    value: float
    unit: str
    period: str
    population: str
    basis_claimed: str
    basis_needed: str
    party: str
    low: float | None = None
    high: float | None = None
    relation: Relation = "about"
    reading: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked, from a closed list, and the names in the catalogue that it is asked of."""

    kind: Kind
    plan: str = ""
    accelerator: str = ""
    token_class: str = ""


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices that the claim's author quotes, USD per million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write_5m: float
    source: str
    trust: str = "D"


class Mix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares of all tokens by class, where the claim states them; they add up to 1."""

    input: float
    output: float
    source: str
    cache_read: float = 0.0
    cache_write_5m: float = 0.0


class Usage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The use that the figure is about, of one model: its list value, or the name of an input that holds it.

    *list_usd*: USD at list. *list_usd_by* and *tok_by*: an input or a step that gives USD at list, or tokens.
    *only*: one token class, where the figure is about that class alone.
    """

    model: str
    tokens_by: str
    list_usd: float | None = None
    list_usd_by: str = ""
    tok_by: str = ""
    only: str = ""
    mix: Mix | None = None
    prices_usd_per_mtok: Prices | None = None


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number that the claim or its judgement rests on: stated here, or looked up by *key* in the catalogue.

    *whose*: ``claim`` for the author's own, ``ours`` for one that we bring. *low*, *high*: the 80 % interval.
    *why*: the reason for a guess.
    """

    unit: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    key: str = ""
    whose: Literal["claim", "ours"] = "claim"
    source: str = ""
    trust: str = ""
    why: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the author's own working: *by* (an expression of inputs and earlier steps) gives *gives*.

    *stated*: what the author says it gives, where they say so (or *stated_low* to *stated_high*).
    """

    gives: str
    by: str
    unit: str
    stated: float | None = None
    stated_low: float | None = None
    stated_high: float | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another thing that the figure may be: the same words on another basis, definition, population or period.

    *needed* marks the reading that the claim's words need. *scope*: true where it is another population or
    period, false where it is another basis or definition.
    """

    name: str
    by: str
    unit: str
    basis: str = ""
    scope: bool = False
    needed: bool = False


class Comparable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comparable at the author's own prices, USD per million tokens; no cached price means full price."""

    name: str
    input: float
    output: float
    source: str
    cache_read: float | None = None
    trust: str = "D"


class Ratio(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A share of list that somebody named, with the basis it speaks of."""

    name: str
    basis: str
    cost_over_list: float
    source: str
    cost_over_list_low: float | None = None
    cost_over_list_high: float | None = None
    trust: str = "D"


class Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom and which period the inputs describe, where that is not what the claim speaks of."""

    inputs_are_of: str
    claim_is_of: str
    why: str = ""


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document that the claim or its judgement rests on."""

    name: str
    ref: str
    date: str
    trust: str


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim, complete: the judge needs nothing but this and the catalogue."""

    schema: Literal["costbasis.claim/1"]
    id: str
    title: str
    said: Said
    stated: Stated
    question: Question
    usage: Usage | None = None
    inputs: dict[str, Input] = {}
    step: list[Step] = []
    reading: list[Reading] = []
    comparable: list[Comparable] = []
    ratio: list[Ratio] = []
    scope: Scope | None = None
    source: list[Reference] = []
    notes: list[str] = []
