"""Subscribers of a plan by public data: use is log-normal and capped by the plan's ceiling; its mean is not public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from costbasis.catalog import Catalog, Plan
from costbasis.errors import UnknownName
from costbasis.formulas.billing import contribution_usd, scaled_usd
from costbasis.formulas.population import (
    capped_lognormal_log_median,
    capped_lognormal_top_frac,
    share_above_frac,
    share_below_frac,
)
from costbasis.formulas.subscription import mean_use_usd, use_of_ceiling_frac
from costbasis.population.groups import Group, Groups
from costbasis.population.people import Known, Subscribers
from costbasis.quantity import Given, Quantity, derive
from costbasis.sampling import Floats

SELECTION_BIAS = "spread of API developers and of volunteers who post scores, not of this plan's subscribers"


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
    return population_under(plan, catalog.quantity(key), catalog)


def population_under(plan: Plan, ceiling_usd: Quantity, catalog: Catalog) -> Population:
    """The population of *plan* under a ceiling that is known in another way: a credit, a limit, the user."""
    return Population(
        plan,
        ceiling_usd=ceiling_usd,
        mean_utilisation_frac=catalog.quantity("population/subscribers.mean_utilisation_frac"),
        sigma=catalog.quantity("population/coding-agents.sigma"),
    )


_CEILING = ".ceiling_usd"


def ceiling_fact(plan: Plan, catalog: Catalog) -> Quantity | None:
    """The measured ceiling of *plan*, list value a month; None where nobody has measured it."""
    return catalog.quantity(_ceiling_key(plan)) if has_population(plan, catalog) else None


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


def subscribers_of(population: Population) -> Subscribers:
    """The subscribers as people: one group whose middle follows from mean utilisation, spread and ceiling."""
    mean, sigma = population.mean_utilisation_frac, population.sigma
    under = capped_lognormal_log_median(mean.draws, sigma.draws)
    log_median: Floats = np.asarray(under + np.log(population.ceiling_usd.draws), dtype=np.float64)
    people = Groups([Group("subscribers", 1.0, log_median, sigma.draws)])
    return Subscribers(
        kind="log-normal, capped",
        people=people,
        ceiling_usd=population.ceiling_usd,
        has_ceiling=True,
        made_of={"mean_utilisation_frac": mean, "sigma": sigma},
        known=_known(population),
    )


def _known(population: Population) -> Known:
    mean = population.mean_utilisation_frac
    assert isinstance(mean.past, Given)
    source = mean.past.source
    is_given = source.status == "override"
    why = (
        "mean utilisation is given by you; the spread is a prior"
        if is_given
        else (
            "no vendor publishes the mean use of its subscribers: every mean utilisation is possible, and the "
            "spread is that of other people"
        )
    )
    missing = () if is_given else ("mean use of the plan's subscribers, or a file of their use (--population)",)
    return Known(
        identified=is_given,
        mean_is_known=is_given,
        why=why,
        missing=missing,
        solutions=[_solution(population, level) for level in ((0.5,) if is_given else (0.1, 0.5, 0.9))],
        selection_bias=SELECTION_BIAS,
        source=source,
    )


def _solution(population: Population, level: float) -> dict[str, float]:
    """The people at one mean utilisation of the range, at the middle spread and ceiling."""
    mean = population.mean_utilisation_frac.quantile(level)
    sigma, ceiling = population.sigma.estimate.p50, population.ceiling_usd.estimate.p50
    under = float(capped_lognormal_log_median(mean, sigma))
    return {
        "mean_utilisation_frac": mean,
        "sigma": sigma,
        "median_usd": float(np.exp(under) * ceiling),
        "mean_usd": mean * ceiling,
        "top_decile_frac": float(capped_lognormal_top_frac(under, sigma, 0.1)),
    }
