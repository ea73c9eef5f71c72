"""Feasibility guards: what a machine cannot do, whoever says so, and which limit forbids it.

Each guard compares what a statement needs with what the machine has at its very best: dense peak FLOP/s, peak
bandwidth, all of its memory. A statement that breaks one is refused; one that passes is possible, not yet likely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from costbasis.formulas import limits

SCALES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"))


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that no machine of this kind can meet.

    *limit*: FLOP/s, memory bandwidth, memory or interconnect. *needed* and *available* are in *unit* (base units).
    """

    limit: str
    reason: str
    needed: float
    available: float
    unit: str

    @property
    def times(self) -> float:
        """How many times the limit the statement needs."""
        return self.needed / self.available


def flop_guard(
    flow_tok_per_s: float, flop_per_tok: float, accelerators: float, peak_flop_per_s_per_accel: float
) -> Refused | None:
    """Refuses more FLOP/s than the dense peak of all accelerators at the precision stated.

    Source: a claim of August 2025: 1.44 M prefill tokens a second of a model with 37 B active parameters on eight H100.

    >>> refused = flop_guard(1.44e6, 2 * 37e9, 8, 1.979e15)
    >>> print(refused.reason)
    needs 107 PFLOP/s; the peak of 8 accelerators is 15.8 PFLOP/s
    >>> flop_guard(1e5, 2 * 37e9, 8, 1.979e15) is None
    True
    """
    needed = limits.needed_flop_per_s(flow_tok_per_s, flop_per_tok)
    peak = limits.fleet_flop_per_s(accelerators, peak_flop_per_s_per_accel)
    return _refuse("FLOP/s", float(needed), float(peak), "FLOP/s", f"the peak of {_count(accelerators)} is")


def bandwidth_guard(
    pass_read_bytes: float, pass_s: float, accelerators: float, hbm_bytes_per_s_per_accel: float
) -> Refused | None:
    """Refuses reading weights and caches faster than the memory of all accelerators can be read.

    >>> print(bandwidth_guard(671e9, 1 / 200, 8, 3.35e12).reason)
    needs 134 TB/s; the bandwidth of 8 accelerators is 26.8 TB/s
    """
    needed = limits.needed_read_bytes_per_s(pass_read_bytes, pass_s)
    peak = limits.fleet_bytes_per_s(accelerators, hbm_bytes_per_s_per_accel)
    has = f"the bandwidth of {_count(accelerators)} is"
    return _refuse("memory bandwidth", float(needed), float(peak), "B/s", has)


def memory_guard(held_bytes: float, accelerators: float, hbm_bytes_per_accel: float) -> Refused | None:
    """Refuses weights and caches that all memory together does not hold.

    Source: the same claim: DeepSeek-V3 in BF16 on eight H100 of 80 GB.

    >>> print(memory_guard(671e9 * 2, 8, 80e9).reason)
    needs 1.34 TB; the memory of 8 accelerators is 640 GB
    """
    room = limits.fleet_bytes(accelerators, hbm_bytes_per_accel)
    return _refuse("memory", held_bytes, float(room), "B", f"the memory of {_count(accelerators)} is")


def interconnect_guard(
    flow_tok_per_s: float, sent_bytes_per_tok: float, accelerators: float, link_bytes_per_s_per_accel: float
) -> Refused | None:
    """Refuses sending more between accelerators than their links carry one way.

    >>> print(interconnect_guard(1e6, 2e6, 8, 50e9).reason)
    needs 2.00 TB/s; the bandwidth of the links of 8 accelerators is 400 GB/s
    """
    needed = limits.needed_sent_bytes_per_s(flow_tok_per_s, sent_bytes_per_tok)
    peak = limits.fleet_bytes_per_s(accelerators, link_bytes_per_s_per_accel)
    has = f"the bandwidth of the links of {_count(accelerators)} is"
    return _refuse("interconnect", float(needed), float(peak), "B/s", has)


def first_refusal(guards: Iterable[Callable[[], Refused | None]]) -> Refused | None:
    """The refusal of the guard that is broken worst, or None where every one lets the statement pass."""
    found = [refused for guard in guards if (refused := guard()) is not None]
    return max(found, key=lambda refused: refused.times, default=None)


def _refuse(limit: str, needed: float, available: float, unit: str, has: str) -> Refused | None:
    if needed <= available:
        return None
    reason = f"needs {_scaled(needed, unit)}; {has} {_scaled(available, unit)}"
    return Refused(limit, reason, float(needed), float(available), unit)


def _count(accelerators: float) -> str:
    return f"{accelerators:g} accelerator{'' if accelerators == 1 else 's'}"


def _scaled(value: float, unit: str) -> str:
    for scale, letter in SCALES:
        if value >= scale:
            return f"{value / scale:#.3g} {letter}{unit}".replace(". ", " ")
    return f"{value:#.3g} {unit}".replace(". ", " ")
