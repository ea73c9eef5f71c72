"""Runs the performance model over measurements: each becomes one or more candidate deployments, the best counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costbasis.calibration.measurement import Measurement, Pool
from costbasis.calibration.offered import Run, rate_of_a_run
from costbasis.catalog.hardware.deployments import accelerator_of, architecture_of, engine_index, precision_of
from costbasis.catalog.tables import Row
from costbasis.errors import UnknownName
from costbasis.formulas import queueing
from costbasis.performance import (
    REFERENCE_MONTH,
    Constants,
    Deployment,
    Layout,
    aggregated,
    column,
    decode_pass,
    disaggregated,
    drift_factor,
    largest_batch,
    prefill_pass,
    stack,
    take,
)

Floats = NDArray[np.float64]

LARGE_SCALE_CHUNK_TOK = 16_384.0
"""Tokens of a prefill pass in large-scale expert parallelism, as DeepSeek and LMSYS state it."""
BATCH_STEPS = 7
"""Batches tried under a limit on TPOT: the largest that fits, and halves of it."""
TPOT_HEADROOM = 0.8
"""A limit holds for the 99th percentile; the mean a deployment may plan with is this share of it."""
P99_WAITS = 4.605
"""ln 100: the 99th percentile of a wait over its mean."""
VLLM_SEQUENCES = {"a100": 256.0}
"""vLLM's default for requests in flight where it is below what memory allows: 256 on A100, 1024 on larger."""
LOOPS = 6
"""Rounds of the fixed point between requests in flight and the time they take."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Measurements of one regime as a table of candidate deployments. *row*: the measurement of each candidate."""

    regime: str
    row: NDArray[np.intp]
    deployment: Deployment
    prefill: Deployment
    input_tok: Floats
    output_tok: Floats
    cached_tok: Floats
    month: Floats
    sequences: Floats
    """Requests in flight on one rank; where memory sets them, the share of what fits."""
    tpot_limit_s: Floats
    ttft_limit_s: Floats
    limit: Floats
    """Most requests in flight that the engine's defaults allow."""
    prefill_accel: Floats
    decode_accel: Floats
    offered_tok_per_s: Floats
    offered_requests: Floats


def candidates(
    measurements: Sequence[Measurement], architectures: Mapping[str, Row], accelerators: Mapping[str, Row]
) -> list[Candidates]:
    """One table for each regime of *measurements*, whose rows point back at them.

    Errors: :class:`~costbasis.errors.UnknownName` for a model or an accelerator that the catalogue lacks.
    """
    rows: dict[str, list[tuple[int, Measurement, Pool, Pool, float]]] = {}
    for index, measurement in enumerate(measurements):
        for pool, share in _layouts(measurement):
            prefill = measurement.prefill_pool or pool
            rows.setdefault(measurement.regime, []).append((index, measurement, pool, prefill, share))
    cache: dict[tuple[object, ...], Deployment] = {}

    def deployment(one: Measurement, pool: Pool) -> Deployment:
        key = (one.model, one.accelerator, one.precision, one.kv, one.engine, pool)
        if key not in cache:
            cache[key] = deployment_of(one, pool, architectures, accelerators)
        return cache[key]

    tables = []
    for regime, found in rows.items():
        each = [one for _, one, _, _, _ in found]
        tables.append(
            Candidates(
                regime=regime,
                row=np.array([index for index, *_ in found]),
                deployment=stack([deployment(one, pool) for _, one, pool, _, _ in found]),
                prefill=stack([deployment(one, prefill) for _, one, _, prefill, _ in found]),
                input_tok=np.array([one.input_tok for one in each]),
                output_tok=np.array([one.output_tok for one in each]),
                cached_tok=np.array([one.input_tok * one.cached_frac for one in each]),
                month=np.array([REFERENCE_MONTH if one.month is None else one.month for one in each], dtype=np.float64),
                sequences=np.array([_sequences(one, pool, share) for _, one, pool, _, share in found]),
                tpot_limit_s=np.array([one.tpot_limit_s or np.inf for one in each]),
                ttft_limit_s=np.array([one.ttft_limit_s or np.inf for one in each]),
                limit=np.array([_engine_limit(one) for one in each]),
                prefill_accel=np.array([float(prefill.accelerators) for _, _, _, prefill, _ in found]),
                decode_accel=np.array([float(pool.accelerators) for _, _, pool, _, _ in found]),
                offered_tok_per_s=np.array(
                    [(one.offered_request_per_s or np.inf) * one.output_tok / one.pool.accelerators for one in each]
                ),
                offered_requests=np.array([one.offered_requests or np.inf for one in each]),
            )
        )
    return tables


