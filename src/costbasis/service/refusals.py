"""Why a layout cannot serve, in a sentence with its limit; and what would be nearest to serving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from costbasis import feasibility
from costbasis.catalog.models.served import Served
from costbasis.service.option import Option, weight_bytes
from costbasis.service.search import HALF, Looked

NARROWER = {"bf16": ("fp8", "fp4"), "fp8": ("fp4",)}
"""Formats that take less room than one."""


MEMORY, TIME = "memory", "time per token"


@dataclass(frozen=True, slots=True)
class Turned:
    """A deployment that cannot serve. *times*: by how much it misses its limit. *nearest*: what to try."""

    deployment: str
    reason: str
    limit: str
    times: float
    nearest: str = ""


def turned_away(looked: Sequence[Looked], served: Served, option: Option, tpot_limit_s: float) -> list[Turned]:
    """The layouts of one option that cannot serve, each with the limit that it breaks."""
    weights = weight_bytes(served, option.precision_name)
    return [
        _memory(one, weights, option) if one.fits_frac < HALF else _time(one, tpot_limit_s, looked)
        for one in looked
        if one.fits_frac < HALF or one.met_frac < HALF
    ]


def _memory(one: Looked, weights: float, option: Option) -> Turned:
    layout, machine = one.choice.layout, option.machine
    ranks = float(layout.tensor * layout.data)
    room = float(machine.accelerator.hbm_bytes_per_accel)
    held = feasibility.memory_guard(weights, ranks, room)
    if held is None:
        reason = f"weights of {weights / 1e9:,.0f} GB leave no room for one request on {ranks:g} × {room / 1e9:,.0f} GB"
    else:
        reason = f"the weights do not fit: {held.reason}"
    times = held.times if held is not None else 1.0
    return Turned(one.choice.title, reason, MEMORY, max(times, 1.0), "")


def nearest_refusal(turned: Sequence[Turned]) -> Turned:
    """The one nearest to serving: one that fits and is too slow, however slow, before any that does not fit."""
    return min(turned, key=lambda one: (one.limit == MEMORY, one.times))


def _time(one: Looked, tpot_limit_s: float, looked: Sequence[Looked]) -> Turned:
    able = [other.tpot_s_per_tok for other in looked if other.fits_frac >= HALF]
    fastest = min(able, default=one.tpot_s_per_tok)
    reason = f"no batch meets {_ms(tpot_limit_s, 3)} a token: one sequence alone takes {_ms(one.tpot_s_per_tok, 3)}"
    times = one.tpot_s_per_tok / tpot_limit_s
    return Turned(one.choice.title, reason, TIME, times, f"--tpot {_ms(fastest * ROOM, 2)}".replace(" ms", "ms"))


ROOM = 1.1
"""What is suggested is so many times what the fastest layout takes."""


def _ms(seconds: float, figures: int) -> str:
    """Milliseconds, to so many figures.

    >>> _ms(0.01384, 3), _ms(1.3812, 2), _ms(1e-7, 3)
    ('13.8 ms', '1400 ms', '0.0001 ms')
    """
    return f"{float(f'{seconds * 1e3:.{figures}g}'):.10g} ms"
