"""The options of a month's work, each in USD a month with its interval, and where one overtakes another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from costbasis.catalog import Catalog, Plan
from costbasis.compare.hosting import Hosting, Machine, hosting
from costbasis.formulas.billing import cost_over_list
from costbasis.formulas.choice import (
    break_even_use_usd_per_month,
    hosting_wins_frac,
    monthly_usd_per_month,
    per_month_usd_per_month,
    subscription_usd_per_month,
    switched_over_list,
    switched_usd_per_month,
)
from costbasis.plans.outcome import ONE_MONTH, S_PER_DAY
from costbasis.population.subscribers import ceiling_fact
from costbasis.quantity import Quantity, Source, counted, derive
from costbasis.valuation import Valuation

NO_CEILING = 1e12
"""More than anybody uses: the ceiling of a plan whose ceiling nobody has measured."""


@dataclass(frozen=True, slots=True)
class Option:
    """A way of getting the work done: *kind* is subscribe, buy, switch or self-host."""

    kind: str
    name: str
    usd_per_month: Quantity
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where one option overtakes another. *variable*: what is varied; *unit*: usd_per_month of list, or a share."""

    between: str
    variable: str
    value: Quantity
    says: str


@dataclass(frozen=True, slots=True)
class Choice:
    """All the options, cheapest first by their median; *hosting* is None where it cannot be worked out, and why."""

    list_usd_per_month: Quantity
    options: Sequence[Option]
    break_evens: Sequence[BreakEven]
    hosting: Hosting | None
    why_not: str


def choose_for(
    valued: Valuation, plans: Sequence[Plan], *, days: float, machine: Machine, as_of: date, catalog: Catalog
) -> Choice:
    """The choice for a usage of so many *days*, at the same rate for a month."""
    month = _Month(valued, days, catalog)
    multiplier = catalog.quantity("switch/default.tokens_per_task")
    listed = month.of("list")
    assert listed is not None
    options = [_subscribe(plan, listed, catalog) for plan in plans]
    options.append(Option("buy", "buy tokens at list", listed, ["the published price of each call's own hour"]))
    realised = month.of("realised")
    if realised is not None:
        options.append(Option("buy", "buy with a negotiated discount", realised, ["discounts are private: assumed"]))
    market = month.of("market")
    host, why_not = None, "no comparable open model has a market price"
    switched = None
    if market is not None:
        switched = derive(switched_usd_per_month, market_usd_per_month=market, tokens_per_task=multiplier)
        hosts = valued.bases["market"].notes.get("n_cached", "some")
        notes = [
            f"{hosts} hosts that price cached input, at {multiplier.estimate.p50:.2g} times the tokens a task",
            "its quality for your work is not priced",
        ]
        options.append(Option("switch", "switch to an open model", switched.labelled("switch"), notes))
        host = hosting(switched, valued.bases["market"], machine, as_of, catalog)
        why_not = "no comparable open model's size is published" if host is None else ""
    if host is not None:
        notes = [
            f"{host.model} on {host.replica_accel.estimate.p50:.0f} × {host.accelerator}, hired by the hour, all month",
            "staff, redundancy and idle spares are not in it",
        ]
        options.append(Option("self-host", "host an open model yourself", host.monthly, notes))
    options.sort(key=lambda option: option.usd_per_month.estimate.p50)
    return Choice(listed, options, _break_evens(plans, month, listed, switched, host, catalog), host, why_not)


class _Month:
    """Bases of the period, at the same rate for a month."""

    def __init__(self, valued: Valuation, days: float, catalog: Catalog) -> None:
        self._valued = valued
        source = Source("days looked at", trust="A", status="counted")
        self._period = counted("period_s", days * S_PER_DAY, source)
        self._month = catalog.quantity("period/month.length_days_per_month")

    def of(self, basis: str) -> Quantity | None:
        """USD a month on a basis; None where it could not value all of the usage."""
        valued = self._valued.bases.get(basis)
        if valued is None or valued.unvalued:
            return None
        found: Quantity = derive(
            monthly_usd_per_month, period_usd=valued.total, period_s=self._period, s_per_month=self._month
        )
        return found.labelled(f"{basis}, a month")

    def over_list(self, basis: str) -> Quantity | None:
        """A basis over list."""
        valued = self._valued.bases.get(basis)
        if valued is None or valued.unvalued:
            return None
        ratio: Quantity = derive(cost_over_list, basis_usd=valued.total, list_usd=self._valued.bases["list"].total)
        return ratio


def _subscribe(plan: Plan, listed: Quantity, catalog: Catalog) -> Option:
    ceiling = plan.ceiling_usd or ceiling_fact(plan, catalog) or plan.allowance_usd
    notes = []
    if ceiling is None:
        ceiling = counted("ceiling_usd", NO_CEILING, Source("no ceiling is known", trust="E", status="assumed"))
        notes.append("its ceiling is not known: whether it holds this use cannot be determined")
    elif listed.estimate.p50 > ceiling.estimate.p10:
        notes.append(f"your use passes its ceiling, about {ceiling.estimate.p50:,.0f} of list value: the rest at list")
    else:
        notes.append(f"your use fits its ceiling, about {ceiling.estimate.p50:,.0f} of list value a month")
    rate = derive(per_month_usd_per_month, month_usd=ceiling, period_month=counted("period_month", 1.0, ONE_MONTH))
    monthly: Quantity = derive(
        subscription_usd_per_month,
        price_usd_per_month=plan.price,
        use_usd_per_month=listed,
        ceiling_usd_per_month=rate,
    )
    return Option("subscribe", f"subscribe: {plan.name}", monthly.labelled(plan.name), notes)


def _break_evens(
    plans: Sequence[Plan],
    month: _Month,
    listed: Quantity,
    switched: Quantity | None,
    host: Hosting | None,
    catalog: Catalog,
) -> list[BreakEven]:
    found: list[BreakEven] = []
    use = "your list value a month, its mix unchanged"
    over_list = month.over_list("market")
    switch_over_list = None
    if over_list is not None:
        switch_over_list = derive(
            switched_over_list,
            market_over_list=over_list,
            tokens_per_task=catalog.quantity("switch/default.tokens_per_task"),
        )
    one = counted("over_list", 1.0, ONE_MONTH)
    for plan in plans:
        even = _use(plan.price, one)
        found.append(BreakEven(f"{plan.name} and buying at list", use, even, "above it the plan is cheaper"))
        if switch_over_list is not None:
            even = _use(plan.price, switch_over_list)
            found.append(BreakEven(f"{plan.name} and an open model", use, even, "above it the plan is cheaper"))
    if host is None or switched is None:
        return found
    if switch_over_list is not None:
        even = _use(host.hire, switch_over_list)
        found.append(BreakEven("hosting and an open model's hosts", use, even, "above it one full replica is cheaper"))
    even = _use(host.hire, one)
    found.append(BreakEven("hosting and buying at list", use, even, "above it one replica is cheaper than list"))
    busy = "the busy share of your own machines"
    for other, monthly in (("an open model's hosts", switched), ("buying at list", listed)):
        wins: Quantity = derive(hosting_wins_frac, full_load_usd_per_month=host.full_load, other_usd_per_month=monthly)
        found.append(BreakEven(f"hosting and {other}", busy, wins, "above it hosting is cheaper"))
    return found


def _use(cost: Quantity, over_list: Quantity) -> Quantity:
    even: Quantity = derive(break_even_use_usd_per_month, cost_usd_per_month=cost, over_list=over_list)
    return even