def deployment_of(
    one: Measurement, pool: Pool, architectures: Mapping[str, Row], accelerators: Mapping[str, Row]
) -> Deployment:
    """What was run, with the layout of one pool.

    Errors: :class:`~costbasis.errors.UnknownName` for a model or an accelerator that the catalogue lacks.
    """
    for kind, name, known in (("model", one.model, architectures), ("accelerator", one.accelerator, accelerators)):
        if name not in known:
            raise UnknownName(kind, name, known=known, where=one.id)
    accelerator = accelerator_of(accelerators[one.accelerator])
    model = architectures[one.model]
    layout = Layout(pool.tensor, pool.data, pool.pipeline, float(pool.expert_kernels))
    precision = precision_of(one.precision, model, accelerator, kv=one.kv)
    return Deployment(architecture_of(model), accelerator, precision, layout, engine_index(one.engine))


def _layouts(one: Measurement) -> list[tuple[Pool, float]]:
    """The layouts that may have been used, each with the shares of memory's batch that are tried."""
    pools = [one.pool]
    if one.either_layout and one.pool.tensor > 1:
        pools.append(Pool(1, one.pool.tensor * one.pool.data, one.pool.pipeline))
    if one.any_layout:
        pools = [Pool(size) for size in (1, 2, 4, 8) if size <= one.pool.tensor]
    shares = [2.0**-step for step in range(BATCH_STEPS)] if one.tpot_limit_s else [1.0]
    return [(pool, share) for pool in pools for share in shares]


def _engine_limit(one: Measurement) -> float:
    found = [most for name, most in VLLM_SEQUENCES.items() if one.accelerator.startswith(name)]
    return found[0] if found and one.regime == "open" else np.inf


def _sequences(one: Measurement, pool: Pool, share: float) -> float:
    if one.regime in ("offline", "open", "prefill"):
        return share
    return (one.concurrency or 1.0) / (pool.data * pool.replicas)


def predict(tables: Sequence[Candidates], constants: Constants, count: int) -> Floats:
    """Output tokens (input tokens where one pool prefills) per second and accelerator of each measurement.

    Shape: (count,), or (count, draws) where the constants are draws. NaN: the model does not fit.
    """
    draws = max(np.size(value) for value in constants)
    found = np.full((count, draws), np.nan)
    for table in tables:
        rate = np.asarray(_rate(table if draws == 1 else _columns(table), constants))
        rate = np.broadcast_to(rate if rate.ndim == 2 else rate[:, None], (len(table.row), draws))
        best = np.full((count, draws), -np.inf)
        np.maximum.at(best, table.row, np.where(np.isnan(rate), -np.inf, rate))
        mine = np.unique(table.row)
        found[mine] = np.where(np.isfinite(best[mine]), best[mine], np.nan)
    return found if draws > 1 else found[:, 0]


def subset(tables: Sequence[Candidates], keep: NDArray[np.bool_]) -> list[Candidates]:
    """The candidates of the measurements that *keep* marks; rows still point at the whole list."""
    smaller = []
    for table in tables:
        mask = keep[table.row]
        if mask.any():
            smaller.append(_each(table, partial(_marked, mask=mask), partial(take, index=mask)))
    return smaller


def _marked(value: Floats, mask: NDArray[np.bool_]) -> Floats:
    return value[mask]


def _columns(table: Candidates) -> Candidates:
    return _each(table, lambda value: value[:, None], column)


def _each(
    table: Candidates, change: Callable[[Floats], Floats], change_noun: Callable[[Deployment], Deployment]
) -> Candidates:
    changed: dict[str, Any] = {
        name: change_noun(value) if isinstance(value, Deployment) else change(value)
        for name, value in ((name, getattr(table, name)) for name in table.__slots__)
        if not isinstance(value, str)
    }
    return replace(table, **changed)


