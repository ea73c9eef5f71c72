"""The facts of a usage table: the catalogue, loaded only where what is kept of it does not suffice."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from costbasis.cli.session import Session
from costbasis.kept import NAME, Kept
from costbasis.lane.question import code_seen, stamp
from costbasis.reports.head import Identity, identity_of
from costbasis.usage.ledger.where import ledger_folder

if TYPE_CHECKING:
    from costbasis.catalog import Catalog
    from costbasis.catalog.shipped import Shipped

WHO = "identity of the catalogue"


class Facts(msgspec.Struct, frozen=True):
    """The catalogue, who it is, the day that facts are looked up for, and where values are kept (None: nowhere).

    *listed*: what list prices are made of, which needs no numpy where nothing is laid over what ships.
    """

    catalog: Callable[[], Catalog]
    listed: Callable[[], Catalog | Shipped]
    identity: Identity
    as_of: date
    kept: Kept | None


def facts_at_hand(session: Session) -> Facts:
    """The facts of a call that has loaded its catalogue; nothing of them is kept."""
    return Facts(lambda: session.catalog, lambda: session.catalog, identity_of(session.catalog), session.as_of, None)


@contextmanager
def facts_of(session: Session) -> Iterator[Facts]:
    """The facts of a call; what was made of them in the block is kept, unless the call has its own facts."""
    if session.overrides or session.scenario or session.known_on_text or session.calibration:
        yield facts_at_hand(session)
        return
    folder = ledger_folder(os.environ, os.path.expanduser("~"))
    book = os.path.join(os.path.dirname(folder), "book.json")
    values_from = "\0".join([sys.version, code_seen(), folder, stamp(book), str(session.seed)])
    kept = Kept(os.path.join(folder, NAME), values_from)

    @cache
    def listed() -> Catalog | Shipped:
        from costbasis.catalog.shipped import Shipped

        return session.catalog if os.path.exists(book) else Shipped()

    identity, newest = _known(session, kept, listed)
    yield Facts(lambda: session.catalog, listed, identity, session.asked_as_of or newest, kept)
    kept.close()


def _known(session: Session, kept: Kept, listed: Callable[[], Catalog | Shipped]) -> tuple[Identity, date]:
    """Who the catalogue is, and the newest day on which one of its facts was observed."""
    written = kept.get(WHO)
    if written is not None:
        try:
            return msgspec.json.decode(written, type=tuple[Identity, date])
        except msgspec.MsgspecError:  # damaged: made again
            pass
    from costbasis.catalog.shipped import Shipped  # here: once known, who it is is kept

    catalog = listed()
    who = Identity(catalog.sha256, session.seed) if isinstance(catalog, Shipped) else identity_of(catalog)
    known = who, catalog.newest_observation
    kept.put(WHO, msgspec.json.encode(known))
    return known
