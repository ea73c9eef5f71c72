"""The line of a status bar, from the command's parameters, whoever read them: click, or ``cli/plainly.py``."""

from __future__ import annotations

import os
import time
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from costbasis.cli.session import Session, print_line, show, split_session
from costbasis.errors import CostbasisError
from costbasis.lane import status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(params: dict[str, Any]) -> None:
    """What the command does: one line, whatever happens."""
    session, own = split_session(params)
    try:
        result = build(session, **own)
    except CostbasisError as error:
        print_line(" ".join(f"costbasis: {error.what}".split()))
        return
    except Exception as error:  # whatever it is, the bar must stay
        print_line(f"costbasis: no status now ({type(error).__name__})")
        return
    show(session, result, lambda: str(result["line"]))


def build(session: Session, *, plan: str) -> dict[str, Any]:
    """The line and the facts behind it, for the session that the agent speaks of on stdin."""
    said = status.session_of(status.read_stdin())
    if said is None:
        return {"line": status.NO_JSON}
    facts = _updated(session, str(said.get("session_id") or ""), plan)
    return {"line": status.line_of(facts, said, int(time.time() * 1000))} | facts


def _updated(session: Session, name: str, plan: str) -> dict[str, Any]:
    """The facts, with the ledger brought up to date; kept for the lane."""
    import msgspec

    from costbasis.cli.facts import facts_of
    from costbasis.lane.keeping import keep, looked_at
    from costbasis.lane.places import places_of
    from costbasis.usage.ledger.ledger import open_ledger
    from costbasis.usage.pricing.epochs import PriceBook
    from costbasis.usage.pricing.keptbook import priced_by_part
    from costbasis.usage.reading import local_zone, of_agents

    question, kept = status.status_question(name, plan, os.environ), places_of([])
    look = looked_at(kept[0], kept[1]) if kept else None
    roots: Sequence[Path | str] = kept[1] if kept else of_agents()
    with facts_of(session) as known:
        ledger = open_ledger(roots, keep_history=True)
        try:
            ledger.update()
            facts = priced_by_part(
                lambda: PriceBook.from_catalog(known.listed()),
                known.kept,
                lambda book: _facts(_Sums(ledger.connection, book, local_zone(), known.kept), name, date.today()),
            )
        finally:
            ledger.close()
        if plan:
            facts["plan_usd"] = known.catalog().plan(plan, date.today()).price.estimate.p50
        has_own_facts = known.kept is None
    if kept and look and not has_own_facts:
        place, _, environ = kept
        keep(place, (question, environ, msgspec.json.encode(facts).decode(), ""), look)
    return facts


class _Sums:
    """List USD of parts of a ledger."""

    def __init__(self, connection: Any, book: Any, zone: str, kept: Any) -> None:
        self._connection, self._book, self.zone, self._kept = connection, book, zone, kept

    def cells(self, **wanted: Any) -> list[Any]:
        """The cells of a grouping; none where a name is not there."""
        from costbasis.errors import BadArgument
        from costbasis.usage.pricing.priceview import Grouping
        from costbasis.usage.reading import priced

        try:
            return priced(self._connection, self._book, Grouping(tz=self.zone, **wanted), self._kept).cells
        except BadArgument:
            return []


def _facts(sums: _Sums, session: str, today: date) -> dict[str, Any]:
    from costbasis.units import PICO_PER_USD

    yesterday = date.fromordinal(today.toordinal() - 1)
    blocks = sums.cells(by="block", since=yesterday)
    last = max((cell.key for cell in blocks), default=None)
    parts = {
        "session_usd": sums.cells(session=session) if session else [],
        "today_usd": sums.cells(by="day", since=today, until=today),
        "month_usd": sums.cells(by="day", since=today.replace(day=1), until=today),
        "block_usd": [cell for cell in blocks if cell.key == last],
    }
    facts: dict[str, Any] = {
        name: sum(cell.value.total for cell in cells if cell.value is not None) / PICO_PER_USD
        for name, cells in parts.items()
        if cells
    }
    facts["lower"] = [name for name, cells in parts.items() if any(cell.value is None for cell in cells)]
    if last is not None:
        from costbasis.usage.periods import zone

        begins = datetime.strptime(last, "%Y-%m-%d %H:%M").replace(tzinfo=zone(sums.zone))
        facts["block_start_ms"] = int(begins.timestamp() * 1000)
    return facts
