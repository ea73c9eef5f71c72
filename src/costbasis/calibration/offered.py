"""A run of so many requests under an offered load: what it completes a second, its last requests' drain counted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from costbasis.formulas import queueing
from costbasis.formulas.values import Value
from costbasis.performance import Aggregated, Constants, Deployment, aggregated

Floats = NDArray[np.float64]

ROUNDS, TINY = 3, 1e-9
"""Rounds in which requests in flight settle; what stands for zero below a fraction."""


class Run(NamedTuple):
    """What is served: the deployment, the constants, tokens in and out of a request, the month of the software."""

    deployment: Deployment
    constants: Constants
    input_tok: Value
    output_tok: Value
    month: Value

    def at(self, batch: Floats) -> Aggregated:
        """A steady batch of it."""
        return aggregated(
            self.deployment,
            self.constants,
            input_tok=self.input_tok,
            output_tok=self.output_tok,
            batch=batch,
            month=self.month,
        )


def rate_of_a_run(
    run: Run, requests: Floats, offered_tok_per_s: Floats, most_tok_per_s: Floats, batch: Floats
) -> Floats:
    """Output tokens per second and accelerator over a run of *requests*, one rank a replica; infinitely many: for ever.

    *offered_tok_per_s*: what arrives, per accelerator. *most_tok_per_s*: what can be served, *batch* in flight then.
    """
    per_request = run.output_tok / run.deployment.layout.tensor
    arriving, serving = offered_tok_per_s / per_request, most_tok_per_s / per_request
    last = run.at(np.maximum(in_flight(run, arriving, batch) / 2, 1.0))
    drain_s = last.prefill_s_per_request + run.output_tok * last.decode_s_per_step
    completed = queueing.run_request_per_s(requests, arriving, drain_s, serving)
    return np.asarray(completed * per_request, dtype=np.float64)


def in_flight(run: Run, arriving_request_per_s: Floats, batch: Floats) -> Floats:
    """Requests in flight on a rank: those that arrive while one is served, at most *batch*.

    A batch turns over in a time that is nearly straight in its size, so the secant to the largest batch settles fast.
    """
    least = np.minimum(1.0, batch)
    full_s, flight = run.at(batch).turnover_s, least
    for _ in range(ROUNDS):
        each_s = run.at(flight).turnover_s
        slope = (full_s - each_s) / np.maximum(batch - flight, TINY)
        room = 1 - arriving_request_per_s * slope
        settled = arriving_request_per_s * (each_s - slope * flight) / np.maximum(room, TINY)
        flight = np.where(room > 0, np.clip(settled, least, batch), batch)
    return np.asarray(flight, dtype=np.float64)
