"""The people of a plan, by the best there is: a file of the user's, else public data under the plan's ceiling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costbasis.catalog import Catalog, Plan
from costbasis.population.fit import Fit, fit
from costbasis.population.groups import NO_CAP_USD, Group, Groups
from costbasis.population.people import Known, Subscribers
from costbasis.population.read import GivenPopulation
from costbasis.population.sampled import sampled
from costbasis.population.statistics import Statistics
from costbasis.population.subscribers import population_under, subscribers_of
from costbasis.population.users import Users
from costbasis.quantity import Quantity, Source, counted
from costbasis.sampling import draw_rows

NO_CAP = Source("no ceiling is known: nobody is capped", trust="A", status="definition", as_of="2026-11-24")


def people_of(
    plan: Plan, ceiling: Quantity | None, given: GivenPopulation | None, catalog: Catalog, *, is_sample: bool = False
) -> Subscribers | None:
    """The subscribers of *plan*; None where no file is given and no ceiling is known.

    *is_sample*: a file of users is a sample of the subscribers, not all of them: their middle and spread are drawn.

    Errors: :class:`~costbasis.errors.BadPopulation` for statistics that contradict themselves.
    """
    if given is None:
        return None if ceiling is None else subscribers_of(population_under(plan, ceiling, catalog))
    source = Source(f"population file {given.where}", trust="A", status="given", as_of="")
    if given.ceiling_usd is not None:
        ceiling = counted("ceiling_usd", given.ceiling_usd, source)
    cap = ceiling if ceiling is not None else counted("ceiling_usd", NO_CAP_USD, NO_CAP)
    bias = given.selection_bias
    if given.users is not None:
        known = _known_users(given.users, bias or "the people in the file", source)
        if not is_sample:
            return Subscribers("per-user file", given.users, cap, ceiling is not None, {}, known)
        people = sampled(given.users, catalog.sampling)
        off = people.error_frac(cap.draws)
        why = f"{len(given.users):,} people stand for all subscribers; binning moves a mean by at most {off:.1e} of it"
        drawn = replace(known, why=why, selection_bias=bias or "the people in the file, if they were picked by chance")
        return Subscribers("sample of users", people, cap, ceiling is not None, {}, drawn)
    if given.groups is not None:
        known = Known(True, True, "the groups are given by you", (), [], bias or "as you describe them", source)
        return Subscribers("groups", given.groups, cap, ceiling is not None, {}, known)
    assert given.statistics is not None
    return _by_statistics(given.statistics, cap, ceiling is not None, bias, source, catalog)


def _known_users(users: Users, bias: str, source: Source) -> Known:
    """A file pins everything; the log-normal beside it says how near that shape is."""
    active = users.use_usd[users.use_usd > 0]
    logs = np.log(active) if len(active) else np.zeros(1)
    row = {
        "users": float(len(users)),
        "inactive_frac": 1 - len(active) / len(users),
        "sigma": float(logs.std()),
        "median_usd": float(users.quantile_usd(0.5, NO_CAP_USD)),
        "mean_usd": float(users.mean_usd(NO_CAP_USD)),
        "top_decile_frac": float(users.top_frac(0.1, NO_CAP_USD)),
    }
    return Known(True, True, f"the use of {len(users):,} people is given", (), [row], bias, source)


def _by_statistics(
    statistics: Statistics, cap: Quantity, has_ceiling: bool, bias: str, source: Source, catalog: Catalog
) -> Subscribers:
    prior = catalog.quantity("population/coding-agents.sigma").estimate
    found = fit(statistics, prior_sigma=(prior.p10, prior.p50, prior.p90))
    has_scale = statistics.mean_usd is not None or bool(statistics.quantiles_usd)
    known = Known(
        identified=found.identified,
        mean_is_known=statistics.mean_usd is not None or (has_scale and found.identified),
        why=found.why,
        missing=found.missing,
        solutions=[_row(found, index) for index in range(len(found.solutions))],
        selection_bias=bias or "not stated",
        source=source,
    )
    weights = np.ones(len(found.solutions))
    rows = draw_rows(weights, f"population/{statistics.where}.solution", catalog.sampling)
    sigma = np.array([one.sigma for one in found.solutions])[rows]
    middle = np.log([one.median_usd for one in found.solutions])[rows]
    people = Groups([Group("people", 1.0, middle, sigma)])
    return Subscribers("log-normal, fitted", people, cap, has_ceiling, {}, known)


def _row(found: Fit, index: int) -> dict[str, float]:
    one = found.solutions[index]
    return {
        "sigma": one.sigma,
        "sigma_low": one.sigma_low,
        "sigma_high": one.sigma_high,
        "median_usd": one.median_usd,
        "mean_usd": one.mean_usd,
        "p90_usd": one.p90_usd,
        "top_decile_frac": one.top_decile_frac,
    }
