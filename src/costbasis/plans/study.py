"""A plan under every question at once: what it leaves from its people, where it breaks even, what limits would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from costbasis.bases import engine
from costbasis.bases.value import BasisValue, list_beside
from costbasis.catalog import Catalog, Plan
from costbasis.catalog.limits import Limit, limits_of, model_of_plan, scarcity_evidence
from costbasis.catalog.market.mixes import AGENT
from costbasis.errors import BadArgument
from costbasis.formulas.billing import contribution_usd, cost_over_list, scaled_usd
from costbasis.formulas.company import cost_over_list_frac
from costbasis.formulas.subscription import (
    break_even_utilisation_frac,
    mean_use_usd,
    price_net_of_payment_usd,
    request_list_usd,
    use_at_cost_usd,
)
from costbasis.parties import MATRIX, NO, YES, Party
from costbasis.parties.sides import amount
from costbasis.plans.limits import Exchange, Worth, ceiling_of, worth_of
from costbasis.plans.outcome import outcome, price_for_month
from costbasis.plans.people_of import people_of
from costbasis.plans.studied import Asked, Mine, OnBasis, OwnUse, Study, Target
from costbasis.plans.timeline import all_together, cuts, timeline_of
from costbasis.population.people import Subscribers, mean_use, share_above
from costbasis.population.profit import Profit, cap_that_reaches, price_that_reaches, profit
from costbasis.population.subscribers import ceiling_fact
from costbasis.quantity import Quantity, Source, counted, derive
from costbasis.usage.amounts import TOKEN_COLUMNS, Amounts
from costbasis.usage.typical import market_usd_per_tok, typical_use

UNDETERMINED_PUBLIC = "cannot be determined from public data"
PROBABLY_YES, PROBABLY_NO = "probably yes", "probably no"

SURE = 0.9

FULL, HARDLY = 1.0, 0.01
"""The ends of what mean use over the ceiling can be, where nothing is known of it."""

AN_END = Source("an end of what is possible", trust="A", status="definition", as_of="2026-11-24")

AT_OWN_LIST = Source("a vendor's own list price", trust="A", status="definition", as_of="2026-11-24")

TYPICAL_LIST_USD = 1_000.0
"""The list value of the typical use from which ratios are taken; no ratio depends on it."""


def study(plan: Plan, as_of: date, catalog: Catalog, asked: Asked) -> Study:
    """*plan* by the facts of a day.

    Errors: :class:`~costbasis.errors.BadArgument` for a party that does not earn the plan's price, or a plan whose
    cost over list no route reaches and nobody gave; those of the population.
    """
    model = catalog.find_model(asked.model or plan.model or model_of_plan(plan.vendor, as_of))
    is_open = catalog.vendor(model) is None
    party = _party(asked.party, "model owner" if is_open or catalog.vendor(model) == plan.vendor else "reseller")
    use = asked.own.amounts if asked.own else _typical(model, as_of, catalog)
    bases = engine.value(use, catalog) if use else {}
    price = price_for_month(plan)
    over_list, says = _over_list(party, bases, use, asked, catalog)
    limits = [*limits_of(plan.key, as_of, catalog.sampling), *plan.own_limits]
    exchange = _exchange(use, model, as_of, asked.own, catalog)
    worths = [worth_of(limit, exchange, catalog) for limit in (*limits, *asked.caps)]
    ceiling, ceiling_says = _ceiling(plan, worths[: len(limits)], catalog)
    subscribers = people_of(plan, ceiling, asked.population, catalog, is_sample=asked.is_sample)
    found = profit(subscribers, price, over_list) if subscribers else None
    net_price = _net_of_payment(price, catalog)
    return Study(
        plan=plan,
        party=party,
        model=model,
        price_usd=price,
        net_price_usd=net_price,
        over_list=over_list,
        over_list_says=says,
        by_basis=[
            *(_on_basis(name, _ratio(valued, bases, use), price, subscribers) for name, valued in bases.items() if use),
            *([] if use else [_on_basis(party.pays_basis, over_list, price, subscribers)]),
        ],
        subscribers=subscribers,
        profit=found,
        net_margin_usd=_margin(net_price, found.mean_cost_usd) if found else None,
        answer=_answer(subscribers, found, price, over_list),
        targets=[_target(subscribers, price, over_list, margin) for margin in asked.targets] if subscribers else [],
        limits=worths,
        ceiling_says=ceiling_says,
        mine=_mine(plan, asked, [*limits, *asked.caps], bases, subscribers, catalog) if asked.own else None,
        scarcity=scarcity_evidence(),
        scarcity_frac=catalog.quantity("opportunity/default.lambda_frac"),
    )


def _party(asked: str | None, default: str) -> Party:
    sells = [party for party in MATRIX if party.earns_basis == "plan"]
    for party in sells:
        if party.name == (asked or default):
            return party
    hint = f"one of: {', '.join(party.name for party in sells)}"
    raise BadArgument(f'"{asked}" does not earn the price of a plan', where="--party", hint=hint)


def _typical(model: str, as_of: date, catalog: Catalog) -> Amounts | None:
    """The typical use of a model that has a list price of its vendor; None for an open one, which has none."""
    return typical_use(model, TYPICAL_LIST_USD, as_of, catalog) if catalog.vendor(model) else None


def _over_list(
    party: Party, bases: Mapping[str, BasisValue], use: Amounts | None, asked: Asked, catalog: Catalog
) -> tuple[Quantity, str]:
    """What a dollar of list value costs the party, and by which words."""
    if asked.over_list is not None:
        return asked.over_list, "as you set it"
    if use is None:
        margin = catalog.quantity("margin/open-host.gross_margin_frac")
        own = derive(
            cost_over_list_frac,
            gross_margin_frac=margin,
            realised_over_list_frac=counted("realised_over_list_frac", 1.0, AT_OWN_LIST),
        )
        return own.labelled("1 less the gross margins of API sellers"), "at its own list price, by sellers' margins"
    cost = amount(party.pays_basis, bases, None, catalog)
    if cost is None:
        raise BadArgument(
            f"what a {party.name} pays ({party.pays_basis}) cannot be determined for this use",
            where="plan",
            hint="name another --model, or give --cost-over-list LOW..HIGH",
        )
    valued = bases.get(party.pays_basis)
    listed = bases["list"].total if valued is None else list_beside(bases["list"], valued, use)
    ratio: Quantity = derive(cost_over_list, basis_usd=cost, list_usd=listed)
    return ratio.labelled(f"{party.pays_basis} over list"), f"{party.pays_basis}: {cost.label}"


def _exchange(use: Amounts | None, model: str, as_of: date, own: OwnUse | None, catalog: Catalog) -> Exchange:
    context = catalog.quantity(f"{AGENT}.context_tok")
    if use is None:
        per_tok = market_usd_per_tok(model, as_of, catalog)
        request = derive(request_list_usd, list_usd_per_tok=per_tok, context_tok=context)
        one = counted("context_tok", 1.0, AT_OWN_LIST)
        return Exchange(request, derive(request_list_usd, list_usd_per_tok=per_tok, context_tok=one))
    listed = float(use.list_usd(use.groups)[0])
    tokens = sum(float(column[0]) for group in use.groups for unit, column in use.of_group(group).items() if
                 unit in TOKEN_COLUMNS)  # fmt: skip
    per_tok = counted("list_usd_per_tok", listed / tokens, use.source)
    requests = sum(cell.requests for cell in own.cells if cell.is_priced) if own is not None else 0
    if requests:  # a report by bucket may tell none
        request = counted("request_usd", listed / requests, use.source)
    else:
        request = derive(request_list_usd, list_usd_per_tok=per_tok, context_tok=context)
    return Exchange(request.labelled("a request, at list"), counted("token_usd", listed / tokens, use.source))


def _ceiling(plan: Plan, worths: Sequence[Worth], catalog: Catalog) -> tuple[Quantity | None, str]:
    """Most list value that the plan lets anybody use a month, by the best reading there is."""
    if plan.ceiling_usd is not None:
        return plan.ceiling_usd, "as the plan file says"
    measured = ceiling_fact(plan, catalog)
    if measured is not None:
        return measured, "measured at full use"
    if plan.allowance_usd is not None:
        return plan.allowance_usd, "the use that the price includes"
    found = ceiling_of(worths)
    return found, "the tightest of its limits, converted" if found is not None else "not known"


def _net_of_payment(price: Quantity, catalog: Catalog) -> Quantity:
    net: Quantity = derive(
        price_net_of_payment_usd,
        price_usd=price,
        tax_frac=catalog.quantity("payment/tax.included_frac"),
        app_store_share_frac=catalog.quantity("payment/app-store.share_frac"),
        app_store_rate_frac=catalog.quantity("payment/app-store.rate_frac"),
        card_rate_frac=catalog.quantity("payment/card.rate_frac"),
        card_fixed_usd=catalog.quantity("payment/card.fixed_usd"),
    )
    return net.labelled("the price less payment fees, store cuts and taxes")


def _ratio(valued: BasisValue, bases: Mapping[str, BasisValue], use: Amounts) -> Quantity:
    found: Quantity = derive(cost_over_list, basis_usd=valued.total, list_usd=list_beside(bases["list"], valued, use))
    return found


def _on_basis(name: str, ratio: Quantity, price: Quantity, subscribers: Subscribers | None) -> OnBasis:
    utilisation = margin = None
    if subscribers is not None:
        cost = derive(scaled_usd, list_usd=mean_use(subscribers), cost_over_list_frac=ratio)
        margin = _margin(price, cost)
        if subscribers.has_ceiling:
            utilisation = derive(
                break_even_utilisation_frac,
                price_usd=price,
                cost_over_list_frac=ratio,
                ceiling_usd=subscribers.ceiling_usd,
            )
    even: Quantity = derive(use_at_cost_usd, cost_usd=price, cost_over_list_frac=ratio)
    return OnBasis(name, ratio, even, utilisation, margin)


def _margin(price: Quantity, cost: Quantity) -> Quantity:
    margin: Quantity = derive(contribution_usd, revenue_usd=price, cogs_usd=cost)
    return margin


def _target(subscribers: Subscribers, price: Quantity, over_list: Quantity, margin: float) -> Target:
    if not margin < 1:
        raise BadArgument(f"a margin stays under 1, not {margin:g}", where="--target-margin", hint="write 0.5 for 50 %")
    return Target(
        margin,
        price_usd=price_that_reaches(subscribers, over_list, margin),
        cap_usd=cap_that_reaches(subscribers, price, over_list, margin),
    )


def _answer(subscribers: Subscribers | None, found: Profit | None, price: Quantity, over_list: Quantity) -> str:
    """Does the plan pay? Where the mean use is known, the draws decide.

    Where it is not, an assumed range of it decides nothing: only a plan that pays at full use, or at hardly any does
    not, has an answer.
    """
    if subscribers is None or found is None:
        return UNDETERMINED_PUBLIC
    if subscribers.known.mean_is_known:
        chance = found.p_profitable
        if chance >= SURE:
            return YES
        if chance <= 1 - SURE:
            return NO
        return PROBABLY_YES if chance >= 0.5 else PROBABLY_NO
    ceiling = subscribers.ceiling_usd
    if _chance_at(ceiling, FULL, price, over_list) >= SURE:
        return YES
    return NO if _chance_at(ceiling, HARDLY, price, over_list) <= 1 - SURE else UNDETERMINED_PUBLIC


def _chance_at(ceiling: Quantity, use_frac: float, price: Quantity, over_list: Quantity) -> float:
    """The chance that the plan pays were its ceiling used to this share by everybody."""
    fixed = counted("mean_utilisation_frac", use_frac, AN_END)
    use = derive(mean_use_usd, ceiling_usd=ceiling, mean_utilisation_frac=fixed)
    return _margin(price, derive(scaled_usd, list_usd=use, cost_over_list_frac=over_list)).share_above(0.0)


def _mine(
    plan: Plan,
    asked: Asked,
    limits: Sequence[Limit],
    bases: Mapping[str, BasisValue],
    subscribers: Subscribers | None,
    catalog: Catalog,
) -> Mine:
    own = asked.own
    assert own is not None
    timeline = timeline_of(own.cells, own.amounts.source)
    result = outcome(plan, own.first, own.last, bases, catalog)
    month = catalog.quantity("period/month.length_days_per_month").estimate.p50 / S_PER_DAY
    rate = counted("use_usd", float(timeline.use_usd.sum()) * month / result.days, own.amounts.source)
    return Mine(
        outcome=result,
        bases=bases,
        share_above=share_above(subscribers, rate) if subscribers else None,
        cuts=cuts(timeline, limits, catalog),
        kept_usd=all_together(timeline, limits, catalog) if limits else None,
    )


S_PER_DAY = 86_400
