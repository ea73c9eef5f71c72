"""The people of a plan as one thing, whatever they are known by, and their use as quantities with a past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from costbasis.formulas.values import Value
from costbasis.quantity import Quantity, Source, counted, derive
from costbasis.sampling import Floats

LEVEL = Source("the level asked for", trust="A", status="definition", as_of="2026-11-24")


class People(Protocol):
    """Use of people under a cap, a draw: per-user files and groups of log-normals have the same four questions."""

    def mean_usd(self, cap_usd: Value) -> Floats:
        """Mean use."""

    def above_frac(self, use_usd: Value, cap_usd: Value) -> Floats:
        """Share of people above a use."""

    def quantile_usd(self, below_frac: Value, cap_usd: Value) -> Floats:
        """A quantile of use."""

    def top_frac(self, top_people_frac: Value, cap_usd: Value) -> Floats:
        """Share of all use that the heaviest people make."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the people: is it pinned, why not, what would pin it, and every solution.

    *mean_is_known*: their mean use was measured or given by the user, so that the plan's profit can be decided.
    *selection_bias*: who the people behind the numbers are, where they are not the plan's subscribers.
    """

    identified: bool
    mean_is_known: bool
    why: str
    missing: Sequence[str]
    solutions: Sequence[Mapping[str, float]]
    selection_bias: str
    source: Source


@dataclass(frozen=True, slots=True)
class Subscribers:
    """The people of a plan. *made_of*: the shares and spreads that they are made of, for their past.

    *ceiling_usd*: most that the plan lets anybody use, list value a month; *has_ceiling* False where it is not known.
    """

    kind: str
    people: People
    ceiling_usd: Quantity
    has_ceiling: bool
    made_of: Mapping[str, Quantity]
    known: Known


def mean_use(subscribers: Subscribers, cap_usd: Quantity | None = None) -> Quantity:
    """Mean use at list a month, under the plan's ceiling or another cap."""

    def mean_capped_use_usd(cap_usd: Value, **made_of_frac: Value) -> Floats:
        """Mean list value of people's use, where nobody passes the cap."""
        return subscribers.people.mean_usd(cap_usd)

    cap = subscribers.ceiling_usd if cap_usd is None else cap_usd
    return _labelled(derive(mean_capped_use_usd, cap_usd=cap, **subscribers.made_of), "mean use, at list")


def share_above(subscribers: Subscribers, use_usd: Quantity) -> Quantity:
    """Share of subscribers whose monthly use, at list, passes *use_usd*."""

    def above_use_frac(use_usd: Value, cap_usd: Value, **made_of_frac: Value) -> Floats:
        """Share of people whose use passes a threshold, where nobody passes the cap."""
        return subscribers.people.above_frac(use_usd, cap_usd)

    found = derive(above_use_frac, use_usd=use_usd, cap_usd=subscribers.ceiling_usd, **subscribers.made_of)
    return _labelled(found, "share of subscribers above this use")


def use_quantile(subscribers: Subscribers, level: float) -> Quantity:
    """The monthly use, at list, that a share *level* of subscribers do not pass."""

    def quantile_of_use_usd(level_frac: Value, cap_usd: Value, **made_of_frac: Value) -> Floats:
        """A quantile of people's use, where nobody passes the cap."""
        return subscribers.people.quantile_usd(level_frac, cap_usd)

    at = counted("level_frac", level, LEVEL)
    found = derive(quantile_of_use_usd, level_frac=at, cap_usd=subscribers.ceiling_usd, **subscribers.made_of)
    return _labelled(found, f"p{100 * level:g} of use, at list")


def top_share(subscribers: Subscribers, top: float) -> Quantity:
    """Share of all use that the heaviest *top* of subscribers make."""

    def top_of_use_frac(top_people_frac: Value, cap_usd: Value, **made_of_frac: Value) -> Floats:
        """Share of all use that the heaviest people make, where nobody passes the cap."""
        return subscribers.people.top_frac(top_people_frac, cap_usd)

    at = counted("top_people_frac", top, LEVEL)
    found = derive(top_of_use_frac, top_people_frac=at, cap_usd=subscribers.ceiling_usd, **subscribers.made_of)
    return _labelled(found, f"share of use of the top {100 * top:g} %")


def _labelled(quantity: Any, label: str) -> Quantity:
    found: Quantity = quantity.labelled(label)
    return found
