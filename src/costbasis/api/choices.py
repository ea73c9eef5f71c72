"""The Python API on who gains: a plan, a choice of ways to buy, a company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Unpack

from costbasis.api.asking import Facts, Place, Range, as_list, ask
from costbasis.api.result import Result


def plan(
    plan: Place,
    *,
    population: Place | None = None,
    population_is_a_sample: bool = False,
    party: str | None = None,
    utilisation: Range | None = None,
    cost_over_list: Range | None = None,
    model: str | None = None,
    usage: Place | Sequence[Place] | None = None,
    sample: bool = False,
    cap: str | Sequence[str] | None = None,
    target_margin: float | Sequence[float] | None = None,
    tz: str | None = None,
    **facts: Unpack[Facts],
) -> Result:
    """Does a subscription *plan* (vendor/id, or a plan file) pay, and for whom?

    *utilisation*: mean use over the plan's ceiling, if you know it; without it public data do not decide, and the
    answer says so. *usage*: your own logs; *sample*: a synthetic month in their place. The fields are those of
    ``costbasis.plan/1``.

    Errors: :class:`~costbasis.errors.UnknownName`, :class:`~costbasis.errors.BadPlan`.

    >>> import costbasis
    >>> costbasis.plan("anthropic/max_20x").answer
    'cannot be determined from public data'
    """
    return ask(
        "plan",
        plan,
        population=population,
        population_is_a_sample=population_is_a_sample,
        party=party,
        utilisation=utilisation,
        cost_over_list=cost_over_list,
        model=model,
        usage=as_list(usage),
        sample=sample,
        cap=as_list(cap),
        target_margin=as_list(target_margin),
        tz=tz,
        **facts,
    )


def compare(
    usage: Place | Sequence[Place] | None = None,
    *,
    sample: bool = False,
    list_usd: float | None = None,
    model: str | None = None,
    plans: Place | Sequence[Place] | None = None,
    on: str | None = None,
    host_model: str | None = None,
    tokens_per_task: Range | None = None,
    tz: str | None = None,
    **facts: Unpack[Facts],
) -> Result:
    """What would your month come to: subscribe, buy tokens, switch to an open model, or host it yourself?

    Of the logs in *usage* (this machine's where nothing else is said), of a *sample*, or of a month of *list_usd*. The
    fields are those of ``costbasis.compare/1``.

    Errors: :class:`~costbasis.errors.NoLogs` where there is nothing to read.

    >>> import costbasis
    >>> found = costbasis.compare(list_usd=900, plans="anthropic/max_5x")
    >>> found.usage.list_usd_per_month.p50
    900.0
    """
    return ask(
        "compare",
        usage=as_list(usage),
        sample=sample,
        list_usd=list_usd,
        model=model,
        plan=as_list(plans),
        on=on,
        host_model=host_model,
        tokens_per_task=tokens_per_task,
        tz=tz,
        **facts,
    )


def company(
    company: Place,
    *,
    free_users: Literal["reported", "cogs", "marketing"] | None = None,
    stock_pay: bool = True,
    life_months: float | None = None,
    revenue: Literal["gross", "net"] | None = None,
    compute: Literal["lease", "capital"] | None = None,
    one_off: bool = False,
    **facts: Unpack[Facts],
) -> Result:
    """The walk of a company (openai, anthropic, …, or a file) from list value to cash, and its margins by definition.

    What is not published stays unknown. The fields are those of ``costbasis.company/1``.

    Errors: :class:`~costbasis.errors.UnknownName`, :class:`~costbasis.errors.BadCompany`.

    >>> import costbasis
    >>> costbasis.company("openai").company
    'openai'
    """
    return ask(
        "company",
        company,
        free_users=free_users,
        no_stock_pay=not stock_pay,
        life_months=life_months,
        revenue=revenue,
        compute=compute,
        one_off=one_off,
        **facts,
    )