def _rate(t: Candidates, k: Constants) -> Floats:
    if t.regime == "closed":
        fits = largest_batch(t.deployment, k, context_tok=t.input_tok + t.output_tok / 2)
        batch = np.minimum(t.sequences, np.maximum(fits, 1.0)) / t.deployment.layout.pipeline
        found = aggregated(
            t.deployment,
            k,
            input_tok=t.input_tok,
            output_tok=t.output_tok,
            batch=batch,
            cached_tok=t.cached_tok,
            month=t.month,
        )
        return np.where(fits > 0, found.output_tok_per_s_per_accel, np.nan)
    if t.regime in ("offline", "open"):
        return _from_memory(t, k)
    if t.regime == "pools":
        return _pools(t, k)
    return _one_pool(t, k)


def _from_memory(t: Candidates, k: Constants) -> Floats:
    """Memory sets the batch; all requests are queued, or arrive at a rate that may be below what is possible.

    A queued engine reserves a request's whole length, as TensorRT-LLM does by default. Under an offered load
    prompts come one by one, and the study's protocol prefills without chunking: one prompt a pass.
    """
    kept_tok = t.input_tok + t.output_tok * (0.5 if t.regime == "open" else 1.0)
    fits = largest_batch(t.deployment, k, context_tok=kept_tok)
    most = np.minimum(t.limit, t.offered_requests)
    batch = np.maximum(np.minimum(fits / t.deployment.layout.pipeline * t.sequences, most), 0.5)
    served = k._replace(chunk_tok=1.0) if t.regime == "open" else k
    found = aggregated(t.deployment, served, input_tok=t.input_tok, output_tok=t.output_tok, batch=batch, month=t.month)
    limited = np.isfinite(t.ttft_limit_s)
    busy = queueing.queue_busy_frac(np.where(limited, t.ttft_limit_s, 1.0), found.prefill_s_per_request, P99_WAITS)
    rate = found.output_tok_per_s_per_accel / k.offline_factor
    rate = rate * np.where(limited, busy * k.slo_headroom_frac, 1.0)
    allowed = (found.tpot_s_per_tok <= t.tpot_limit_s * TPOT_HEADROOM) & (fits > 0)
    if t.regime == "open":
        work = Run(t.deployment, served, t.input_tok, t.output_tok, t.month)
        rate = rate_of_a_run(work, t.offered_requests, t.offered_tok_per_s, rate, batch)
    return np.where(allowed, rate, np.nan)


def _pools(t: Candidates, k: Constants) -> Floats:
    """A closed loop over two pools: requests in flight are where the time is."""
    share = t.prefill_accel / (t.prefill_accel + t.decode_accel)
    fits = np.maximum(largest_batch(t.deployment, k, context_tok=t.input_tok + t.output_tok / 2), 1.0)
    flight, batch = t.sequences, np.minimum(t.sequences, fits)
    for _ in range(LOOPS):
        found = disaggregated(
            t.prefill,
            t.deployment,
            k,
            input_tok=t.input_tok,
            output_tok=t.output_tok,
            batch=np.maximum(batch, 0.5),
            month=t.month,
            prefill_frac=share,
        )
        requests = found.output_tok_per_s_per_accel / t.output_tok * (t.prefill_accel + t.decode_accel)
        in_decode = requests * t.output_tok * found.tpot_s_per_tok / (t.decode_accel / t.deployment.layout.tensor)
        prefill_s = t.input_tok / found.prefill_tok_per_s_per_accel / t.prefill.layout.tensor
        waiting = requests * prefill_s / (t.decode_accel / t.deployment.layout.tensor)
        decoding = np.minimum(in_decode, np.maximum(flight - waiting, 0.5))
        batch = np.minimum(0.5 * batch + 0.5 * decoding, fits)
    return np.asarray(found.output_tok_per_s_per_accel)


def _one_pool(t: Candidates, k: Constants) -> Floats:
    factor = drift_factor(k, t.month)
    if t.regime == "prefill":
        prompts = np.maximum(LARGE_SCALE_CHUNK_TOK / t.input_tok, 1.0)
        found = prefill_pass(t.deployment, k, prompts=prompts, new_tok=t.input_tok)
        return prompts * t.input_tok / (found.total_s * factor * t.deployment.layout.tensor)
    step = decode_pass(t.deployment, k, batch=t.sequences, context_tok=t.input_tok + t.output_tok / 2)
    return t.sequences / (step.total_s * factor * t.deployment.layout.tensor)
