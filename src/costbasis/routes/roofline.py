"""Serving cost from the bottom up: a hypothesised architecture on rented accelerators at a stated utilisation."""

from __future__ import annotations

from datetime import date

from costbasis.catalog import Catalog, Hypothesis
from costbasis.formulas import cache, compute, fleet, memory, serving
from costbasis.quantity import Quantity, choose, derive, given_rows
from costbasis.routes import Refused, UnitValues

NAME = "roofline"
LABEL = "roofline"
SHARES = "roofline"

NEW_TOK = ("input_tok", "cache_write_5m_tok", "cache_write_1h_tok", "cache_write_unknown_tok")
"""Classes whose tokens are computed, not read: keeping them is in ``kv_resident_tok_s``."""


def unit_values(model: str, as_of: date, catalog: Catalog) -> UnitValues | Refused:
    """USD per token, per (token, context token) pair and per token kept a second.

    One machine and one precision a draw, from the hypothesis; prefill at a share of peak; decode with as
    many sequences a step as the bandwidth left after the weights can read.
    """
    hypothesis = catalog.hypothesis(model)
    if hypothesis is None:
        return Refused("no architecture, published or hypothesised")
    machine = _machine(hypothesis, as_of, catalog)
    if machine is None:
        return Refused(f"no rental price of {', '.join(hypothesis.hardware)} in the catalogue")
    fact = {name: catalog.quantity(f"fleet/default.{name}", as_of=as_of) for name in _FLEET}
    usd_per_accel_s = _busy(machine["hire"], fact)
    kv = derive(
        memory.kv_bytes_per_tok,
        bf16_kv_bytes_per_tok=hypothesis.kv_bytes_per_tok,
        kv_precision_frac=machine["kv_precision_frac"],
    )
    matmul = derive(
        serving.matmul_accel_s_per_tok,
        matmul_flop_per_tok=derive(compute.matmul_flop_per_tok, active_param_count=hypothesis.active_param_count),
        peak_flop_per_s_per_accel=machine["peak_flop_per_s_per_accel"],
        mfu_frac=fact["prefill_mfu_frac"],
    )
    attention = derive(
        serving.attention_accel_s_per_tok2,
        attention_flop_per_tok2=hypothesis.attention_flop_per_tok2,
        attention_peak_flop_per_s_per_accel=machine["bf16_flop_per_s_per_accel"],
        mfu_frac=fact["prefill_mfu_frac"],
    )
    load = derive(
        cache.kv_load_accel_s_per_tok, kv_bytes_per_tok=kv, kv_load_bytes_per_s_per_accel=fact["kv_load_gb_per_s"]
    )
    per_tok = {column: _usd_per_tok(matmul, usd_per_accel_s) for column in (*NEW_TOK, "output_tok")}
    values = per_tok | {
        "cache_read_tok": _usd_per_tok(load, usd_per_accel_s),
        "new_ctx_tok2": _usd_per_tok2(attention, usd_per_accel_s),
        "output_ctx_tok2": _usd_per_tok2(_decode(hypothesis, machine, fact, kv), usd_per_accel_s),
        "kv_resident_tok_s": derive(
            cache.kv_residency_usd_per_tok_s,
            kv_bytes_per_tok=kv,
            kv_store_usd_per_byte_s=fact["kv_store_usd_per_tb_hour"],
        ),
    }
    return UnitValues(values, f"{hypothesis.family}: hypothesis on {', '.join(hypothesis.hardware)}")


_FLEET = (
    "prefill_mfu_frac",
    "mbu_frac",
    "usable_hbm_frac",
    "step_overhead_frac",
    "tpot_ms_per_tok",
    "step_accepted_tok",
    "replica_accel",
    "load_factor_frac",
    "slo_headroom_frac",
    "availability_frac",
    "kv_store_usd_per_tb_hour",
    "kv_load_gb_per_s",
)


def _machine(hypothesis: Hypothesis, as_of: date, catalog: Catalog) -> dict[str, Quantity] | None:
    """One accelerator and one weight precision a draw, as a joint table, with the hire that goes with it."""
    hired = [name for name in hypothesis.hardware if catalog.rates(name, as_of)]
    if not hired:
        return None
    table = catalog.machines(hired, hypothesis.precision_weights)
    rows = given_rows(
        f"machine/{hypothesis.slug}", table.columns, table.sources, catalog.sampling, weights=table.weights
    )
    hires = {name: catalog.hire(name, as_of) for name in hired}
    rows = {name: row.labelled("accelerator and precision") for name, row in rows.items()}
    rows["hire"] = choose(rows["accelerator"], hires, name="hire_usd_per_accel_s")
    return rows


def _busy(hire: Quantity, fact: dict[str, Quantity]) -> Quantity:
    busy = derive(
        fleet.busy_frac,
        load_factor_frac=fact["load_factor_frac"],
        slo_headroom_frac=fact["slo_headroom_frac"],
        availability_frac=fact["availability_frac"],
    )
    result: Quantity = derive(fleet.busy_usd_per_accel_s, hire_usd_per_accel_s=hire, busy_frac=busy)
    return result


def _decode(hypothesis: Hypothesis, machine: dict[str, Quantity], fact: dict[str, Quantity], kv: Quantity) -> Quantity:
    weights = derive(
        memory.weight_bytes, param_count=hypothesis.total_param_count, bytes_per_param=machine["bytes_per_param"]
    )
    step = derive(
        serving.decode_step_s, tpot_s_per_tok=fact["tpot_ms_per_tok"], step_accepted_tok=fact["step_accepted_tok"]
    )
    read = derive(
        serving.step_read_bytes_per_accel,
        decode_step_s=step,
        step_overhead_frac=fact["step_overhead_frac"],
        hbm_bytes_per_s_per_accel=machine["hbm_bytes_per_s_per_accel"],
        mbu_frac=fact["mbu_frac"],
        hbm_bytes_per_accel=machine["hbm_bytes_per_accel"],
        usable_hbm_frac=fact["usable_hbm_frac"],
    )
    replica = derive(
        serving.replica_accel,
        weight_bytes=weights,
        step_read_bytes_per_accel=read,
        planned_accel=fact["replica_accel"],
    )
    result: Quantity = derive(
        serving.decode_read_accel_s_per_tok2,
        decode_step_s=step,
        step_accepted_tok=fact["step_accepted_tok"],
        kv_bytes_per_tok=kv,
        step_read_bytes_per_accel=read,
        weight_bytes=weights,
        replica_accel=replica,
    )
    return result


def _usd_per_tok(accel_s_per_tok: Quantity, usd_per_accel_s: Quantity) -> Quantity:
    result: Quantity = derive(
        serving.accel_usd_per_tok, accel_s_per_tok=accel_s_per_tok, busy_usd_per_accel_s=usd_per_accel_s
    )
    return result


def _usd_per_tok2(accel_s_per_tok2: Quantity, usd_per_accel_s: Quantity) -> Quantity:
    result: Quantity = derive(
        serving.accel_usd_per_tok2, accel_s_per_tok2=accel_s_per_tok2, busy_usd_per_accel_s=usd_per_accel_s
    )
    return result
