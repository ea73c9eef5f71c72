"""``costbasis compare``: subscribe, buy tokens, switch to an open model, or host it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, show, split_session
from costbasis.cli.words import command_line

if TYPE_CHECKING:
    from costbasis.plans.studied import OwnUse

MOST_USD = 10**12
"""A month at list beyond this is a mistake: there is no such income."""

MULTIPLIER = "switch/default.tokens_per_task"
DISCLOSED_CEILING = ("population/", ".ceiling_usd")


@click.command("compare")
@click.option("--usage", multiple=True, type=PLACE, help="Your logs [default: this machine's].")
@click.option("--sample", is_flag=True, help="A labelled synthetic month instead of logs.")
@click.option("--list-usd", type=float, help="No logs: a coding agent's month of this list value.")
@click.option("--model", help="With --list-usd: the model it is of [default: claude-opus-4-6].")
@click.option("--plan", "plans", multiple=True, metavar="V/ID|FILE", help="A plan to compare; repeatable.")
@click.option("--on", "accelerator", default="h200-sxm", show_default=True, help="The accelerator to host on.")
@click.option("--host-model", default="", help="The open model to host [default: the nearest of a published size].")
@click.option("--tokens-per-task", metavar="LOW..HIGH", help="Tokens an open model takes for a task, over yours (1.3).")
@click.option("--tz", help="IANA time zone of days [default: this machine's].")
@shared_options
def command(**params: Any) -> None:
    """What would your month come to: subscribe, buy tokens, switch to an open model, or host it yourself?

    With intervals, break-evens, the busy share at which hosting wins, and what falling list prices would do.
    """
    session, own = split_session(params)
    from costbasis.reports.compare_text import compare_text

    result = build(session, **own)
    show(session, result, lambda: compare_text(result, style=session.style))


def build(
    session: Session,
    *,
    usage: tuple[Path, ...],
    sample: bool,
    list_usd: float | None,
    model: str | None,
    plans: tuple[str, ...],
    accelerator: str,
    host_model: str,
    tokens_per_task: str | None,
    tz: str | None,
) -> dict[str, Any]:
    """The ``costbasis.compare/1`` object."""
    words = command_line(command, session, dict(locals()))
    from costbasis.cli.ownuse import own_use
    from costbasis.compare import Machine, choose_for, price_cuts
    from costbasis.plans.files import read_plan
    from costbasis.plans.outcome import S_PER_DAY
    from costbasis.reports.compare_object import compare_object
    from costbasis.valuation import valuate

    _refuse_mixed(usage, sample, list_usd, model)
    if tokens_per_task is not None:
        session = session.but(overrides=(*session.overrides, f"{MULTIPLIER}={tokens_per_task}"))
    catalog = session.catalog
    if list_usd is None:
        own = own_use(session, usage, sample=sample, tz=tz, home=True)
        assert own is not None
    else:
        own = _typical(session, list_usd, model)
    asked = [
        read_plan(Path(name), catalog.sampling) if name.endswith(".toml") else catalog.plan(name, _day(session, own))
        for name in plans or _plans_of_vendor(session, own)
    ]
    valued = valuate(own.amounts, catalog, first=own.first, last=own.last, plan=asked[0] if asked else None)
    month = catalog.quantity("period/month.length_days_per_month").estimate.p50 / S_PER_DAY
    days = month if list_usd is not None else float((own.last - own.first).days + 1)
    machine = Machine(accelerator, catalog.find_model(host_model) if host_model else "")
    choice = choose_for(valued, asked, days=days, machine=machine, as_of=session.as_of, catalog=catalog)
    return compare_object(own, valued, choice, price_cuts(valued, catalog), catalog, session.as_of, words)


def _refuse_mixed(usage: tuple[Path, ...], sample: bool, list_usd: float | None, model: str | None) -> None:
    from costbasis.errors import BadArgument

    if list_usd is not None and (usage or sample):
        raise BadArgument("--list-usd stands in for logs", where="compare", hint="drop --usage or --sample")
    if list_usd is not None and not 0 < list_usd <= MOST_USD:
        what = f"a month's list value is above zero and at most {MOST_USD:,}, not {list_usd:g}"
        raise BadArgument(what, where="--list-usd", hint="in US dollars: --list-usd 900")
    if model is not None and list_usd is None:
        raise BadArgument("the logs say which model it was", where="--model", hint="use it with --list-usd")


def _typical(session: Session, list_usd: float, model: str | None) -> OwnUse:
    from costbasis.plans.studied import OwnUse
    from costbasis.usage.typical import typical_use

    catalog, last = session.catalog, session.as_of
    name = catalog.find_model(model or "claude-opus-4-6")
    return OwnUse(typical_use(name, list_usd, last, catalog), [], last - timedelta(days=29), last)


def _day(session: Session, own: OwnUse) -> Any:
    """The day of the plans' prices: as asked, else the last of the usage."""
    return session.asked_as_of or own.last


def _plans_of_vendor(session: Session, own: OwnUse) -> list[str]:
    """The plans with a known ceiling of whoever sells the model that most of the list value is of."""
    catalog = session.catalog
    groups = sorted(own.amounts.groups, key=lambda group: -float(own.amounts.list_usd([group])[0]))
    vendor = catalog.vendor(groups[0].model)
    start, end = DISCLOSED_CEILING
    keys = dict.fromkeys(fact.key for fact in catalog.facts("population") if fact.key.endswith(end))
    prefix = f"{start}{vendor}-"
    return [f"{vendor}/{key[len(prefix) : -len(end)]}" for key in keys if key.startswith(prefix)]
