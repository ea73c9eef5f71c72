"""Importers: each file here turns what one upstream publishes into statements and rows of the book.

An importer has ``NAME``, ``CITES`` (how a citation of it begins), ``TITLE``, ``LICENCE``, ``URL`` (asked only with
``--online``), ``COMPLETE`` (what is not in the file any more has vanished), ``installed()`` (the bytes that an
installed package of this machine holds, or None) and ``read(raw, told)``. It never raises for one bad entry: that
is refused, with its place and why, and the rest goes on.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from costbasis.catalog.book.money import Price, price
from costbasis.catalog.book.statement import Prices, Statement
from costbasis.catalog.models.names import Named, Names
from costbasis.catalog.tables import Row
from costbasis.errors import BadImport, UnknownName, one_of

OWNERS_ID = "its owner's id"

_NOT_TEXT = re.compile(r"image|tts|audio|embed|transcri|realtime|-live|live-|whisper|moderation|robotics|rerank|speech")


_MAKERS = {"claude": "anthropic", "gemini": "google", "gpt": "openai", "grok": "xai", "mistral": "mistral"}
"""Families to their makers: another lab that lists one of them hosts it."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Bytes of an upstream: which *version*, and *citation*, how the book names it as a source."""

    raw: bytes
    version: str
    citation: str


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that was not taken in: where it stands and why."""

    where: str
    reason: str


@dataclass(frozen=True)
class Told:
    """What an importer is told: how the book cites the file, the day it was looked at, and the names it knows.

    *sellers*: the upstream's word for a seller to (provider, route). *listed*: the models that their owner sells.
    """

    citation: str
    observed: str
    names: Names
    sellers: Mapping[str, tuple[str, str]]
    listed: Collection[str] = ()


@dataclass
class Imported:
    """What came of a file. *unmapped*: names of models that no alias knows, which a person has to look at.

    *seen*: every (seller, name) of the file, taken in or not.
    """

    told: Told
    source_id: str
    statements: list[Statement] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    unmapped: dict[str, str] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    repaired: list[tuple[str, Price]] = field(default_factory=list)
    entries: int = 0

    def named(self, raw: str, seller: str, route: str) -> Named | None:
        """The model that a seller's id stands for; None, and noted, where it is not known.

        A model's owner names it: there an id is the model even where no alias has it.

        Errors: :class:`~costbasis.errors.BadImport` for a model that does not bill text by the token.
        """
        self.seen.add((seller, raw))
        if _NOT_TEXT.search(raw):
            raise BadImport("bills images, sound or embeddings, not text by the token", where=raw)
        choices = self.told.names.choices(raw, provider=seller)
        if len(choices) == 1:
            return choices[0]
        maker = next((lab for family, lab in _MAKERS.items() if raw.startswith(family)), seller)
        if choices:
            self.refused.append(Refused(raw, f"may be {one_of(named.model for named in choices)}"))
        elif route == "list" and maker == seller:
            return Named(raw, raw, rule=OWNERS_ID)
        else:
            self.unmapped.setdefault(raw, seller)
        return None

    def price(self, value: object, where: str, *, per_token: bool = False) -> str:
        """A price as text, its repair noted.

        Errors: :class:`~costbasis.errors.BadImport`.
        """
        found = price(value, where, per_token=per_token)
        if found.raw:
            self.repaired.append((where, found))
        return found.text

    def refuse(self, where: str, error: BadImport) -> None:
        """Note an entry that cannot be taken in."""
        self.refused.append(Refused(where, error.what))

    def state(
        self,
        named: Named,
        seller: tuple[str, str],
        prices: Prices,
        *,
        raw: str,
        tier: str = "standard",
        valid: tuple[str, str] = ("", ""),
        basis: str = "package_snapshot",
        **more: str,
    ) -> None:
        """Add a statement; *more* are its other fields where they are known.

        Errors: :class:`~costbasis.errors.BadImport` for prices that no request can be priced with.
        """
        provider, route = seller
        if valid[0] and valid[0] == valid[1]:
            return  # corrected within the day
        _refuse_useless(prices, raw, may_be_free=route == "list")
        if route == "list" and named.rule != OWNERS_ID and self.told.listed and named.model not in self.told.listed:
            route = "direct"  # a lab that sells another lab's open model hosts it
        fields = {
            "variant": named.variant,
            "region": "",
            "currency": "USD",
            "quantisation": "",
            "quantisation_basis": "",
            "source_ref": "",
            "confidence": "medium",
            "quality_flags": "",
            "status": "",
            "note": "",
        } | more
        self.statements.append(
            Statement(
                model=named.model,
                provider=provider,
                route=route,
                provider_model_id=raw,
                service_tier=tier,
                valid_from=valid[0],
                valid_to=valid[1],
                date_basis=basis,
                observed=self.told.observed,
                source_id=self.source_id,
                source=self.told.citation,
                prices=prices,
                **fields,
            )
        )


def _refuse_useless(prices: Prices, raw: str, *, may_be_free: bool) -> None:
    """An owner may sell its model for nothing for a while; a host's zero is a subscription, a free tier or unset."""
    missing = [meter for meter in ("input", "output") if not prices.get((meter, 0))]
    if missing:
        raise BadImport(f"no {' and no '.join(missing)} price", where=raw)
    if not may_be_free and all(float(prices[meter, 0]) == 0 for meter in ("input", "output")):
        raise BadImport("free: a free tier or a subscription is no price", where=raw)


class Importer(Protocol):
    """The shape of a module in this folder."""

    NAME: str
    CITES: str
    TITLE: str
    LICENCE: str
    URL: str
    COMPLETE: bool

    def installed(self) -> Upstream | None: ...
    def read(self, raw: bytes, told: Told) -> Imported: ...


SHARED = ("reading",)


def discover() -> dict[str, Importer]:
    """Every importer of this folder by name."""
    modules = [info.name for info in pkgutil.iter_modules(__path__) if info.name not in SHARED]
    found = [importlib.import_module(f"{__name__}.{name}") for name in sorted(modules)]
    return {module.NAME: module for module in found}


def find(name: str) -> Importer:
    """The importer of an upstream.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest.
    """
    known = discover()
    if name not in known:
        raise UnknownName("upstream", name, known=known, hint=f"upstreams are {', '.join(known)}")
    return known[name]
