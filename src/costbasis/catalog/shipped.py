"""The catalogue as it ships, as far as exact list prices need it: nothing laid over it, nothing drawn, no numpy.

A first table of list prices is made from it while the logs are read. It reads the same tables by the same functions as
:class:`~costbasis.catalog.catalog.Catalog`, whose answers it gives (``tests/test_shipped.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property

from costbasis.catalog.identity import catalogue_sha256
from costbasis.catalog.models.names import Names
from costbasis.catalog.ownfacts import own_fact
from costbasis.catalog.retail import RetailPrice, retail_price
from costbasis.catalog.tables import Row, read_csv, schemas

FACTS, ALIASES = "facts.csv", "alias.csv"


def every_name(rows: Callable[[str], list[Row]], more: Iterable[str] = ()) -> Names:
    """Every name of a model that the tables know, *rows* by kind: ids of the book (and *more*), and aliases."""
    open_models = {row["model"] for kind in ("architecture", "offer") for row in rows(kind)}
    listed = dict.fromkeys(row["model"] for row in rows("retail"))
    return Names([*listed, *open_models, *more], read_csv(ALIASES))


def newest_of(days: Iterable[str]) -> date:
    """The newest of the days on which something was observed; a year or a month alone is no day."""
    return date.fromisoformat(max(day for day in days if len(day) == len("2026-03-31")))


class Shipped:
    """List prices, names and own facts. Tables are read when first asked for."""

    @cached_property
    def _retail(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in _rows("retail"):
            found.setdefault(row["model"], []).append(row)
        return found

    @cached_property
    def _own_facts(self) -> list[Row]:
        return read_csv(FACTS)

    @cached_property
    def _listed_names(self) -> Names:
        return Names(self._retail, read_csv(ALIASES))

    @cached_property
    def _every_name(self) -> Names:
        return every_name(_rows)

    def retail_models(self) -> list[str]:
        """Every model with a retail price."""
        return list(self._retail)

    def retail(self, model: str) -> list[RetailPrice]:
        """Every price segment of a model, all modes, in the order of the table."""
        return [retail_price(row) for row in self._retail.get(model, [])]

    def find_model(self, name: str) -> str:
        """The model that *name* stands for, by :meth:`Names.find_model`, and its errors.

        The table of offers is long. It is read for a name that neither a price nor an alias has: no alias is an id.
        """
        names = self._listed_names if self._listed_names.choices(name) else self._every_name
        return names.find_model(name)

    def middle(self, key: str) -> float:
        """The middle of an own fact, in its own unit.

        Errors: :class:`KeyError` for a key that is not in the table, or more than once: those are of a day.
        """
        rows = [row for row in self._own_facts if row["key"] == key]
        if len(rows) != 1:
            raise KeyError(key)
        return own_fact(rows[0]).middle

    @cached_property
    def sha256(self) -> str:
        """The catalogue's hash, with nothing laid over it."""
        return catalogue_sha256("", {})

    @property
    def newest_observation(self) -> date:
        """The newest day on which a fact or a list price was observed."""
        observed = (row["observed"] for rows in self._retail.values() for row in rows)
        return newest_of([*(row["as_of"] for row in self._own_facts), *observed])


def _rows(kind: str) -> list[Row]:
    return read_csv(schemas()[kind]["file"])
