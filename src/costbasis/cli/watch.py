"""``costbasis watch``: usage as it happens."""

from __future__ import annotations

import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.progress import scanning
from costbasis.cli.session import Session, split_session

LEAST_INTERVAL_S = 0.2
OTHER_SCREEN, OWN_SCREEN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
HOME, END_OF_LINE, END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


@click.command("watch")
@click.argument("paths", nargs=-1, type=PLACE)
@click.option("--interval", type=float, default=5.0, show_default=True, metavar="S", help="Seconds between frames.")
@click.option("--once", is_flag=True, help="One frame, then end.")
@click.option("--plan", "plan_name", metavar="VENDOR/ID", help="A plan, whose limits the use is projected against.")
@click.option("--agent", help="Only this agent, such as claude-code.")
@click.option("--project", help="Only this project.")
@click.option("-z", "--tz", "--timezone", "tz", help="IANA time zone of days [default: this machine's].")
@click.option("--at", metavar="MOMENT", help="Look at this moment instead of now (2026-03-05T12:30+01:00); one frame.")
@shared_options
def command(**params: Any) -> None:
    """A live view: burn rate of the running five-hour block, day, week and month so far, and a plan's limits.

    Reads the agents' logs on this machine, or PATHS; of what it read it reads no more than what is new. With
    --json: one object a frame, a frame a line. Ends with Ctrl-C.
    """
    session, own = split_session(params)
    interval, once = own.pop("interval"), own.pop("once")
    _refuse_interval(interval)
    coming = frames(session, **own)
    frame = next(coming)  # a first big scan ends at once with Ctrl-C; later ones are short and never cut in half
    if once or own["at"]:
        _show(session, frame)
        return
    with _stopped() as stop, _screen(session) as redraws:
        _show(session, frame, redraws=redraws)
        while not stop(interval):
            frame = next(coming)
            _show(session, frame, redraws=redraws)
    if redraws:
        _show(session, frame)  # what was last seen stays on the terminal


def build(
    session: Session,
    *,
    paths: tuple[Path, ...],
    interval: float,
    once: bool,
    plan_name: str | None,
    agent: str | None,
    project: str | None,
    tz: str | None,
    at: str | None,
) -> dict[str, Any]:
    """The ``costbasis.watch/1`` object of one frame."""
    return next(frames(session, paths=paths, plan_name=plan_name, agent=agent, project=project, tz=tz, at=at))


def frames(
    session: Session,
    *,
    paths: tuple[Path, ...],
    plan_name: str | None,
    agent: str | None,
    project: str | None,
    tz: str | None,
    at: str | None,
) -> Iterator[dict[str, Any]]:
    """Frames without end, each after bringing the ledger up to date with what is new in the logs."""
    from costbasis.catalog.limits import limits_of
    from costbasis.reports.watch_object import watch_object
    from costbasis.usage.live import look
    from costbasis.usage.periods import zone
    from costbasis.usage.pricing.epochs import PriceBook
    from costbasis.usage.pricing.priceview import Grouping
    from costbasis.usage.reading import local_zone, up_to_date

    wanted = Grouping(tz=tz or local_zone(), agent=agent, project=project)
    zone(wanted.tz)
    fixed_ms = None if at is None else _moment_ms(at, wanted.tz)
    plan = None if plan_name is None else session.catalog.plan(plan_name, session.as_of)
    limits = [] if plan is None else limits_of(plan.key, session.as_of, session.catalog.sampling)
    book = PriceBook.from_catalog(session.catalog)
    with ExitStack() as open_ledgers:
        with scanning(session) as progress:
            ledger, summary = open_ledgers.enter_context(up_to_date(paths, progress))
        while True:
            at_ms = int(time.time() * 1000) if fixed_ms is None else fixed_ms
            live = look(ledger.connection, book, wanted, at_ms)
            yield watch_object(live, summary.bytes_read, plan, limits)
            summary = ledger.update()


def _refuse_interval(interval: float) -> None:
    from costbasis.errors import BadArgument

    if not interval >= LEAST_INTERVAL_S or interval == float("inf"):
        raise BadArgument(
            f"{interval:g} seconds between frames", where="--interval", hint=f"a number from {LEAST_INTERVAL_S:g} on"
        )


def _moment_ms(text: str, tz: str) -> int:
    """A moment as it was written; without an offset it is of the zone asked for."""
    from costbasis.errors import BadArgument
    from costbasis.usage.periods import zone

    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone(tz))
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise BadArgument(f'"{text}" is not a moment', where="--at", hint="write it as 2026-03-05T12:30") from None


@contextmanager
def _stopped() -> Iterator[Callable[[float], bool]]:
    """What waits so many seconds, and says whether Ctrl-C or a request to terminate came: a frame and an update are
    never cut in half.

    A signal writes a byte, and no more: it may come while a lock is held, which it would wait for in vain.
    """
    told, telling = socket.socketpair()
    telling.setblocking(False)

    def stop(*_: object) -> None:
        with suppress(BlockingIOError):  # as many as the line holds have been said
            telling.send(b"!")

    with told, telling:
        before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield lambda seconds: bool(select.select([told], [], [], seconds)[0])
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)


@contextmanager
def _screen(session: Session) -> Iterator[bool]:
    """The terminal's other screen, so that what stood on it comes back; whether there is one to redraw."""
    redraws = sys.stdout.isatty() and not session.as_json
    if redraws:
        click.echo(OTHER_SCREEN, nl=False)
    try:
        yield redraws
    finally:
        if redraws:
            click.echo(OWN_SCREEN, nl=False)


def _show(session: Session, frame: dict[str, Any], *, redraws: bool = False) -> None:
    from costbasis.reports.json import one_line
    from costbasis.reports.screen import fitted
    from costbasis.reports.watch_object import watch_text

    if session.as_json:
        click.echo(one_line(frame))
    elif redraws:
        lines = "".join(f"{line}{END_OF_LINE}\n" for line in fitted(lambda: watch_text(frame)).splitlines())
        click.echo(f"{HOME}{lines}{END_OF_SCREEN}", nl=False)
    else:
        click.echo(f"{fitted(lambda: watch_text(frame))}\n")
    sys.stdout.flush()
