"""One company, several margins: each by its own definition, and the bridge from it to cost over list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from costbasis.company.read import Company
from costbasis.formulas.company import cost_at_margin_usd, cost_over_list_frac, margin_frac
from costbasis.quantity import Quantity, derive


@dataclass(frozen=True, slots=True)
class Margin:
    """A margin by its definition. *cost_usd*: the cost that it takes off revenue. *cost_over_list*: the bridge.

    *says*: how it follows, in words. *stated*: the figure is the source's own; else it is computed here.
    """

    definition: str
    frac: Quantity
    stated: bool
    cost_usd: Quantity | None
    cost_over_list: Quantity | None
    says: str


def margins(company: Company) -> Sequence[Margin]:
    """Every definition that the company's lines can fill, narrowest cost first."""
    lines = company.lines
    revenue = lines.get("revenue")
    found: list[Margin] = []
    if "paid_compute_margin" in lines:
        says = "revenue less the compute of paying users alone"
        found.append(_stated("paying users' compute", lines["paid_compute_margin"], company, says))
    if "cost_of_revenue" in lines and revenue is not None:
        says = "revenue less cost of revenue as the accounts have it"
        found.append(_computed("gross margin of the accounts (GAAP)", lines["cost_of_revenue"], company, says))
    if "gross_margin" in lines:
        says = "revenue less cost of revenue, as stated"
        found.append(_stated("gross margin", lines["gross_margin"], company, says))
    if "all_inference" in lines and revenue is not None:
        says = "revenue less inference for everybody, free users included"
        found.append(_computed("all inference, free users included", lines["all_inference"], company, says))
    if "margin_with_free_users" in lines:
        says = "management's gross margin: inference for everybody and what else it counts as cost of revenue"
        found.append(_stated("management's, free users included", lines["margin_with_free_users"], company, says))
    if "list_value" in lines and "paid_serving" in lines:
        ratio = derive(margin_frac, revenue_usd=lines["list_value"], cost_usd=lines["paid_serving"])
        says = "list value less serving: an upper bound, since not every token was sold at list"
        found.append(Margin("serving at list price", ratio, False, lines["paid_serving"], None, says))
    found += [Margin(row.definition, row.frac, True, None, None, "as stated") for row in company.segments]
    return found


def _stated(definition: str, frac: Quantity, company: Company, says: str) -> Margin:
    revenue = company.lines.get("revenue")
    cost = None if revenue is None else derive(cost_at_margin_usd, revenue_usd=revenue, margin_frac=frac)
    return Margin(definition, frac, True, cost, _bridge(frac, company), says)


def _computed(definition: str, cost: Quantity, company: Company, says: str) -> Margin:
    frac = derive(margin_frac, revenue_usd=company.lines["revenue"], cost_usd=cost)
    return Margin(definition, frac.labelled(definition), False, cost, _bridge(frac, company), says)


def _bridge(frac: Quantity, company: Company) -> Quantity | None:
    """From a margin on realised revenue to cost over list, where the share of list that is realised is known."""
    share = company.lines.get("realised_over_list")
    if share is None:
        return None
    found: Quantity = derive(cost_over_list_frac, gross_margin_frac=frac, realised_over_list_frac=share)
    return found.labelled("cost over list")
