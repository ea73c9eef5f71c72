"""Names of models: exact aliases, each written down with its rule; a variant of a model is not the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from costbasis.errors import AmbiguousName, UnknownName, VariantName

PRICED_APART = {
    "batch": "batch",
    "fast": "fast",
    "flex": "flex",
    "free": "free",
    "priority": "priority",
    "thinking": "thinking",
    "ultrafast": "ultrafast",
}
"""Variants that a seller prices apart from the model. Others (fp8, tee, us, …) are the model, served in some way."""


class Named(msgspec.Struct, frozen=True):
    """What a raw name stands for: a model, a *variant* of it ("" is the model itself), and by which *rule*."""

    raw: str
    model: str
    variant: str = ""
    provider: str = ""
    rule: str = "id of the book"

    @property
    def is_priced_apart(self) -> bool:
        """True for a variant that has prices of its own."""
        return any(part in PRICED_APART for part in self.variant.split("+"))


class Names:
    """Every name that is known: the ids of the book and the alias table. Nothing is guessed from a pattern."""

    def __init__(self, ids: Iterable[str], aliases: Sequence[Mapping[str, str]]) -> None:
        self.ids = dict.fromkeys(ids)
        self._aliases = aliases

    @cached_property
    def _by_raw(self) -> dict[str, list[Named]]:
        found: dict[str, list[Named]] = {}
        for row in self._aliases:
            named = Named(row["raw_name"], row["model"], row["variant"], row["provider"], row["rule"])
            found.setdefault(named.raw, []).append(named)
        return found

    def aliases(self) -> list[Named]:
        """Every alias, in the order of the table."""
        return [named for group in self._by_raw.values() for named in group]

    def choices(self, raw: str, *, provider: str = "") -> list[Named]:
        """What *raw* may stand for, as *provider* uses it where that is given: nothing, one, or several."""
        if raw in self.ids:
            return [Named(raw, raw)]
        found = self._by_raw.get(raw, [])
        fitting = [named for named in found if named.provider in ("", provider)] or ([] if provider else found)
        return list({(named.model, named.variant): named for named in fitting}.values())

    def find(self, raw: str, *, provider: str = "", where: str = "") -> Named:
        """What *raw* stands for, as *provider* uses it where that is given.

        Errors: :class:`~costbasis.errors.AmbiguousName` with the choices, :class:`~costbasis.errors.UnknownName`
        with the nearest.
        """
        choices = self.choices(raw, provider=provider)
        if len(choices) == 1:
            return choices[0]
        if choices:
            models = dict.fromkeys(named.model for named in choices)
            raise AmbiguousName("model", raw, choices=models, where=where, hint="name one of them")
        known = [*self.ids, *self._by_raw]
        hint = "costbasis catalog retail lists the models, costbasis catalog aliases their other names"
        raise UnknownName("model", raw, known=known, where=where, hint=hint)

    def find_model(self, raw: str, *, where: str = "") -> str:
        """The model that *raw* stands for.

        Errors: those of :meth:`find`, and :class:`~costbasis.errors.VariantName` for a variant that is priced
        apart: it is not the model, and the model's price is not its price.
        """
        named = self.find(raw, where=where)
        if named.is_priced_apart:
            raise VariantName(raw, named.variant, named.model, where=where)
        return named.model
