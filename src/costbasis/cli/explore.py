"""``costbasis explore``: the local page."""

from __future__ import annotations

import secrets
import shlex
import socket
import sys
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from costbasis.cli.common import shared_options
from costbasis.cli.session import Session, split_session

if TYPE_CHECKING:
    from costbasis.catalog.overrides import Override
    from costbasis.explore.answer import Explorer
    from costbasis.explore.scenario import Scenario

LOOPBACK = "127.0.0.1"

MOST_CONNECTIONS = 256
"""At a time; more are answered with 503 at once."""


@click.command("explore")
@click.argument("what", nargs=-1)
@click.option("--sample", is_flag=True, help="Begin with a labelled synthetic month instead of your own logs.")
@click.option("--plan", metavar="VENDOR/ID", default="", help="The plan to look at, such as anthropic/max_20x.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the loopback address [default: a free one].")
@click.option("--no-open", is_flag=True, help="Print the address; open no browser.")
@shared_options
def command(**params: Any) -> None:
    """Open a page with sliders over WHAT: a claim, a claim file, a usage file (usage --json), or folders of logs.

    Without WHAT: your own usage, or the sample where there is none. The page is served to this machine alone, fetches
    nothing from outside, and its numbers are those of report and check with the same --set.
    """
    session, own = split_session(params)
    if session.as_json:
        from costbasis.reports.json import to_json

        click.echo(to_json(build(session, **own)))
        return
    serve(session, **own)


def build(
    session: Session, *, what: tuple[str, ...], sample: bool, plan: str, port: int, no_open: bool
) -> dict[str, Any]:
    """The ``costbasis.exploration/1`` object: the numbers that the page would begin with."""
    explorer, scenario = _explorer(session, what, sample, plan)
    try:
        return explorer.quick(scenario)
    finally:
        explorer.subjects.close()


def serve(session: Session, *, what: tuple[str, ...], sample: bool, plan: str, port: int, no_open: bool) -> None:
    """Serve until interrupted.

    Errors: :class:`~costbasis.errors.BadArgument` without the extra ``web``, or for a port that is taken; those of
    reading WHAT and the settings.
    """
    from costbasis.errors import BadArgument

    try:
        import uvicorn

        from costbasis.explore.server import application
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn", "anyio", "h11"):
            raise
        hint = "pip install 'costbasis[web]' (in a clone: pip install '.[web]')"
        raise BadArgument("the explorer needs starlette and uvicorn", where="explore", hint=hint) from None
    explorer, scenario = _explorer(session, what, sample, plan)
    token = secrets.token_urlsafe(24)
    with _listener(port) as listener:
        bound = listener.getsockname()[1]
        query = f"&{scenario.query}" if scenario.query else ""
        address = f"http://{LOOPBACK}:{bound}/?token={token}{query}"
        config = uvicorn.Config(
            application(explorer, _build, token, bound),
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,
            ws="none",
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=5,
        )
        click.echo(address)
        sys.stdout.flush()
        session.say("serving this machine alone: open the address in a browser; Ctrl-C ends it")
        if not no_open:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
            uvicorn.Server(config).run(sockets=[listener])


def _listener(port: int) -> socket.socket:
    from costbasis.errors import BadArgument, why

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(2048)  # whoever opens the address at once waits, and is not refused
    except OSError as error:
        listener.close()
        hint = "choose another --port, or none"
        raise BadArgument(f"port {port} is not to be had: {why(error)}", where="--port", hint=hint) from error
    return listener


def _explorer(session: Session, what: Sequence[str], sample: bool, plan: str) -> tuple[Explorer, Scenario]:
    """The explorer, and the scenario that it begins with."""
    from costbasis.catalog.overrides import read_overrides
    from costbasis.errors import BadArgument
    from costbasis.explore.answer import Explorer
    from costbasis.explore.scenario import scenario_of
    from costbasis.explore.subjects import CLAIM, SAMPLE, Subjects

    base = session.plain().catalog
    shipped = {path.stem for path in base.claim_paths()}
    claims = [word for word in what if word in shipped]
    given = [Path(word) for word in what if word not in shipped and Path(word).suffix in (".toml", ".json")]
    roots = tuple(Path(word) for word in what if word not in shipped and Path(word) not in given)
    missing = [str(path) for path in roots if not path.exists()]
    if missing:
        hint = "name a claim (costbasis claims), a claim .toml, a usage .json, or a folder of logs"
        raise BadArgument("there is no such claim, file or folder", where=missing[0], hint=hint)
    subjects = Subjects(roots, session.seed)
    for path in given:
        subjects.give(path, base)
    explorer = Explorer(base, subjects, plan, session.asked_as_of)
    if plan:
        base.plan(plan, session.as_of)
    laid = read_overrides(session.overrides, session.scenario)
    settings = [f"{key}={_said(over)}" for key, over in laid.items()]
    of = SAMPLE if sample else f"{CLAIM}{claims[0]}" if claims else ""
    return explorer, scenario_of([("of", of), *(("set", text) for text in settings)])


def _said(over: Override) -> str:
    return repr(over.mid) if over.is_exact else f"{over.low!r}..{over.mid!r}..{over.high!r}"


def _build(words: Sequence[str]) -> dict[str, Any]:
    """The object of a command line, as the command makes it."""
    from costbasis.cli.replaying import replay

    return replay(shlex.join(words))[1]
