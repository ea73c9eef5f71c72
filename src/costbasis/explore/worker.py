"""One thread that computes, and a line of bounded length before it: a flood waits or is turned away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

MOST_WAITING = 24
"""Requests that wait for an answer; more are told to come back."""


class Busy(Exception):
    """The line is full."""


class Gone(Exception):
    """Nobody waits for the answer any more."""


class Worker:
    """Runs calls one after the other, in a thread of its own."""

    def __init__(self, name: str, most: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._turn = asyncio.Lock()
        self._most = most
        self.waiting = 0

    async def run(self, call: Callable[[], T], is_gone: Callable[[], Awaitable[bool]] | None = None) -> T:
        """The result of *call*, when it is its turn. *is_gone* is asked then: who left is not computed for.

        Errors: :class:`Busy`, :class:`Gone`, and those of *call*.
        """
        if self.waiting >= self._most:
            raise Busy
        self.waiting += 1
        try:
            async with self._turn:
                if is_gone is not None and await is_gone():
                    raise Gone
                return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self.waiting -= 1

    def close(self) -> None:
        """End without waiting for what is not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)
