"""The answer: usage on every basis, the ladder, the plan, and for whom it pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from costbasis import parties as parties_
from costbasis import plans
from costbasis.bases import engine
from costbasis.bases.value import BasisValue, list_beside
from costbasis.catalog import Catalog, Plan
from costbasis.formulas.billing import cost_over_list, list_over_serving
from costbasis.formulas.subscription import use_at_cost_usd
from costbasis.population import Population, has_population, mean_margin_usd, population_of, share_above
from costbasis.population.profit import Cell, profit_map
from costbasis.provenance import Driver, drivers, leaves
from costbasis.quantity import Given, Quantity, derive
from costbasis.usage.amounts import Amounts


@dataclass(frozen=True, slots=True)
class Rung:
    """One anchor of the ladder: a basis by one way of reaching it, beside list.

    *from_claim*: the number rests on a claim's own inputs, not on our book.
    """

    anchor: str
    basis: str
    usd: Quantity
    cost_over_list: Quantity
    trust: str
    source: str
    from_claim: bool = False


@dataclass(frozen=True)
class Crowd:
    """A plan's subscribers by public data, and the chance that it pays its owner at each reading of the two unknowns.

    *cost_over_list*: serving over list, as valued here. *uses*: what a level of use is, and the list value of a month
    at it; the last is what was used here. Shares and map are worked out when they are asked for.
    """

    population: Population
    cost_over_list: Quantity
    price_usd: Quantity
    uses: Mapping[str, Quantity]

    @cached_property
    def levels(self) -> Sequence[tuple[str, Quantity, Quantity]]:
        """Each level's name, its use, and the share of subscribers who use more."""
        return [(name, use, share_above(self.population, use)) for name, use in self.uses.items()]

    @property
    def share_above(self) -> Quantity:
        """Of subscribers who use more than was used here."""
        return self.levels[-1][2]

    @cached_property
    def map(self) -> Sequence[Cell]:
        """P(plan profitable) over cost over list and mean utilisation."""
        return profit_map(self.population.ceiling_usd, self.price_usd)


@dataclass(frozen=True, slots=True)
class Valuation:
    """A usage table, valued. *list_over_serving* is None where serving is unknown."""

    amounts: Amounts
    bases: Mapping[str, BasisValue]
    list_over_serving: Quantity | None
    ladder: Sequence[Rung]
    plan: plans.PlanOutcome | None
    average_margin: Quantity | None
    stakes: Sequence[parties_.Stake]
    crowd: Crowd | None = None

    @property
    def drivers(self) -> Sequence[Driver]:
        """The inputs that move the serving value most; ranked when asked for."""
        serving = self.bases.get("serving")
        return drivers(serving.total) if serving else []

    @property
    def average_answer(self) -> str:
        """Does the plan pay its owner on the average subscriber? Where public data do not decide, it says so."""
        margin = self.average_margin
        return parties_.UNDETERMINED if margin is None else parties_.answer_for(margin)


def valuate(amounts: Amounts, catalog: Catalog, *, first: date, last: date, plan: Plan | None = None) -> Valuation:
    """Value *amounts* on every basis and say for whom *plan* pays, over the days *first* to *last*."""
    bases = engine.value(amounts, catalog)
    outcome = plans.outcome(plan, first, last, bases, catalog) if plan is not None else None
    crowd = _crowd(outcome, bases, amounts, catalog)
    return Valuation(
        amounts=amounts,
        bases=bases,
        list_over_serving=_list_over_serving(bases, amounts),
        ladder=ladder(bases, amounts),
        plan=outcome,
        average_margin=_average_margin(outcome, crowd),
        stakes=parties_.stakes(bases, outcome.price_usd if outcome else None, catalog),
        crowd=crowd,
    )


def _list_over_serving(bases: Mapping[str, BasisValue], amounts: Amounts) -> Quantity | None:
    serving = bases.get("serving")
    if serving is None:
        return None
    listed = list_beside(bases["list"], serving, amounts)
    ratio: Quantity = derive(list_over_serving, list_usd=listed, serving_usd=serving.total)
    return ratio.labelled("list over serving")


def ladder(bases: Mapping[str, BasisValue], amounts: Amounts) -> list[Rung]:
    """Every basis and every way of reaching it, from list down to opportunity."""
    rungs: list[Rung] = []
    for name in ("list", "realised", "market", "serving", "marginal", "opportunity"):
        valued = bases.get(name)
        if valued is None:
            continue
        listed = list_beside(bases["list"], valued, amounts)
        rungs.append(rung(valued.total.label, name, valued.total, listed))
        for part, total in valued.parts.items():
            if not part.startswith("without:"):
                label = f"by {total.label}" if part.startswith("route:") else total.label
                rungs.append(rung(label, name, total, listed))
    return rungs


def rung(anchor: str, basis: str, usd: Quantity, listed: Quantity, *, from_claim: bool = False) -> Rung:
    """One rung: *usd* beside the list value of the same usage."""
    ratio = derive(cost_over_list, basis_usd=usd, list_usd=listed)
    sources = [leaf.past.source for leaf in leaves(usd).values() if isinstance(leaf.past, Given)]
    facts = [source for source in sources if source.status not in ("counted", "definition")]
    named = sorted({source.citation for source in facts})
    return Rung(
        anchor=anchor,
        basis=basis,
        usd=usd,
        cost_over_list=ratio,
        trust=max((source.trust[:1] for source in facts), default="A"),
        source="; ".join(named[:2]) + (f"; and {len(named) - 2} more" if len(named) > 2 else ""),
        from_claim=from_claim,
    )


def _crowd(
    outcome: plans.PlanOutcome | None, bases: Mapping[str, BasisValue], amounts: Amounts, catalog: Catalog
) -> Crowd | None:
    """None where there is no plan, nobody has measured its ceiling, or serving is unknown."""
    serving = bases.get("serving")
    if outcome is None or serving is None or not has_population(outcome.plan, catalog):
        return None
    people = population_of(outcome.plan, catalog)
    listed = list_beside(bases["list"], serving, amounts)
    share = derive(cost_over_list, basis_usd=serving.total, list_usd=listed)
    price = plans.price_for_month(outcome.plan)
    of_a_month = derive(cost_over_list, basis_usd=outcome.price_usd, list_usd=price)
    # Use goes with the price of its days as a month's use with a month's price.
    month: Quantity = derive(use_at_cost_usd, cost_usd=bases["list"].total, cost_over_list_frac=of_a_month)
    even: Quantity = derive(use_at_cost_usd, cost_usd=price, cost_over_list_frac=share)
    return Crowd(people, share, price, {"plan price": price, "break-even": even, "this use": month})


def _average_margin(outcome: plans.PlanOutcome | None, crowd: Crowd | None) -> Quantity | None:
    if outcome is None or crowd is None:
        return None
    return mean_margin_usd(crowd.population, plans.price_for_month(outcome.plan), crowd.cost_over_list)
