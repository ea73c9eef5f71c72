"""The walk from list value to cash. A line that is not known is None, and so is each that rests on it.

The switches move costs between lines or change how they are booked; the operating result is the same whichever way
free users are booked, and the gross profit is the same gross or net of a cloud's share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from costbasis.company.read import Company
from costbasis.errors import BadArgument
from costbasis.formulas.billing import contribution_usd
from costbasis.formulas.company import (
    amortised_usd,
    cost_at_margin_usd,
    list_value_usd,
    net_of_share_usd,
    sum_of_usd,
)
from costbasis.quantity import Quantity, Source, counted, derive

FreeUsers = Literal["reported", "cogs", "marketing"]

ASKED = Source("asked for", trust="A", status="definition", as_of="2026-11-24")


@dataclass(frozen=True, slots=True)
class Switches:
    """How the walk is booked.

    *free_users*: inference of free users as reported, all in cost of revenue, or all in marketing. *stock_pay*: in
    operating costs or left out. *life_months*: over which training compute is written off (0: at once). *revenue*:
    gross or net of a cloud channel's share. *compute*: leased (an operating cost) or bought (capital: depreciation
    is added back and spending taken off in cash). *one_off*: gains and losses that are not operations.
    """

    free_users: FreeUsers = "reported"
    stock_pay: bool = True
    life_months: float = 0.0
    revenue: Literal["gross", "net"] = "gross"
    compute: Literal["lease", "capital"] = "lease"
    one_off: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line. *usd* is signed: costs are negative. *is_total*: a level of the walk, not a step."""

    line: str
    usd: Quantity | None
    is_total: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """The lines in order, by name, and the names of those that are not known."""

    company: Company
    switches: Switches
    lines: Sequence[Line]
    unknown: Sequence[str]

    def usd(self, line: str) -> Quantity | None:
        """The amount of a line."""
        return next(row.usd for row in self.lines if row.line == line)


def walk(company: Company, switches: Switches) -> Walk:
    """The walk of *company* under *switches*.

    Errors: :class:`~costbasis.errors.BadArgument` for a switch that needs what the company does not publish.
    """
    known = dict(company.lines)
    revenue, cost = _revenue_and_cost(known, switches, company)
    paid = _paid_serving(known, known.get("revenue"))
    cost, marketing = _free_users(cost, paid, known, switches, company)
    listed = known.get("list_value") or _listed(known)
    serving_margin, gross = _less(revenue or known.get("list_value"), paid), _less(revenue, cost)
    contribution = _less(gross, marketing)
    training, research = _training(known, switches, company)
    after_training = _less(contribution, training) if training is not None else None
    admin = known.get("general_and_admin")
    stock = known.get("stock_pay")
    parts = [training, research] if switches.life_months else [known.get("research_and_development")]
    one_off = _less(known.get("operating_loss"), known.get("net_loss")) if switches.one_off else None
    operating = _operating(known, gross, [marketing, *parts, admin], switches)
    cash = _cash(known, operating, switches)
    rows = [
        ("list_value", listed, True),
        ("discounts_credits_channel", _negative(_less(listed, revenue)), False),
        ("realised_revenue", revenue, True),
        ("paid_serving", _negative(paid), False),
        ("serving_margin", serving_margin, True),
        ("other_cost_of_revenue", _negative(_less(cost, paid)), False),
        ("gross_profit", gross, True),
        ("sales_and_marketing", _negative(marketing), False),
        ("contribution", contribution, True),
        ("training_compute", _negative(training), False),
        ("after_training", after_training, True),
        ("other_research", _negative(research), False),
        ("general_and_admin", _negative(admin), False),
        ("all_costs", _negative(_all_costs([cost, marketing, *parts, admin])), True),
        ("operating_result", operating, True),
        *((("one_off_and_other", one_off, False), ("net_result", _both(operating, one_off), True)) * switches.one_off),
        *((("stock_pay", stock, False),) * switches.stock_pay),
        ("other_non_cash_and_timing", _less(cash, _plus(operating, stock if switches.stock_pay else None)), False),
        ("cash_result", cash, True),
    ]
    lines = [Line(name, usd, total, _note(name, usd, company, switches)) for name, usd, total in rows]
    return Walk(company, switches, lines, [row.line for row in lines if row.usd is None])


def _revenue_and_cost(
    known: Mapping[str, Quantity], switches: Switches, company: Company
) -> tuple[Quantity | None, Quantity | None]:
    revenue, cost = known.get("revenue"), known.get("cost_of_revenue")
    if cost is None and revenue is not None and "gross_margin" in known:
        cost = derive(cost_at_margin_usd, revenue_usd=revenue, margin_frac=known["gross_margin"])
    if switches.revenue == "gross":
        return revenue, cost
    share = known.get("channel_share")
    if share is None or revenue is None:
        raise BadArgument(
            f"{company.name} publishes no channel share: revenue cannot be restated", where="--revenue net"
        )
    net: Quantity = derive(net_of_share_usd, gross_usd=revenue, share_frac=share)
    taken = _less(revenue, net)
    return net, _less(cost, taken)


