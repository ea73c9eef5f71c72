"""What a service's tokens take and cost: accelerator-seconds a unit of usage, then USD, each with its past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from costbasis.catalog import Catalog
from costbasis.formulas import cache, fleet, serving
from costbasis.formulas.values import Value
from costbasis.quantity import Derived, Given, Quantity, Source, derive
from costbasis.sampling import Floats
from costbasis.service.plan import Service
from costbasis.units import unit_of

FRESH = ("input_tok", "cache_write_5m_tok", "cache_write_1h_tok", "cache_write_unknown_tok")
"""Classes of tokens that are computed, not read."""

PARTS = {"weights": (0, 1), "experts": (2,), "attention": (3,), "overhead": (4, 6), "communication": (5,)}
"""Part of a pass to its terms: linear and head, experts, attention, elementwise and launches, links."""

WORKLOAD = Source("the workload asked about", trust="A", status="given", as_of="2026-11-24")


class Units(NamedTuple):
    """Accelerator-seconds of a served unit. Times USD a busy second they are what it costs.

    *fresh*: computing a new token. *attention*: a pair of a new token and a key. *step*: an output token's share of
    decode steps. *read*: a pair of an output token and a key of its context. *load*: bringing a cached token back.
    """

    fresh_accel_s_per_tok: Quantity
    attention_accel_s_per_tok2: Quantity
    step_accel_s_per_tok: Quantity
    read_accel_s_per_tok2: Quantity
    load_accel_s_per_tok: Quantity
    kv_bytes_per_tok: Quantity


def performance_of_the_layout(**inputs: Floats) -> None:
    """Seconds of a pass on the layout of the draw, at the largest batch within memory and time, per unit of work."""


def kept_bytes_of_the_geometry(**inputs: Floats) -> None:
    """Bytes of keys and values that the geometry keeps of a token, at the precision served."""


def computed(name: str, draws: Floats, service: Service) -> Quantity:
    """A quantity that the performance model computed from what the service rests on."""
    past = Derived(performance_of_the_layout, {**service.inputs, "option": service.picked})
    return Quantity(name, unit_of(name), np.asarray(draws, dtype=np.float64), past)


def units_of(service: Service, catalog: Catalog) -> Units:
    """Accelerator-seconds of each unit of usage.

    Where memory sets the batch, a sequence is in the way of others by the room its cache takes: its share of the
    step grows with its context, so the whole step is charged by context. Where time sets the batch, each sequence
    is one of so many: its share is charged by token, and only the reading of its cache by context.
    """
    run, workload = service.run, service.workload
    new, context = workload.new_tok, workload.output_context_tok
    keys = workload.cached_tok + new / 2
    share = run.decode_accel_s_per_tok - run.decode_attention_accel_s_per_tok
    by_context = np.where(run.fills_memory > 0, share, 0.0)
    element = _kv_bytes(service)

    def made(name: str, draws: Floats) -> Quantity:
        return computed(name, draws, service)

    kv = Quantity(
        "kv_bytes_per_tok",
        "bytes/tok",
        element,
        Derived(kept_bytes_of_the_geometry, {**service.inputs, "option": service.picked}),
    )
    load = derive(
        cache.kv_load_accel_s_per_tok,
        kv_bytes_per_tok=kv,
        kv_load_bytes_per_s_per_accel=catalog.quantity("fleet/default.kv_load_gb_per_s"),
    )
    return Units(
        made("fresh_accel_s_per_tok", (run.prefill_accel_s - run.prefill_attention_accel_s) / new),
        made("attention_accel_s_per_tok2", run.prefill_attention_accel_s / (new * keys)),
        made("step_accel_s_per_tok", share - by_context),
        made("read_accel_s_per_tok2", (run.decode_attention_accel_s_per_tok + by_context) / context),
        load,
        kv,
    )


def _kv_bytes(service: Service) -> Floats:
    """Bytes kept of a token that keeps its whole past: the global layers, and an index where there is one."""
    arch, rows = service.served.architecture, service.rows

    def drawn(value: Value) -> Floats:
        array = np.asarray(value, dtype=np.float64)
        return np.asarray(array[rows] if array.ndim else array)

    width = np.zeros(max(service.choices) + 1)
    for index, choice in service.choices.items():
        width[index] = float(choice.precision.kv_bytes_per_element)
    elements = drawn(arch.global_kv_elements_per_tok) / drawn(arch.global_compression)
    kept: Floats = elements * width[np.asarray(service.picked.draws, dtype=int)] + drawn(arch.index_elements_per_tok)
    return kept


def busy_usd(hire: Quantity, catalog: Catalog, load_factor: Quantity | None = None) -> Quantity:
    """USD of a useful accelerator-second: hire over the busy share, less what idle hours still earn."""
    share = derive(
        fleet.busy_frac,
        load_factor_frac=load_factor or catalog.quantity("fleet/default.load_factor_frac"),
        slo_headroom_frac=catalog.quantity("fleet/default.slo_headroom_frac"),
        availability_frac=catalog.quantity("fleet/default.availability_frac"),
    )
    found: Quantity = derive(
        fleet.salvaged_usd_per_accel_s,
        hire_usd_per_accel_s=hire,
        busy_frac=share,
        salvage_frac=catalog.quantity("fleet/default.salvage_frac"),
    )
    return found.labelled("$ per useful accelerator-second")


def unit_usd(units: Units, busy: Quantity, catalog: Catalog) -> dict[str, Quantity]:
    """USD per unit of each column of usage (``input_tok``, ``output_ctx_tok2``, ``kv_resident_tok_s``, …)."""
    fresh = _per_tok(units.fresh_accel_s_per_tok, busy)
    keep = derive(
        cache.kv_residency_usd_per_tok_s,
        kv_bytes_per_tok=units.kv_bytes_per_tok,
        kv_store_usd_per_byte_s=catalog.quantity("fleet/default.kv_store_usd_per_tb_hour"),
    )
    return dict.fromkeys(FRESH, fresh) | {
        "cache_read_tok": _per_tok(units.load_accel_s_per_tok, busy),
        "output_tok": _per_tok(units.step_accel_s_per_tok, busy),
        "new_ctx_tok2": _per_tok2(units.attention_accel_s_per_tok2, busy),
        "output_ctx_tok2": _per_tok2(units.read_accel_s_per_tok2, busy),
        "kv_resident_tok_s": keep,
    }


def _per_tok(accel_s_per_tok: Quantity, busy: Quantity) -> Quantity:
    found: Quantity = derive(serving.accel_usd_per_tok, accel_s_per_tok=accel_s_per_tok, busy_usd_per_accel_s=busy)
    return found


def _per_tok2(accel_s_per_tok2: Quantity, busy: Quantity) -> Quantity:
    found: Quantity = derive(serving.accel_usd_per_tok2, accel_s_per_tok2=accel_s_per_tok2, busy_usd_per_accel_s=busy)
    return found


def given_tok(name: str, value: float) -> Quantity:
    """A number of the workload as a quantity."""
    return Quantity(name, unit_of(name), np.asarray(value, dtype=np.float64), Given(f"workload/asked.{name}", WORKLOAD))


def usd_per_tok(usd: Mapping[str, Quantity], service: Service, catalog: Catalog) -> dict[str, Quantity]:
    """USD per token of each class, for this workload: what its tokens add up to is the whole serving cost.

    Fresh input pays its attention to its own; a cached read pays its load, its keep and the attention of new tokens to
    it; output pays the reading of the context; a write pays storing and keeping on top of fresh input.
    """
    workload = service.workload
    fresh = derive(
        serving.fresh_usd_per_tok,
        compute_usd_per_tok=usd["input_tok"],
        attention_usd_per_tok2=usd["new_ctx_tok2"],
        new_tok=given_tok("new_tok", workload.new_tok),
    )

    def written(kept: str) -> Quantity:
        found: Quantity = derive(
            serving.written_usd_per_tok,
            fresh_usd_per_tok=fresh,
            load_usd_per_tok=usd["cache_read_tok"],
            kv_residency_usd_per_tok_s=usd["kv_resident_tok_s"],
            held_s=catalog.quantity(f"workload/coding_agent.kv_hold_seconds_per_request_ttl_{kept}"),
        )
        return found

    return {
        "input": fresh.labelled("fresh input"),
        "cache_read": derive(
            cache.cached_read_usd_per_tok,
            load_usd_per_tok=usd["cache_read_tok"],
            kv_residency_usd_per_tok_s=usd["kv_resident_tok_s"],
            held_s=given_tok("held_s", workload.held_s),
            attention_usd_per_tok2=usd["new_ctx_tok2"],
            new_tok=given_tok("new_tok", workload.new_tok),
        ).labelled("cached read"),
        "cache_write_5m": written("5min").labelled("cache write, 5 minutes"),
        "cache_write_1h": written("1h").labelled("cache write, 1 hour"),
        "output": derive(
            serving.output_usd_per_tok,
            step_usd_per_tok=usd["output_tok"],
            read_usd_per_tok2=usd["output_ctx_tok2"],
            context_tok=given_tok("context_tok", workload.output_context_tok),
        ).labelled("output"),
    }


def parts_usd(service: Service, usd: Mapping[str, Quantity], busy: Quantity) -> dict[str, Quantity]:
    """USD of one request by what it is spent on; prefill, decode and cache are the same whole, cut the other way."""
    run, workload = service.run, service.workload
    prefill, decode = run.prefill_parts, run.decode_parts * workload.osl_tok

    def part(name: str, draws: Floats) -> Quantity:
        spent = computed("part_accel_s", draws, service)
        found: Quantity = derive(serving.accel_usd, spent_accel_s=spent, busy_usd_per_accel_s=busy)
        return found.labelled(name)

    found = {name: part(name, sum(prefill[i] + decode[i] for i in terms)) for name, terms in PARTS.items()}
    found["prefill"] = part("prefill", prefill.sum(axis=0))
    found["decode"] = part("decode", decode.sum(axis=0))
    found["cache"] = derive(
        cache.kept_usd,
        cached_tok=given_tok("cached_tok", workload.cached_tok),
        load_usd_per_tok=usd["cache_read_tok"],
        kv_residency_usd_per_tok_s=usd["kv_resident_tok_s"],
        held_s=given_tok("held_s", workload.held_s),
    ).labelled("cache")
    return found


def attributed_per_tok(usd: Mapping[str, Quantity], service: Service) -> dict[str, Quantity]:
    """USD per token of each class when every reading of a token is borne by the token that is read.

    The same whole, attributed: decode steps that read the prompt are moved from output to the tokens of the prompt.
    """
    workload = service.workload
    whole = derive(
        cache.attributed,
        new_tok=given_tok("new_tok", workload.new_tok),
        cached_tok=given_tok("cached_tok", workload.cached_tok),
        output_tok=given_tok("output_tok", workload.osl_tok),
        held_s=given_tok("held_s", workload.held_s),
        fresh_usd_per_tok=usd["input_tok"],
        load_usd_per_tok=usd["cache_read_tok"],
        kv_residency_usd_per_tok_s=usd["kv_resident_tok_s"],
        output_usd_per_tok=usd["output_tok"],
        attention_usd_per_tok2=usd["new_ctx_tok2"],
        decode_read_usd_per_tok2=usd["output_ctx_tok2"],
    )
    shares = {
        "input": (whole.fresh_usd, "new_tok", workload.new_tok),
        "cache_read": (whole.cached_usd, "cached_tok", workload.cached_tok),
        "output": (whole.output_usd, "output_tok", workload.osl_tok),
    }
    return {
        name: derive(cache.share_usd_per_tok, share_usd=part, share_tok=given_tok(unit, count))
        for name, (part, unit, count) in shares.items()
        if count > 0
    }
