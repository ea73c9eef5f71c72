"""Cached reads add up with the rest of a request, and what no machine can do is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from costbasis import feasibility
from costbasis.formulas import cache

BANK = Path(__file__).parent / "fixtures" / "claims" / "bank.yaml"
USD = st.floats(1e-15, 1e-3)
TOK = st.floats(0, 1e6)


@given(
    new_tok=TOK, cached_tok=TOK, output_tok=TOK, held_s=st.floats(0, 1e5), fresh=USD, load=USD, keep=USD, out=USD,
    attention=USD, read=USD,
)  # fmt: skip
def test_attribution_sums_to_the_whole_serving_cost_of_a_request(
    new_tok: float, cached_tok: float, output_tok: float, held_s: float, fresh: float, load: float, keep: float,
    out: float, attention: float, read: float,
) -> None:  # fmt: skip
    request = {
        "new_tok": new_tok, "cached_tok": cached_tok, "output_tok": output_tok, "held_s": held_s,
        "fresh_usd_per_tok": fresh, "load_usd_per_tok": load, "kv_residency_usd_per_tok_s": keep,
        "output_usd_per_tok": out, "attention_usd_per_tok2": attention, "decode_read_usd_per_tok2": read,
    }  # fmt: skip
    parts = cache.attributed(**request)
    assert sum(parts) == pytest.approx(cache.request_usd(**request), rel=1e-9, abs=1e-12)
    assert min(parts) >= 0


def test_the_attributed_read_is_the_marginal_one_and_the_decode_reads_of_it() -> None:
    request = {
        "new_tok": 6_000.0, "cached_tok": 140_000.0, "output_tok": 500.0, "held_s": 55.0, "fresh_usd_per_tok": 1e-7,
        "load_usd_per_tok": 2e-9, "kv_residency_usd_per_tok_s": 1e-11, "output_usd_per_tok": 1e-6,
        "attention_usd_per_tok2": 1e-14, "decode_read_usd_per_tok2": 5e-11,
    }  # fmt: skip
    marginal = cache.cached_read_usd_per_tok(2e-9, 1e-11, 55.0, 1e-14, 6_000.0)
    per_tok = cache.attributed(**request).cached_usd / 140_000.0
    assert per_tok == pytest.approx(marginal + 500.0 * 5e-11)


def test_the_prefill_claim_of_2025_is_refused_by_the_limit_it_breaks() -> None:
    """1.44 M tokens a second through 37 B active parameters on eight H100: 107 PFLOP/s of 15.8."""
    bank = yaml.safe_load(BANK.read_text())["claims"]
    claim = next(claim for claim in bank if claim.get("inputs", {}).get("h100_fp8_dense_tflops"))
    active, peak = claim["inputs"]["active_params_B"] * 1e9, claim["inputs"]["h100_fp8_dense_tflops"] * 1e12
    refused = feasibility.first_refusal(
        [
            lambda: feasibility.flop_guard(1.44e6, 2 * active, 8, peak),
            lambda: feasibility.memory_guard(671e9, 8, 80e9),
        ]
    )
    assert refused is not None
    assert refused.limit == "FLOP/s"
    assert refused.reason == "needs 107 PFLOP/s; the peak of 8 accelerators is 15.8 PFLOP/s"
    assert refused.times == pytest.approx(6.73, abs=0.01)


def test_even_in_fp8_the_weights_of_that_claim_do_not_fit() -> None:
    refused = feasibility.memory_guard(671e9, 8, 80e9)
    assert refused is not None
    assert refused.reason == "needs 671 GB; the memory of 8 accelerators is 640 GB"


@given(need=st.floats(1, 1e20), have=st.floats(1, 1e20))
def test_a_guard_refuses_just_what_exceeds_the_limit(need: float, have: float) -> None:
    for refused in (
        feasibility.flop_guard(need, 1.0, 1.0, have),
        feasibility.bandwidth_guard(need, 1.0, 1.0, have),
        feasibility.memory_guard(need, 1.0, have),
        feasibility.interconnect_guard(need, 1.0, 1.0, have),
    ):
        assert (refused is not None) == (need > have)


def test_what_deepseek_measured_passes_every_guard() -> None:
    """4,026 uncached prefill tokens a second and accelerator, 1,850 decoded; 37 B active, FP8, 144 H800."""
    assert feasibility.flop_guard(4026 * 144, 2 * 37e9, 144, 1.979e15) is None
    assert feasibility.memory_guard(671e9, 144, 80e9) is None
    assert feasibility.bandwidth_guard(671e9, 0.05, 144, 3.35e12) is None
    assert feasibility.interconnect_guard(1850 * 144, 58 * 8 * 3 * 7168, 144, 50e9) is None
