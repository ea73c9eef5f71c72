"""The performance model: laws of one pass, of memory and of throughput, over shipped models and machines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.catalog.hardware.deployments import accelerator_of, architecture_of, precision_of
from costbasis.catalog.tables import read_csv, slug
from costbasis.performance import (
    Deployment,
    Layout,
    aggregated,
    column,
    constants_of,
    decode_pass,
    disaggregated,
    largest_batch,
    prefill_pass,
    stack,
    take,
)
from costbasis.performance.serve import kv_bytes_per_sequence

MODELS = {row["model"]: row for row in read_csv("architecture.csv")}
MACHINES = {slug(row["accelerator"]): row for row in read_csv("accelerator.csv")}
CENTRE = constants_of({})

SERVED = [
    ("llama-3.3-70b", "h100-sxm", "fp8", Layout(4, 1, 1, 0)),
    ("deepseek-r1", "h200-sxm", "fp8", Layout(8, 1, 1, 0)),
    ("deepseek-r1", "b200-sxm", "fp4", Layout(1, 8, 1, 0)),
    ("deepseek-v3.2", "h200-sxm", "fp8", Layout(8, 1, 1, 0)),
    ("deepseek-v4-pro", "b300-sxm", "fp4", Layout(8, 1, 1, 0)),
    ("gpt-oss-120b", "h100-sxm", "fp4", Layout(2, 1, 1, 0)),
    ("qwen3.5-397b-a17b", "mi355x", "fp8", Layout(4, 1, 1, 0)),
    ("kimi-k2.5", "h200-sxm", "int4", Layout(8, 1, 1, 0)),
    ("minimax-m3", "b200-sxm", "fp8", Layout(8, 1, 1, 0)),
]


def deployment(model: str, machine: str, precision: str, layout: Layout) -> Deployment:
    accelerator = accelerator_of(MACHINES[machine])
    served = precision_of(precision, MODELS[model], accelerator)
    return Deployment(architecture_of(MODELS[model]), accelerator, served, layout, 0)


ALL = stack([deployment(*served) for served in SERVED])


@pytest.mark.parametrize("model", MODELS)
def test_every_architecture_becomes_a_geometry_whose_parameters_add_up(model: str) -> None:
    row = MODELS[model]
    arch = architecture_of(row)
    assert arch.attention_param_count > 0
    active = (
        arch.attention_param_count
        + arch.dense_param_count
        + arch.moe_layers * arch.active_experts * arch.expert_param_count
        + arch.vocab * arch.hidden
    )
    stated = float(row["active_params_b_computed"] or row["active_params_b"]) * 1e9
    assert active == pytest.approx(stated, rel=1e-6)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_accelerator_has_peaks_memory_and_links(machine: str) -> None:
    accelerator = accelerator_of(MACHINES[machine])
    assert accelerator.bf16_flop_per_s_per_accel > 0
    assert accelerator.hbm_bytes_per_accel > 0
    assert accelerator.hbm_bytes_per_s_per_accel > 0
    assert accelerator.link_bytes_per_s_per_accel > 0


def test_a_table_gives_what_each_of_its_rows_gives() -> None:
    table = aggregated(ALL, CENTRE, input_tok=1000.0, output_tok=500.0, batch=32.0)
    for index in range(len(SERVED)):
        one = aggregated(take(ALL, index), CENTRE, input_tok=1000.0, output_tok=500.0, batch=32.0)
        assert float(one.turnover_s) == pytest.approx(float(np.asarray(table.turnover_s)[index]))


def test_draws_of_the_constants_are_a_second_axis() -> None:
    draws = constants_of({"gemm_mfu_frac": np.array([0.4, 0.6, 0.8])})
    rates = aggregated(column(ALL), draws, input_tok=1000.0, output_tok=500.0, batch=32.0).output_tok_per_s_per_accel
    assert np.shape(rates) == (len(SERVED), 3)
    assert np.all(np.diff(rates, axis=1) >= 0)


@given(batch=st.floats(1, 500), context=st.floats(16, 60_000), more=st.floats(1.01, 4))
def test_a_larger_batch_or_a_longer_context_never_makes_a_step_shorter(
    batch: float, context: float, more: float
) -> None:
    step_s = np.asarray(decode_pass(ALL, CENTRE, batch=batch, context_tok=context).total_s)
    wider = np.asarray(decode_pass(ALL, CENTRE, batch=batch * more, context_tok=context).total_s)
    longer = np.asarray(decode_pass(ALL, CENTRE, batch=batch, context_tok=context * more).total_s)
    assert np.all(wider >= step_s)
    assert np.all(longer >= step_s * (1 - 1e-12))


@given(new=st.floats(64, 30_000), share=st.floats(0.0, 0.95))
def test_a_cached_prefix_never_makes_prefill_longer(new: float, share: float) -> None:
    whole = np.asarray(prefill_pass(ALL, CENTRE, prompts=1.0, new_tok=new).total_s)
    rest = np.asarray(prefill_pass(ALL, CENTRE, prompts=1.0, new_tok=new * (1 - share), cached_tok=new * share).total_s)
    assert np.all(rest <= whole * (1 + 1e-9))


def test_a_faster_machine_is_never_slower() -> None:
    for field in ("hbm_bytes_per_s_per_accel", "bf16_flop_per_s_per_accel", "link_bytes_per_s_per_accel"):
        accelerator = ALL.accelerator
        faster = ALL._replace(accelerator=accelerator._replace(**{field: getattr(accelerator, field) * 2}))
        before = aggregated(ALL, CENTRE, input_tok=2000.0, output_tok=500.0, batch=64.0)
        after = aggregated(faster, CENTRE, input_tok=2000.0, output_tok=500.0, batch=64.0)
        assert np.all(np.asarray(after.turnover_s) <= np.asarray(before.turnover_s)), field


def test_throughput_times_turnover_is_the_batch() -> None:
    found = aggregated(ALL, CENTRE, input_tok=1000.0, output_tok=500.0, batch=32.0)
    tokens = np.asarray(found.output_tok_per_s_per_accel) * found.turnover_s * ALL.layout.tensor
    assert tokens == pytest.approx(np.full(len(SERVED), 32.0 * 500.0))


def test_balanced_pools_beat_any_other_split() -> None:
    one = take(ALL, 1)
    best = disaggregated(one, one, CENTRE, input_tok=2000.0, output_tok=500.0, batch=64.0)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        other = disaggregated(one, one, CENTRE, input_tok=2000.0, output_tok=500.0, batch=64.0, prefill_frac=share)
        assert float(other.output_tok_per_s_per_accel) <= float(best.output_tok_per_s_per_accel) * (1 + 1e-12)


def test_the_cache_of_one_token_is_the_published_one() -> None:
    for model, published in (("deepseek-r1", 70_272.0), ("llama-3.3-70b", 327_680.0)):
        accelerator = accelerator_of(MACHINES["h200-sxm"])
        served = precision_of("fp8", MODELS[model], accelerator, kv="bf16")
        one = Deployment(architecture_of(MODELS[model]), accelerator, served, Layout(8, 1, 1, 0), 0)
        per_tok = float(kv_bytes_per_sequence(one, 1000.0)) / 1000
        assert per_tok == pytest.approx(published)


def test_what_does_not_fit_has_no_batch() -> None:
    tight = deployment("deepseek-r1", "h100-sxm", "fp8", Layout(4, 1, 1, 0))
    assert float(largest_batch(tight, CENTRE, context_tok=4096.0)) == 0.0
    roomy = deployment("deepseek-r1", "h200-sxm", "fp8", Layout(8, 1, 1, 0))
    assert float(largest_batch(roomy, CENTRE, context_tok=4096.0)) > 100


def test_speculative_decoding_pays_at_small_batches_and_not_at_large_ones() -> None:
    """One draft accepted 85 % of the time, as DeepSeek-V3's own head (1.85 tokens a step)."""
    one = take(ALL, 1)

    def gain(batch: float) -> float:
        rates = [
            float(
                aggregated(
                    one, CENTRE, input_tok=1000.0, output_tok=1000.0, batch=batch, drafts=drafts, accepted_per_step=kept
                ).output_tok_per_s_per_accel
            )
            for drafts, kept in ((0.0, 1.0), (1.0, 1.85))
        ]
        return rates[1] / rates[0]

    assert 1.2 < gain(4.0) < 1.85
    assert gain(2000.0) < gain(4.0)
