"""Arrivals: how busy a server may be while requests wait less than a limit, and how fast a run of them completes."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def queue_busy_frac(wait_limit_s: Value, service_s: Value, tail: Value) -> Value:
    """Share of a server's time that random arrivals may fill while waits stay under a limit.

    Of a single server with fixed service times, mean waits are busy/(1 − busy) × service/2; *tail* turns the mean
    into the percentile that the limit is for (ln 100 for the 99th).
    Source: the Pollaczek-Khinchine formula; at 4/5 busy, fixed service of 1 s makes 2 s of mean wait.

    >>> queue_busy_frac(2.0, 1.0, 1.0)
    0.8
    """
    ratio = 2 * wait_limit_s / (service_s * tail)
    return ratio / (1 + ratio)


def run_request_per_s(
    run_request: Value, offered_request_per_s: Value, drain_s: Value, served_request_per_s: Value
) -> Value:
    """Requests completed a second over a run of so many: they arrive, and the last ones drain; at most what is served.

    A short run under a load that could be served completes fewer a second than arrive, as its end is counted.
    Source: a load study of 500 requests, which at 1 request/s and 1.7 s each completed 0.9967 a second.

    >>> round(float(run_request_per_s(500, 1.0, 1.67, 40.0)), 4), float(run_request_per_s(500, 200.0, 4.0, 20.0))
    (0.9967, 20.0)
    """
    return np.minimum(1 / (1 / offered_request_per_s + drain_s / run_request), served_request_per_s)
