"""Work that forked processes share: each takes the next piece, and what it says of it comes back as it is said.

The standard library's pool loads a third as much as all that reads logs, forks this process as large as it is by then,
and hands results over by a thread that contends with who files them. This one is begun while little is loaded and
nothing is open, and what is to be done is found out in the first process, while this one loads what else it needs.
"""

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import NoReturn

    Work = tuple[int, Callable[[int], bytes], int, bytes]
    """How many pieces there are, what does one, by how many processes, and what the first of them says before."""

PIPE_BYTES = 1 << 20
"""How much may wait to be read, while who reads it is at work too."""

HEAD_BYTES = 8
TICKET_BYTES = 2
MOST_PIECES = 16_384
"""Their numbers are in a pipe, which holds 64 kB, before the first of them is taken."""

SIGKILL = 9


class Shared:
    """Processes at work. They end when they are closed, or when the process that began them ends, however it does."""

    def __init__(self, first: int, alive: int, said: Sequence[int]) -> None:
        self._first, self._alive = first, alive
        self._said = list(said)

    def first_words(self) -> bytes | None:
        """What the first process says before any piece is done; None where it was killed, or could not find out."""
        return _read(self._said[0])

    def said(self) -> Iterator[bytes]:
        """What was said of each piece, as it comes. Of a process that was killed, a piece is missing.

        Whoever does not want all of it closes them; when all is said, they are still to be closed, some time later.
        """
        from select import POLLIN, poll

        waiting = poll()
        for place in self._said:
            waiting.register(place, POLLIN)
        try:
            while self._said:
                for place, _ in waiting.poll():
                    some = _read(place)
                    if some is not None:
                        yield some
                    else:
                        waiting.unregister(place)
                        self._said.remove(place)
                        os.close(place)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Wait for their end; whoever is still at work is ended. It may be called again."""
        if self._alive < 0:
            return
        if self._said:
            with suppress(ProcessLookupError):
                os.kill(self._first, SIGKILL)
            self._let_go()
        with suppress(ChildProcessError):  # somebody else waited for all children
            os.waitpid(self._first, 0)
        self._let_go()

    def _let_go(self) -> None:
        for place in (self._alive, *self._said):
            if place >= 0:
                os.close(place)
        self._alive, self._said = -1, []


AHEAD: list[Shared] = []
"""Processes that read the logs of a first scan already: what they say is taken where it is asked for."""


def most_processes() -> int:
    """How many processes work at the same time."""
    return min(os.cpu_count() or 1, 8)


def begun(plan: Callable[[], Work], most: int) -> Shared | None:
    """Begin a *plan*, which is called in a forked process, in *most* processes at most; None where none can be forked.

    What the plan raises is not told: then nothing is said.
    """
    pipes: list[tuple[int, int]] = []
    try:
        for _ in range(most + 1):
            pipes.append(os.pipe())
        first = os.fork()
    except OSError:
        _close(place for pipe in pipes for place in pipe)
        return None
    (lives, alive), *says = pipes
    if first == 0:
        try:
            _close((alive, *(reads for reads, _ in says)))
            _carry_out(plan, lives, [writes for _, writes in says])
        finally:
            os._exit(1)
    _close((lives, *(writes for _, writes in says)))
    return Shared(first, alive, [reads for reads, _ in says])


def _carry_out(plan: Callable[[], Work], lives: int, says: Sequence[int]) -> NoReturn:
    """In the first process: find out what is to be done, fork the others, and work as they do."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever stops the command stops this, without a word
    pieces, work, processes, words = plan()
    assert pieces <= MOST_PIECES
    tickets, numbers = os.pipe()
    os.write(numbers, b"".join(piece.to_bytes(TICKET_BYTES, "little") for piece in range(pieces)))
    os.close(numbers)
    others = []
    for mine in says[1:processes]:
        try:
            process = os.fork()
        except OSError:
            break
        if process == 0:
            _close(place for place in says if place != mine)
            _take_pieces(work, tickets, lives, mine)
        others.append(process)
    _close(says[1:])
    if words:
        _widen(says[0])  # who reads them may be at work itself
        _write(says[0], words)
    _take_pieces(work, tickets, lives, says[0], others)


def _take_pieces(
    work: Callable[[int], bytes], tickets: int, lives: int, says: int, others: Sequence[int] = ()
) -> NoReturn:
    """Do one piece after the other until none is left."""
    import _thread

    try:
        _thread.start_new_thread(_end_with, (lives,))
        _widen(says)
        while ticket := os.read(tickets, TICKET_BYTES):
            _write(says, work(int.from_bytes(ticket, "little")))
        os.close(says)
        for process in others:
            os.waitpid(process, 0)
        os._exit(0)
    finally:
        os._exit(1)


def _end_with(lives: int) -> None:
    """End this process as soon as the one that began it has ended, or wants no more."""
    os.read(lives, 1)
    os._exit(1)


def _widen(pipe: int) -> None:
    try:
        from fcntl import F_SETPIPE_SZ, fcntl

        fcntl(pipe, F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, OSError):  # a smaller one does
        return


def _write(pipe: int, said: bytes) -> None:
    rest = memoryview(len(said).to_bytes(HEAD_BYTES, "little") + said)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _read(pipe: int) -> bytes | None:
    """The next piece that was written; None where its writer has ended, perhaps in the middle of it."""
    head = _exactly(pipe, HEAD_BYTES)
    return None if head is None else _exactly(pipe, int.from_bytes(head, "little"))


def _exactly(pipe: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(pipe, size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _close(places: Iterable[int]) -> None:
    for place in places:
        os.close(place)
