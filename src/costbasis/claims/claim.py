"""A claim file: who said what, on which basis, and the claim's own inputs."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from costbasis.catalog import Catalog
from costbasis.errors import BadClaim, UnknownName, UnreadableInput

SCHEMA = "costbasis.claim/1"
Relation = Literal["about", "at_least", "at_most"]
Kind = Literal["cost_of_usage", "plan_margin", "unit_price_ratio"]


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
    """The figure: value and unit, for which period and population, on which basis it is said and needed."""

    quantity: str
    value: float
    unit: Literal["usd/month", "usd", "x", "share"]
    period: str
    population: str
    basis_claimed: str
    basis_needed: str
    party: str
    relation: Relation = "about"
    reading: str = ""


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked, from a closed list, and the catalogue's plan where one is meant."""

    kind: Kind
    plan: str = ""


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Prices that the claim's author quotes, USD per million tokens."""

    input: float
    output: float
    cache_read: float
    cache_write_5m: float
    source: str
    trust: str = "D"


class Usage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The use that the figure is about: list value of a coding agent's month of one model."""

    model: str
    list_usd: float
    tokens_by: str
    prices_usd_per_mtok: Prices | None = None


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


class Working(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The author's own working: factors whose product should be the stated value."""

    product: dict[str, float]


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim, complete: the judge needs nothing but this and the catalogue."""

    schema: Literal["costbasis.claim/1"]
    id: str
    title: str
    said: Said
    stated: Stated
    question: Question
    usage: Usage
    working: Working | None = None
    comparable: list[Comparable] = []
    ratio: list[Ratio] = []


def find_claim(name: str, catalog: Catalog) -> Claim:
    """The claim of this id among the shipped ones, or the claim file at this path.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest ids, or
    :class:`~costbasis.errors.BadClaim` with the field at fault.
    """
    shipped = {path.stem: path for path in catalog.claim_paths()}
    if name in shipped:
        return read_claim(shipped[name])
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        return read_claim(path)
    raise UnknownName(
        "claim", name, known=shipped, hint="costbasis claims lists them; or give the path of a claim file"
    )


def read_claim(path: Path) -> Claim:
    """The claim in the TOML file at *path*."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"cannot be read: {error}", where=str(path), hint="check the path") from error
    try:
        return msgspec.convert(tomllib.loads(text), Claim)
    except tomllib.TOMLDecodeError as error:
        raise BadClaim(f"not valid TOML: {error}", where=str(path)) from error
    except msgspec.ValidationError as error:
        raise BadClaim(
            str(error), where=str(path), hint=f"the fields of {SCHEMA} are in docs/claim-files.md"
        ) from error
