"""``costbasis serving``: what a model costs to serve, on a machine, at a load and a speed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, show, split_session
from costbasis.cli.tokens import tokens_option

if TYPE_CHECKING:
    from costbasis.quantity import Quantity


@click.command("serving")
@click.argument("model", required=False)
@click.option("--config", type=PLACE, metavar="F.json", help="A config.json in place of MODEL.")
@click.option("--on", metavar="8xh200-sxm", help="The machine: a count and an accelerator.")
@click.option(
    "--isl", metavar="TOKENS", callback=tokens_option, help="Input tokens of a request, cached ones included."
)
@click.option("--osl", metavar="TOKENS", callback=tokens_option, help="Output tokens of a request.")
@click.option("--cached-share", type=float, help="Share of the input that is read from a cache, 0 to below 1.")
@click.option("--precision", help="bf16, fp8, fp4 or int4; the model's own where not given.")
@click.option("--tp", type=int, help="Tensor parallelism; searched where not given.")
@click.option("--dp", type=int, help="Data parallelism of attention; searched where not given.")
@click.option(
    "--workload",
    metavar="NAME|F.toml",
    default="",
    help="coding_agent (default), chat, api, …; a file, a trace, /metrics.",
)
@click.option("--tpot", metavar="50ms", help="Most time per output token of one user.")
@click.option("--usd-per-accel-hour", metavar="LOW..HIGH", help="Hire of one accelerator; the book's range else.")
@click.option("--frontier", is_flag=True, help="Price against speed as well.")
@shared_options
def command(**params: Any) -> None:
    """What a million tokens of MODEL cost to serve, class by class, with an 80 % interval.

    Layouts are searched within memory and speed. Of a model whose architecture is not published, the hypothesis that
    all rests on is printed first. For example: costbasis serving deepseek-v3 --on 8xh200-sxm --tpot 50ms
    """
    session, own = split_session(params)
    from costbasis.reports.serving_text import serving_text

    result = build(session, **own)
    show(session, result, lambda: serving_text(result, style=session.style))


def build(
    session: Session,
    *,
    model: str | None,
    config: Path | None,
    on: str | None,
    isl: float | None,
    osl: float | None,
    cached_share: float | None,
    precision: str | None,
    tp: int | None,
    dp: int | None,
    workload: str,
    tpot: str | None,
    usd_per_accel_hour: str | None,
    frontier: bool,
) -> dict[str, Any]:
    """The ``costbasis.serving/1`` object.

    Errors: :class:`~costbasis.errors.Infeasible` where nothing that was asked can serve, with the nearest that can.
    """
    from costbasis.errors import Infeasible
    from costbasis.reports.serving_object import serving_object
    from costbasis.service.refusals import Turned
    from costbasis.servingcost import Asked, answer

    served = _served(model, config, session.catalog)
    options, notes = _options(session, served, on, precision)
    load, told = _workload(session, workload, isl, osl, cached_share)
    speed, accepted = _speed(session, served, tpot)
    asked = Asked(
        served=served,
        options=options,
        workload=load,
        tpot_s=speed,
        accepted_tok=accepted,
        usd_per_accel_hour=_hire(usd_per_accel_hour),
        as_of=session.as_of,
        tensor=_positive(tp, "--tp"),
        data=_positive(dp, "--dp"),
    )
    found = answer(asked, session.catalog, frontier=frontier)
    if isinstance(found, Turned):
        raise Infeasible(f"{found.deployment}: {found.reason}", where=asked.served.model, hint=f"try {found.nearest}")
    return serving_object(found, session.catalog, [*notes, *told])


def _speed(session: Session, served: Any, tpot: str | None) -> tuple[Quantity, Quantity]:
    """Time per token and tokens a step: as asked; else what users see of a hypothesis, 20 tok/s of another model."""
    from costbasis.quantity import Source, given
    from costbasis.sampling import exactly

    catalog = session.catalog
    default = Source("the default of this command: 20 tokens a second", trust="D", status="assumed", as_of="2026-11-24")
    said = Source("set by the user", place="--tpot", trust="A", status="given")
    one = Source("no speculative decoding", trust="D", status="assumed", as_of="2026-11-24")
    if tpot is not None:
        time = given("tpot_s_per_tok", exactly(_seconds(tpot)), said, catalog.sampling)
    elif served.is_published:
        time = given("tpot_s_per_tok", exactly(DEFAULT_TPOT_S), default, catalog.sampling)
    else:
        time = catalog.quantity("fleet/default.tpot_ms_per_tok")
    if served.is_published:
        return time, given("step_accepted_tok", exactly(1.0), one, catalog.sampling)
    return time, catalog.quantity("fleet/default.step_accepted_tok")


DEFAULT_TPOT_S = 0.05


def _served(model: str | None, config: Path | None, catalog: Any) -> Any:
    from costbasis.catalog.models.served import published, served_model
    from costbasis.errors import BadArgument, UnknownName

    if (model is None) == (config is None):
        raise BadArgument(
            "give a MODEL or a --config, one of the two", where="serving", hint="costbasis serving deepseek-v3"
        )
    if config is not None:
        from costbasis.catalog.models.hfconfig import read_config

        row = read_config(config, catalog)
        return published(row["model"], row)
    name = catalog.find_model(model)
    served = served_model(name, catalog)
    if served is None:
        known = [row["model"] for row in catalog.rows("architecture")]
        known += [model for row in catalog.rows("hypothesis") for model in row["models"].split()]
        raise UnknownName(
            "architecture of", name, known=known, hint="give its config.json with --config, or another model"
        )
    return served


def _options(session: Session, served: Any, on: str | None, precision: str | None) -> tuple[list[Any], list[Any]]:
    from costbasis.reports.head import Warn
    from costbasis.service.machine import machine, machine_of
    from costbasis.service.option import fleet_options, needs_more, option, weight_bytes

    catalog = session.catalog
    if on is None and not served.is_published and precision is None:
        return fleet_options(served, session.as_of, catalog), []
    if on is not None:
        where = machine_of(on, catalog)
    else:
        where = machine("h200-sxm", 8, catalog)
        while needs_more(served, where) and where.count < 64:
            where = machine("h200-sxm", 2 * where.count, catalog)
    if precision is not None:
        return [option(served, where, precision)], []
    if not served.is_published:
        return [option(served, where, name, chance) for name, chance in served.precisions.items() if chance > 0], []
    own = next(iter(served.precisions))
    room = where.count * float(where.accelerator.hbm_bytes_per_accel)
    fitting = [name for name in dict.fromkeys([own, "fp8", "fp4"]) if weight_bytes(served, name) < 0.85 * room]
    chosen = fitting[0] if fitting else own
    if chosen == own:
        return [option(served, where, own)], []
    text = f"weights in {own}, the model's own format, do not fit {where.title}"
    return [option(served, where, chosen)], [Warn("precision", 1, text, f"served in {chosen}")]


def _workload(
    session: Session, asked: str, isl: float | None, osl: float | None, cached: float | None
) -> tuple[Any, list[Any]]:
    """The workload, and what a trace or an engine's counters tell beside it."""
    from dataclasses import replace

    from costbasis.catalog.workloadfile import find_workload
    from costbasis.reports.head import Warn
    from costbasis.service.fleet import DEFAULT_WORKLOAD

    name = asked or DEFAULT_WORKLOAD
    found, notes = find_workload(name, DEFAULT_WORKLOAD, session.catalog)
    if not asked:
        found = replace(found, hourly_load=())  # many loads share a fleet: the book's range, not one profile
    if cached is None and isl is not None and not asked:
        cached = 0.0
    told = [Warn("workload", 1, name, note) for note in notes]
    return found.changed(isl_tok=isl, osl_tok=osl, cached_frac=cached), told


