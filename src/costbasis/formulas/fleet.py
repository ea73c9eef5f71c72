"""Utilisation: what an hour of an accelerator costs once the idle hours are paid for."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def load_factor_frac(mean_load: Value, peak_hour_load: Value, burst: Value, reserve_frac: Value) -> Value:
    """Mean demand over the capacity held for its peak.

    *mean_load*, *peak_hour_load*: demand in any one unit. *burst*: peak minute over peak hour. *reserve_frac*:
    capacity held beyond the peak.

    Source: DeepSeek's day, nodes in use with the night lent to training: 226.75 of 278.

    >>> round(load_factor_frac(226.75, 278.0, 1.0, 0.0), 4)
    0.8156
    >>> load_factor_frac(1.0, 1.0, 1.0, 0.25)  # a flat day idles only its reserve
    0.8
    """
    return mean_load / (peak_hour_load * burst * (1 + reserve_frac))


def slo_headroom_frac(replicas: Value, quality: Value) -> Value:
    """Share of saturated throughput that can be offered so that queues stay short: square-root staffing.

    Replicas beyond the offered load grow with its root: of *N*, ``1 − quality / √N`` may be busy. *quality* of
    1 is usual. Source: Halfin and Whitt (1981), the square-root rule; Erlang's formula gives the same order.

    >>> float(slo_headroom_frac(4.0, 1.0)), float(slo_headroom_frac(100.0, 1.0))
    (0.5, 0.9)
    >>> float(slo_headroom_frac(1.0, 2.0))  # too few to promise anything
    0.0
    """
    share: Value = np.maximum(0, 1 - quality / np.sqrt(replicas))
    return share


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


def salvaged_usd_per_accel_s(hire_usd_per_accel_s: Value, busy_frac: Value, salvage_frac: Value) -> Value:
    """USD of one useful accelerator-second where idle time is put to use at a share of its hire.

    *salvage_frac*: what an idle hour still earns (batch work, training) over what it is hired for; 0 where
    nobody uses it, 1 where it is worth as much as serving.

    >>> salvaged_usd_per_accel_s(1.0, 0.5, 0.0), salvaged_usd_per_accel_s(1.0, 0.5, 1.0)
    (2.0, 1.0)
    """
    return hire_usd_per_accel_s * (1 + (1 / busy_frac - 1) * (1 - salvage_frac))


def pool_accel(demand_tok_per_s: Value, tok_per_s_per_accel: Value) -> Value:
    """Accelerators that a flow of tokens keeps busy.

    Source: DeepSeek's day: 608 B input tokens at 73,700 a second and node of eight, 168 B output tokens at 14,800:
    226.9 nodes, against 226.75 disclosed.

    >>> prefill = pool_accel(608e9 / 86_400, 73_700 / 8)
    >>> decode = pool_accel(168e9 / 86_400, 14_800 / 8)
    >>> round(prefill / 8, 1), round(decode / 8, 1), round((prefill + decode) / 8, 1)
    (95.5, 131.4, 226.9)
    """
    return demand_tok_per_s / tok_per_s_per_accel


def fleet_usd_per_s(fleet_accel: Value, hire_usd_per_accel_s: Value) -> Value:
    """USD of a fleet a second.

    Source: DeepSeek's day: 226.75 nodes of eight at $2 an accelerator-hour are $87,072.

    >>> round(fleet_usd_per_s(226.75 * 8, 2 / 3600) * 86_400, 2)
    87072.0
    """
    return fleet_accel * hire_usd_per_accel_s


def pool_usd_per_tok(hire_usd_per_accel_s: Value, tok_per_s_per_accel: Value, charged_frac: Value) -> Value:
    """USD of a token that a pool charges for, where only a share of its tokens is charged.

    Source: DeepSeek's day, cached reads free: 43.75 % of the input pays for prefill, all output for decode.

    >>> uncached = pool_usd_per_tok(2 / 3600, 73_700 / 8, 266 / 608)
    >>> output = pool_usd_per_tok(2 / 3600, 14_800 / 8, 1.0)
    >>> round(uncached * 1e6, 3), round(output * 1e6, 3)
    (0.138, 0.3)
    """
    return hire_usd_per_accel_s / (tok_per_s_per_accel * charged_frac)
