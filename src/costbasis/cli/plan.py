"""``costbasis plan``: what a subscription plan leaves, for whom, and what would change it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, show, split_session
from costbasis.cli.words import command_line

if TYPE_CHECKING:
    from costbasis.plans.studied import Asked
    from costbasis.quantity import Quantity

UTILISATION = "population/subscribers.mean_utilisation_frac"


@click.command("plan")
@click.argument("plan")
@click.option("--population", type=PLACE, help="Subscribers' use: CSV of users, or TOML.")
@click.option(
    "--population-is-a-sample", "is_sample", is_flag=True, help="The CSV is some of the subscribers, not all."
)
@click.option("--party", help="Who earns the price: model owner, reseller or investor [default: by vendor].")
@click.option("--utilisation", metavar="LOW..HIGH", help="Mean use over the plan's ceiling, if you know it (0.08).")
@click.option(
    "--cost-over-list", metavar="LOW..HIGH", help="Cost of a dollar of list value, if you know it (0.1..0.25)."
)
@click.option("--model", help="The model whose tokens stand for the subscribers' [default: by vendor and day].")
@click.option("--usage", multiple=True, type=PLACE, help="Your own logs: mix, limits, your place.")
@click.option("--sample", is_flag=True, help="A labelled synthetic month instead of your own logs.")
@click.option("--cap", multiple=True, metavar="WINDOW=AMOUNT", help="A limit to try: 5h=200usd, week=40..80hours.")
@click.option("--target-margin", multiple=True, type=float, help="A margin to reach by price or cap (0.5).")
@click.option("--tz", help="IANA time zone of days [default: this machine's].")
@shared_options
def command(**params: Any) -> None:
    """Does PLAN (vendor/id, or a plan file) pay, and for whom?

    Profit per subscriber and over all of them, break-even use on every basis, limits in list dollars, the price or cap
    that reaches a margin. Where public data do not decide, it says so and prints the map.
    """
    session, own = split_session(params)
    from costbasis.reports.plan_text import plan_text

    result = build(session, **own)
    show(session, result, lambda: plan_text(result, style=session.style))


def build(
    session: Session,
    *,
    plan: str,
    population: Path | None,
    is_sample: bool,
    party: str | None,
    utilisation: str | None,
    cost_over_list: str | None,
    model: str | None,
    usage: tuple[Path, ...],
    sample: bool,
    cap: tuple[str, ...],
    target_margin: tuple[float, ...],
    tz: str | None,
) -> dict[str, Any]:
    """The ``costbasis.plan/1`` object."""
    words = command_line(command, session, dict(locals()))
    from costbasis.cli.ownuse import own_use
    from costbasis.errors import BadArgument
    from costbasis.plans.files import limit_of_text, read_plan
    from costbasis.plans.studied import Asked
    from costbasis.plans.study import study
    from costbasis.population.read import read_population
    from costbasis.reports.plan_object import plan_object

    if utilisation is not None and population is not None:
        raise BadArgument("a population file says what the mean use is", where="--utilisation", hint="drop one of them")
    if utilisation is not None:
        session = session.but(overrides=(*session.overrides, f"{UTILISATION}={utilisation}"))
    catalog = session.catalog
    path = Path(plan)
    is_file = path.suffix == ".toml" or path.is_file()
    found = read_plan(path, catalog.sampling) if is_file else catalog.plan(plan, session.as_of)
    asked = Asked(
        party=party,
        population=read_population(population) if population else None,
        is_sample=is_sample,
        own=own_use(session, usage, sample=sample, tz=tz),
        caps=[limit_of_text(text, catalog.sampling) for text in cap],
        over_list=_over_list(cost_over_list, session),
        model=model,
    )
    asked = _with_targets(asked, target_margin)
    return plan_object(study(found, session.as_of, catalog, asked), catalog, session.as_of, words)


def _with_targets(asked: Asked, margins: tuple[float, ...]) -> Asked:
    return replace(asked, targets=margins) if margins else asked


def _over_list(text: str | None, session: Session) -> Quantity | None:
    """Cost over list as the user gives it.

    Errors: :class:`~costbasis.errors.BadOverride` for a text that is no share, or one below 0 or above 1,
    :class:`~costbasis.errors.BadArgument` for one that reaches 0.
    """
    if text is None:
        return None
    from costbasis.catalog.overrides import read_overrides, refuse_unusable
    from costbasis.errors import BadArgument
    from costbasis.quantity import Source, given
    from costbasis.sampling import Spread, exactly

    over = read_overrides([f"cost_over_list={text}"], None)["cost_over_list"]
    refuse_unusable(over, "frac", is_single=False, may_be_negative=False)
    if over.low <= 0:
        what = f"a token that costs nothing breaks even at no use: {text} is no share of list"
        raise BadArgument(what, where="--cost-over-list", hint="above 0 and at most 1: --cost-over-list 0.1..0.4")
    spread = exactly(over.mid) if over.is_exact else Spread("bounded", over.low, over.mid, over.high)
    source = Source("set by the user", place="--cost-over-list", trust="A", status="given")
    return given("cost_over_list_frac", spread, source, session.catalog.sampling, key="asked/plan.cost_over_list_frac")