def _seconds(text: str) -> float:
    from costbasis.errors import BadArgument

    number, factor = text.strip().lower(), 1e-3
    for suffix, scale in (("ms", 1e-3), ("s", 1.0)):
        if number.endswith(suffix):
            number, factor = number.removesuffix(suffix), scale
            break
    try:
        seconds = float(number) * factor
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise BadArgument(f'"{text}" is no time per token', where="--tpot", hint="write it as 50ms")
    return seconds


def _hire(text: str | None) -> tuple[float, float, float] | None:
    from costbasis.errors import BadArgument

    if text is None:
        return None
    try:
        values = [float(part) for part in text.split("..")]
    except ValueError:
        values = []
    if not 1 <= len(values) <= 3 or values != sorted(values) or not 0 < values[0] <= values[-1] < float("inf"):
        raise BadArgument(
            f'"{text}" is no price of an accelerator-hour', where="--usd-per-accel-hour", hint="write 2 or 1.5..3"
        )
    low, high = values[0], values[-1]
    return low, values[1] if len(values) == 3 else (low * high) ** 0.5, high


def _positive(value: int | None, option: str) -> int | None:
    from costbasis.errors import BadArgument

    if value is not None and value < 1:
        raise BadArgument(f"{value} is no number of accelerators", where=option, hint="1 or more")
    return value