def _paid_serving(known: Mapping[str, Quantity], revenue: Quantity | None) -> Quantity | None:
    if "paid_serving" in known:
        return known["paid_serving"]
    margin = known.get("paid_compute_margin")
    if margin is None or revenue is None:
        return None
    found: Quantity = derive(cost_at_margin_usd, revenue_usd=revenue, margin_frac=margin)
    return found.labelled("serving of paying users")


def _free_users(
    cost: Quantity | None,
    paid: Quantity | None,
    known: Mapping[str, Quantity],
    switches: Switches,
    company: Company,
) -> tuple[Quantity | None, Quantity | None]:
    """Cost of revenue and marketing with free users' inference booked as asked; their sum stays what it is."""
    marketing = known.get("sales_and_marketing")
    if switches.free_users == "reported":
        return cost, marketing
    wanted = known.get("all_inference") if switches.free_users == "cogs" else paid
    if wanted is None or cost is None:
        what = "inference of all users" if switches.free_users == "cogs" else "serving of paying users"
        raise BadArgument(
            f"{company.name} publishes no {what}: free users cannot be booked otherwise",
            where=f"--free-users {switches.free_users}",
        )
    moved = _less(cost, wanted)
    return wanted, _plus(marketing, moved) if marketing is not None else None


def _listed(known: Mapping[str, Quantity]) -> Quantity | None:
    revenue, share = known.get("revenue"), known.get("realised_over_list")
    if revenue is None or share is None:
        return None
    found: Quantity = derive(list_value_usd, revenue_usd=revenue, realised_over_list_frac=share)
    return found.labelled("revenue at list price")


def _training(
    known: Mapping[str, Quantity], switches: Switches, company: Company
) -> tuple[Quantity | None, Quantity | None]:
    """The training charge of the period, and research beside it. Without a split all research is one line."""
    research, training = known.get("research_and_development"), known.get("training_compute")
    if training is None:
        if switches.life_months:
            raise BadArgument(
                f"{company.name} publishes no training compute: nothing to write off", where="--life-months"
            )
        return None, research
    rest = _less(research, training)
    if not switches.life_months:
        return training, rest
    charge: Quantity = derive(
        amortised_usd,
        spend_usd=training,
        period_month=counted("period_month", company.months, ASKED),
        life_month=counted("life_month", switches.life_months, ASKED),
    )
    return charge.labelled("this period's training, written off over its life"), rest


def _operating(
    known: Mapping[str, Quantity], gross: Quantity | None, costs: Sequence[Quantity | None], switches: Switches
) -> Quantity | None:
    """From the lines where all are known, else as reported."""
    total = gross
    for cost in costs:
        total = _less(total, cost)
    if total is None and not switches.life_months:
        total = _negative(known.get("operating_loss"))
    if total is None or switches.stock_pay:
        return total if total is None else total.labelled("operating result")
    found = _both(total, known.get("stock_pay"))
    return None if found is None else found.labelled("operating result without stock pay")


def _cash(known: Mapping[str, Quantity], operating: Quantity | None, switches: Switches) -> Quantity | None:
    """Cash as reported; were compute bought, depreciation comes back and the spending goes off."""
    if switches.compute == "lease":
        return _negative(known.get("cash_burn"))
    depreciation, spend = known.get("depreciation"), known.get("capital_spend")
    return _less(_plus(operating, depreciation) if depreciation is not None else None, spend)


def _all_costs(costs: Sequence[Quantity | None]) -> Quantity | None:
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return None
    found: Quantity = derive(sum_of_usd, **{f"cost {number}": cost for number, cost in enumerate(known, start=1)})
    return found.labelled("all operating costs")


def _less(amount: Quantity | None, off: Quantity | None) -> Quantity | None:
    if amount is None or off is None:
        return None
    found: Quantity = derive(contribution_usd, revenue_usd=amount, cogs_usd=off)
    return found


def _plus(one: Quantity | None, other: Quantity | None) -> Quantity | None:
    if one is None:
        return None
    if other is None:
        return one
    found: Quantity = derive(sum_of_usd, one=one, other=other)
    return found


def _negative(amount: Quantity | None) -> Quantity | None:
    return _less(counted("nothing_usd", 0.0, ASKED), amount)


def _both(one: Quantity | None, other: Quantity | None) -> Quantity | None:
    """Their sum, where both are known."""
    return None if other is None else _plus(one, other)


def _note(line: str, usd: Quantity | None, company: Company, switches: Switches) -> str:
    if line == "other_cost_of_revenue" and usd is not None and usd.estimate.p50 > 0:
        return "cost of revenue is less than serving paying users: these sources cannot all be right"
    if line == "training_compute" and switches.life_months:
        return "earlier periods' training still to be written off is not known: a lower bound"
    if line == "other_cost_of_revenue" and usd is not None and switches.free_users == "reported":
        return "free users' inference, support and hosting, as far as they are booked here"
    own = {"realised_revenue": "revenue", "cash_result": "cash_burn", "operating_result": "operating_loss"}
    if line == "paid_serving" and "paid_serving" not in company.lines:
        return str(company.notes.get("paid_compute_margin", ""))
    return str(company.notes.get(own.get(line, line), ""))
