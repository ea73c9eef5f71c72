"""What a plan earns from its people: margin, who costs more than they pay, the map, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costbasis.formulas.billing import contribution_usd, scaled_usd
from costbasis.formulas.subscription import (
    affordable_use_usd,
    break_even_utilisation_frac,
    price_for_margin_usd,
    use_at_cost_usd,
)
from costbasis.formulas.values import Value
from costbasis.population.people import Subscribers, mean_use, share_above, top_share, use_quantile
from costbasis.quantity import Quantity, Source, counted, derive
from costbasis.sampling import Floats

LEVELS = (0.1, 0.5, 0.9, 0.99)

RATIOS = (0.05, 0.1, 0.15, 0.25, 0.4, 0.6)
"""Cost over list, down the map: from a tenth of an analyst's reading to the highest company margin's."""

UTILISATIONS = (0.02, 0.05, 0.1, 0.15, 0.25, 0.4, 0.6)
"""Mean use over the ceiling, across the map."""

HALVINGS = 60

ASKED = Source("asked for", trust="A", status="definition", as_of="2026-11-24")


@dataclass(frozen=True, slots=True)
class Cell:
    """The chance that the plan pays, were cost over list and mean utilisation these."""

    cost_over_list: float
    mean_utilisation: float
    p_profitable: float


@dataclass(frozen=True, slots=True)
class Profit:
    """What a plan leaves from its subscribers, a month and subscriber.

    *margin_usd*: price less the mean use at cost. *user_margin_usd*: level to the margin on the subscriber at that
    quantile of use. *share_unprofitable*: of subscribers. *p_profitable*: draws in which the plan's mean margin is
    above zero. *break_even_utilisation* is None where the plan has no known ceiling.
    """

    mean_use_usd: Quantity
    mean_cost_usd: Quantity
    margin_usd: Quantity
    user_margin_usd: Mapping[float, Quantity]
    share_unprofitable: Quantity
    top_decile_share: Quantity
    p_profitable: float
    break_even_list_usd: Quantity
    break_even_utilisation: Quantity | None
    map: Sequence[Cell]


def profit(subscribers: Subscribers, price_usd: Quantity, cost_over_list: Quantity) -> Profit:
    """The plan's profit at *price_usd* a month, where use costs *cost_over_list* of its list value."""
    use = mean_use(subscribers)
    cost = _cost(use, cost_over_list).labelled("cost of the mean use")
    margin = _margin(price_usd, cost).labelled("margin on the mean subscriber")
    break_even: Quantity = derive(use_at_cost_usd, cost_usd=price_usd, cost_over_list_frac=cost_over_list)
    by_user = {
        level: _margin(price_usd, _cost(use_quantile(subscribers, level), cost_over_list)).labelled(
            f"margin on the subscriber at p{100 * level:g} of use"
        )
        for level in LEVELS
    }
    return Profit(
        mean_use_usd=use,
        mean_cost_usd=cost,
        margin_usd=margin,
        user_margin_usd=by_user,
        share_unprofitable=share_above(subscribers, break_even).labelled("share of subscribers who cost more"),
        top_decile_share=top_share(subscribers, 0.1),
        p_profitable=margin.share_above(0.0),
        break_even_list_usd=break_even.labelled("use at which cost is just the price"),
        break_even_utilisation=_break_even_utilisation(subscribers, price_usd, cost_over_list),
        map=profit_map(subscribers.ceiling_usd, price_usd) if subscribers.has_ceiling else [],
    )


def _cost(use_usd: Quantity, cost_over_list: Quantity) -> Quantity:
    cost: Quantity = derive(scaled_usd, list_usd=use_usd, cost_over_list_frac=cost_over_list)
    return cost


def _margin(price_usd: Quantity, cost_usd: Quantity) -> Quantity:
    margin: Quantity = derive(contribution_usd, revenue_usd=price_usd, cogs_usd=cost_usd)
    return margin


def _break_even_utilisation(subscribers: Subscribers, price_usd: Quantity, cost_over_list: Quantity) -> Quantity | None:
    if not subscribers.has_ceiling:
        return None
    found: Quantity = derive(
        break_even_utilisation_frac,
        price_usd=price_usd,
        cost_over_list_frac=cost_over_list,
        ceiling_usd=subscribers.ceiling_usd,
    )
    return found.labelled("break-even mean utilisation")


def break_even_at(subscribers: Subscribers, price_usd: Quantity, ratio: float) -> float | None:
    """Break-even mean utilisation were cost this share of list: the median over the ceiling's draws."""
    at = counted("cost_over_list_frac", ratio, ASKED)
    found = _break_even_utilisation(subscribers, price_usd, at)
    return None if found is None else found.estimate.p50


def profit_map(ceiling_usd: Quantity, price_usd: Quantity) -> list[Cell]:
    """P(plan profitable) over cost/list and mean utilisation; the chance left is that of the price and the ceiling."""
    price, ceiling = np.broadcast_arrays(price_usd.draws, ceiling_usd.draws)
    return [Cell(ratio, use, float(np.mean(price > ratio * use * ceiling))) for ratio in RATIOS for use in UTILISATIONS]


def price_that_reaches(subscribers: Subscribers, cost_over_list: Quantity, target_margin: float) -> Quantity:
    """The monthly price at which the mean subscriber leaves *target_margin* of it, their use unchanged."""
    found: Quantity = derive(
        price_for_margin_usd,
        mean_cost_usd=_cost(mean_use(subscribers), cost_over_list),
        target_margin_frac=counted("target_margin_frac", target_margin, ASKED),
    )
    return found.labelled(f"price for a margin of {100 * target_margin:g} %")


def cap_that_reaches(
    subscribers: Subscribers, price_usd: Quantity, cost_over_list: Quantity, target_margin: float
) -> Quantity:
    """The monthly cap at list at which the mean subscriber leaves *target_margin* of the price.

    Never above the plan's ceiling: where the margin is there already, it is the ceiling.
    """
    affordable = derive(
        affordable_use_usd,
        price_usd=price_usd,
        cost_over_list_frac=cost_over_list,
        target_margin_frac=counted("target_margin_frac", target_margin, ASKED),
    )

    def cap_for_mean_use_usd(affordable_usd: Value, ceiling_usd: Value, **made_of_frac: Value) -> Floats:
        """The cap under which people's mean use is just what the price can carry, by halving."""
        low, high, wanted = np.broadcast_arrays(0.0 * np.asarray(ceiling_usd), ceiling_usd, affordable_usd)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            too_much = subscribers.people.mean_usd(np.maximum(middle, np.finfo(float).tiny)) > wanted
            low, high = np.where(too_much, low, middle), np.where(too_much, middle, high)
        return np.asarray(high, dtype=np.float64)

    found: Quantity = derive(
        cap_for_mean_use_usd,
        affordable_usd=affordable,
        ceiling_usd=subscribers.ceiling_usd,
        **subscribers.made_of,
    )
    return found.labelled(f"cap for a margin of {100 * target_margin:g} %")
