"""Whether a machine can be that fast, and what a million tokens then cost."""

from __future__ import annotations

from costbasis.claims.asked import Asked, Context
from costbasis.claims.machine import Machine

KIND = "throughput"
SAYS = "USD of a million tokens (usd/mtok), or tokens a second, of a model on named accelerators"


def answer(context: Context) -> Asked:
    """Serving: compute time of a token at the usual share of peak; marginal: at peak, which nothing beats.

    Inputs: ``active_params``, ``usd_per_accel_hour``, ``accel_count``; and as far as the claim gives them
    ``total_params``, ``bytes_per_param``, ``tok_per_s``.
    """
    context.wants("usd/tok", "tok/s")
    machine = Machine.of(context)
    return Asked(
        by_basis=machine.figures(context.unit.name),
        scope=f"{context.claim.stated.population}; attention, idle time and staff are not in it",
        guards=machine.broken_limits(),
    )
