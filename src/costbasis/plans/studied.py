"""What is asked of a plan, and everything that a study of it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from costbasis.bases.value import BasisValue
from costbasis.catalog import Plan
from costbasis.catalog.limits import Limit, Scarcity
from costbasis.parties import Party
from costbasis.plans.limits import Worth
from costbasis.plans.outcome import PlanOutcome
from costbasis.plans.timeline import Cut
from costbasis.population.people import Subscribers
from costbasis.population.profit import Profit
from costbasis.population.read import GivenPopulation
from costbasis.quantity import Quantity
from costbasis.usage.amounts import Amounts
from costbasis.usage.pricing.cells import Cell


@dataclass(frozen=True, slots=True)
class OwnUse:
    """A user's own months: the table that is valued, the cells by five-hour block, and the local days."""

    amounts: Amounts
    cells: Sequence[Cell]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class OnBasis:
    """A basis over list, the use at which it costs just the price, and the margin on the mean subscriber."""

    basis: str
    over_list: Quantity
    break_even_list_usd: Quantity
    break_even_utilisation: Quantity | None
    margin_usd: Quantity | None


@dataclass(frozen=True, slots=True)
class Target:
    """The price, and the cap at the present price, that leave a margin on the mean subscriber."""

    margin_frac: float
    price_usd: Quantity
    cap_usd: Quantity


@dataclass(frozen=True, slots=True)
class Mine:
    """The user's own months under the plan. *kept_usd*: list value left by all limits together."""

    outcome: PlanOutcome
    bases: Mapping[str, BasisValue]
    share_above: Quantity | None
    cuts: Sequence[Cut]
    kept_usd: Quantity | None


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that is asked of a plan. *profit* is None where neither people nor a ceiling are known."""

    plan: Plan
    party: Party
    model: str
    price_usd: Quantity
    net_price_usd: Quantity
    over_list: Quantity
    over_list_says: str
    by_basis: Sequence[OnBasis]
    subscribers: Subscribers | None
    profit: Profit | None
    net_margin_usd: Quantity | None
    answer: str
    targets: Sequence[Target]
    limits: Sequence[Worth]
    ceiling_says: str
    mine: Mine | None
    scarcity: Sequence[Scarcity]
    scarcity_frac: Quantity


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asks of a plan beside its name."""

    party: str | None = None
    population: GivenPopulation | None = None
    is_sample: bool = False
    own: OwnUse | None = None
    caps: Sequence[Limit] = ()
    targets: Sequence[float] = (0.25, 0.5)
    over_list: Quantity | None = None
    model: str | None = None
