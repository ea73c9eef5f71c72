"""A first scan begins before the command is loaded: what finds and reads the logs is loaded in a process of its own.

What reads logs, and what files and prices what they say, take equally long to load. So where the ledger that is asked
for is not there yet, a process is forked as soon as that is known. It finds the places, looks at the logs, tells what
it saw, and reads, with others where it is much; meanwhile this process loads the rest and makes the ledger. Where
nothing can be forked, or it says nothing, all is done in one.
"""

from __future__ import annotations

import os
import sys

from costbasis.lane.answers import LOOKED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from costbasis.usage.ledger.processes import Work


def begin(paths: Sequence[str]) -> bool:
    """Begin to read the logs of *paths* (without any: of this machine's agents); whether that could be done."""
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return False
    from costbasis.usage.ledger.processes import AHEAD, begun, most_processes

    ahead = begun(lambda: _plan(paths), most_processes())
    if ahead is not None:
        AHEAD.append(ahead)
    return bool(AHEAD)


def take_look() -> None:
    """Wait for what was seen of the logs, and leave it to the command, as a look of the lane."""
    from costbasis.usage.ledger.processes import AHEAD

    words = AHEAD[0].first_words() if AHEAD else None
    if words:
        from marshal import loads

        from costbasis.usage.ledger.listing import look_of
        from costbasis.usage.readers import EXACT

        place, named, look, exact = loads(words)
        LOOKED[:] = [(place, named, look_of(look))]
        EXACT.update(exact)


def give_up() -> None:
    """What nobody took is no longer read."""
    from costbasis.usage.ledger.processes import AHEAD

    while AHEAD:
        AHEAD.pop().close()


def _plan(paths: Sequence[str]) -> Work:
    """In the process: find the logs, and begin with them."""
    from marshal import dumps

    from costbasis.lane.places import places_of
    from costbasis.usage.ledger.listing import into_every_folder, said_of
    from costbasis.usage.ledger.manyfiles import plan_ahead
    from costbasis.usage.ledger.scan import plan_seen
    from costbasis.usage.readers import exact

    places = places_of(paths)
    if places is None or os.path.exists(places[0]):  # made by another process meanwhile: it knows some of the logs
        return 0, bytes, 0, b""
    ledger, roots, named = places
    seen, met = into_every_folder(roots)
    words = dumps((ledger, named, said_of(roots, seen, met), exact()))
    return plan_ahead(plan_seen(seen, {}).jobs, words)
