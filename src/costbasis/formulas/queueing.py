"""Waiting: how busy a server may be while requests that arrive at random wait less than a limit."""

from __future__ import annotations

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
