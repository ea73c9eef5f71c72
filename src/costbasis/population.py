"""Subscribers of a plan: use is log-normal and capped by the plan's ceiling; its mean is not public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from costbasis.catalog import Catalog, Plan
from costbasis.errors import UnknownName
from costbasis.formulas.billing import contribution_usd, scaled_usd
from costbasis.formulas.subscription import mean_use_usd, share_above_frac, share_below_frac, use_of_ceiling_frac
from costbasis.quantity import Quantity, derive


@dataclass(frozen=True, slots=True)
class Population:
    """Use of one plan by its subscribers, in USD of list value a month.

    *mean_utilisation_frac*: mean use over the ceiling, wide because no vendor publishes it. *sigma*: spread of
    the logarithm of use between people, from the published statistics of developers' use.
    """

    plan: Plan
    ceiling_usd: Quantity
    mean_utilisation_frac: Quantity
    sigma: Quantity


def has_population(plan: Plan, catalog: Catalog) -> bool:
    """True where somebody has measured the plan's ceiling."""
    return catalog.has(_ceiling_key(plan))


def population_of(plan: Plan, catalog: Catalog) -> Population:
    """The population of *plan*.

    Errors: :class:`~costbasis.errors.UnknownName` for a plan whose ceiling nobody has measured.
    """
    key = _ceiling_key(plan)
    if not catalog.has(key):
        measured = [fact.key for fact in catalog.facts("population") if fact.key.endswith(_CEILING)]
        raise UnknownName("plan ceiling", key, known=measured, hint="only plans with a measured ceiling can be judged")
    return Population(
        plan,
        ceiling_usd=catalog.quantity(key),
        mean_utilisation_frac=catalog.quantity("population/subscribers.mean_utilisation_frac"),
        sigma=catalog.quantity("population/coding-agents.sigma"),
    )


_CEILING = ".ceiling_usd"


def _ceiling_key(plan: Plan) -> str:
    return f"population/{plan.vendor}-{plan.plan_id}{_CEILING}"


def share_below(population: Population, use_usd: Quantity) -> Quantity:
    """Share of subscribers whose monthly use, at list, stays under *use_usd*."""
    return _share(share_below_frac, population, use_usd)


def share_above(population: Population, use_usd: Quantity) -> Quantity:
    """Share of subscribers whose monthly use, at list, reaches *use_usd*."""
    return _share(share_above_frac, population, use_usd)


def _share(formula: Callable[..., Any], population: Population, use_usd: Quantity) -> Quantity:
    use = derive(use_of_ceiling_frac, use_usd=use_usd, ceiling_usd=population.ceiling_usd)
    result: Quantity = derive(formula, use_frac=use, mean_frac=population.mean_utilisation_frac, sigma=population.sigma)
    return result


def mean_margin_usd(population: Population, price_usd: Quantity, serving_over_list: Quantity) -> Quantity:
    """The owner's margin on the average subscriber: price less mean use at serving cost."""
    mean = derive(
        mean_use_usd, ceiling_usd=population.ceiling_usd, mean_utilisation_frac=population.mean_utilisation_frac
    )
    cogs = derive(scaled_usd, list_usd=mean, cost_over_list_frac=serving_over_list)
    result: Quantity = derive(contribution_usd, revenue_usd=price_usd, cogs_usd=cogs)
    return result.labelled("model owner: net on the average subscriber")
