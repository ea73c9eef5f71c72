"""Machines to serve on: a count and a kind of accelerator, and the layouts that such a count allows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from costbasis.catalog import Catalog
from costbasis.catalog.hardware.deployments import accelerator_of
from costbasis.errors import BadArgument
from costbasis.performance import Accelerator, Layout

MOST = 4096
"""Accelerators of one deployment that a search takes; more are more of the same replicas."""

TENSOR = (1, 2, 4, 8, 16)
"""Ways that one layer is split: beyond 16 nobody does."""

MOST_RANKS = 512
"""Ranks of attention data parallelism that a search tries."""

EXPERT_KERNELS_FROM = 16
"""Ranks from which experts exchange tokens with dispatch and combine kernels, as large deployments do."""


@dataclass(frozen=True, slots=True)
class Machine:
    """*count* accelerators of one kind."""

    name: str
    count: int
    accelerator: Accelerator

    @property
    def title(self) -> str:
        """As one types it: ``8xh200-sxm``."""
        return f"{self.count}x{self.name}"


def machine_of(text: str, catalog: Catalog) -> Machine:
    """A machine from ``8xh200-sxm``; without a count, eight.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest accelerators, or
    :class:`~costbasis.errors.BadArgument` for a count that is none.
    """
    found = re.fullmatch(r"(?:(-?\d+) ?[x×*])?([\w.-]+)", text.strip().lower())
    if found is None:
        raise BadArgument(f'"{text}" is not a machine', where="--on", hint="write a count and a name: 8xh200-sxm")
    count = int(found[1] or 8)
    if not 1 <= count <= MOST:
        raise BadArgument(f"{count} accelerators cannot be searched", where="--on", hint=f"1 to {MOST}")
    name = _spelled(found[2], catalog.accelerators())
    return machine(name, count, catalog)


def machine(name: str, count: int, catalog: Catalog) -> Machine:
    """So many accelerators of a kind.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest accelerators.
    """
    return Machine(name, count, accelerator_of(catalog.accelerator(name)))


def _spelled(name: str, known: Sequence[str]) -> str:
    """The catalogue's name: ``h200`` is the one kind that begins so, or the SXM one of several."""
    begins = [other for other in known if other.startswith(f"{name}-")]
    if name in known or not begins:
        return name
    return next((other for other in begins if other.endswith("sxm")), begins[0])


def layouts_of(machine: Machine, *, is_moe: bool, tensor: int | None = None, data: int | None = None) -> list[Layout]:
    """Every layout of a replica that divides the machine: tensor × data parallelism; replicas fill the rest.

    Data parallelism of attention is for mixtures of experts: a dense model simply has more replicas. A group that is
    larger than the scale-up domain pays for the slower links. *tensor* and *data* fix either.

    Errors: :class:`~costbasis.errors.BadArgument` where what was fixed does not divide the machine.
    """
    splits = [tensor] if tensor else list(TENSOR)
    divisors = [d for d in range(1, min(machine.count, MOST_RANKS) + 1) if machine.count % d == 0]
    ranks = [data] if data else divisors if is_moe else [1]
    found = [
        Layout(float(t), float(d), 1.0, float(d > 1 and t * d >= EXPERT_KERNELS_FROM))
        for t in splits
        for d in ranks
        if t * d <= machine.count and machine.count % (t * d) == 0
    ]
    if not found:
        raise BadArgument(
            f"{'tensor ' + str(tensor) if tensor else ''}{' data ' + str(data) if data else ''} does not divide "
            f"{machine.count} accelerators".strip(),
            where="--tp" if tensor else "--dp",
            hint=f"divisors: {', '.join(str(d) for d in divisors[:12])}",
        )
    return found


def title(layout: Layout) -> str:
    """A layout in a few characters: ``TP8``, ``DP8 EP8``, ``TP4 DP2 EP8``."""
    parts = [f"TP{layout.tensor:g}"] if layout.tensor > 1 or layout.data == 1 else []
    if layout.data > 1:
        parts += [f"DP{layout.data:g}", f"EP{layout.tensor * layout.data:g}"]
    return " ".join(parts)
