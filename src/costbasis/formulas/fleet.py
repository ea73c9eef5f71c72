"""Utilisation: what an hour of an accelerator costs once the idle hours are paid for."""

from __future__ import annotations

from costbasis.formulas.values import Value


def busy_frac(load_factor_frac: Value, slo_headroom_frac: Value, availability_frac: Value) -> Value:
    """Share of hired time spent serving at the stated yield.

    Mean over peak demand, times the share of saturated throughput that the service level allows,
    times availability.

    >>> round(busy_frac(0.45, 0.75, 0.97), 3)
    0.327
    """
    return load_factor_frac * slo_headroom_frac * availability_frac


def busy_usd_per_accel_s(hire_usd_per_accel_s: Value, busy_frac: Value) -> Value:
    """USD of one *useful* accelerator-second: hire divided by the busy share.

    >>> busy_usd_per_accel_s(0.0005, 0.5)
    0.001
    """
    return hire_usd_per_accel_s / busy_frac
