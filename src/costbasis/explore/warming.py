"""While nobody asks: the steps of the slider that needs a search of layouts are worked out ahead, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

from costbasis.errors import CostbasisError
from costbasis.explore.answer import Explorer
from costbasis.explore.scenario import Scenario
from costbasis.explore.worker import Busy, Worker

IDLE_S = 2.0
"""Between two steps: a slider that is being moved goes first."""


class Asked(Protocol):
    """Who knows what was asked last, and the line of requests."""

    answers: Worker
    last: Scenario


@asynccontextmanager
async def keep_warm(asked: Asked, explorer: Explorer) -> AsyncIterator[None]:
    """Work ahead until the block ends."""
    task = asyncio.create_task(_work(asked, explorer))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _work(asked: Asked, explorer: Explorer) -> None:
    done: set[str] = set()
    while True:
        await asyncio.sleep(IDLE_S)
        if asked.answers.waiting:
            continue
        of, plan = asked.last.of, asked.last.plan
        with contextlib.suppress(CostbasisError, Busy):
            todo = await asked.answers.run(partial(_steps, explorer, Scenario(of, plan)))
            for step in todo:
                if step.query in done or asked.answers.waiting or (asked.last.of, asked.last.plan) != (of, plan):
                    continue
                await asked.answers.run(partial(explorer.quick, step))
                done.add(step.query)
                await asyncio.sleep(IDLE_S)


def _steps(explorer: Explorer, scenario: Scenario) -> list[Scenario]:
    """Every step of the slow slider alone, those nearest to the middle first."""
    slow = [control for control in explorer.controls(scenario) if control.is_searched]
    found = []
    for control in slow:
        near = sorted(range(len(control.values)), key=lambda index: abs(index - control.middle))
        found += [Scenario(scenario.of, scenario.plan, (f"{control.key}={control.values[index]}",)) for index in near]
    return found
