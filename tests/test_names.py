"""Names of models: exact aliases, variants that are not the model, names that fit several, and the nearest."""

from __future__ import annotations

import pytest

from costbasis.catalog import load_catalog
from costbasis.errors import AmbiguousName, UnknownName, VariantName

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("raw", "model", "variant"),
    [
        ("claude-opus-4-6", "claude-opus-4-6", ""),
        ("anthropic/claude-opus-4.6", "claude-opus-4-6", ""),
        ("kimi-k2p5", "kimi-k2.5", ""),
        ("accounts/fireworks/models/kimi-k2p5", "kimi-k2.5", ""),
        ("zai-org/GLM-4.6-FP8", "glm-4.6", "fp8"),
        ("moonshotai/kimi-k2.6:free", "kimi-k2.6", "free"),
        ("claude-opus-4-6-fast", "claude-opus-4-6", "fast"),
        ("us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6", ""),
        ("us.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6", ""),
        ("claude-opus-4-6@20260205", "claude-opus-4-6", ""),
        ("vertex_ai/claude-opus-4-6@default", "claude-opus-4-6", ""),
        ("gpt-5.4-mini-2026-03-17", "gpt-5.4-mini", ""),
        ("openai/gpt-5.5", "gpt-5.5", ""),
        ("azure/us/gpt-4o", "gpt-4o", "us"),
        ("Qwen/Qwen3-32B-fast", "qwen3-32b", "fast"),
        ("moonshotai/Kimi-K2-Thinking", "kimi-k2-thinking", ""),
    ],
)
def test_a_raw_name_is_a_model_and_perhaps_a_variant_of_it(raw: str, model: str, variant: str) -> None:
    named = CATALOG.names.find(raw)
    assert (named.model, named.variant) == (model, variant)


def test_another_model_with_a_like_name_is_another_model() -> None:
    """The merges of the first pass: each of these was once taken for the model before it."""
    for one, other in [
        ("glm-5.3", "glm-5.3-flash"),
        ("deepseek-v4-flash", "deepseek-v4.1-flash"),
        ("kimi-k3", "kimi-k3.1"),
    ]:
        choices = CATALOG.names.choices(other)
        assert one not in {named.model for named in choices}, other


def test_a_variant_that_is_priced_apart_is_not_the_model() -> None:
    with pytest.raises(VariantName) as error:
        CATALOG.find_model("moonshotai/kimi-k2.6:free", where="s.jsonl:7")
    assert str(error.value) == (
        's.jsonl:7: "moonshotai/kimi-k2.6:free" is the free variant of "kimi-k2.6", which is priced apart\n'
        "hint: costbasis catalog retail kimi-k2.6 shows every price of the model"
    )
    assert CATALOG.find_model("zai-org/GLM-4.6-FP8") == "glm-4.6"


def test_a_name_that_fits_several_models_offers_them() -> None:
    with pytest.raises(AmbiguousName) as error:
        CATALOG.find_model("deepseek-chat")
    assert error.value.choices == ["deepseek-v3", "deepseek-v3-0324", "deepseek-v3.1", "deepseek-v3.2"]


@pytest.mark.parametrize("raw", ["glm-4.6x", "moonshotai/kimi-k2.5-mini", "=cmd|' /C calc'!A0", "../../etc/passwd", ""])
def test_nothing_is_guessed_from_a_pattern(raw: str) -> None:
    with pytest.raises(UnknownName):
        CATALOG.find_model(raw)


def test_no_alias_is_guessed_from_case() -> None:
    with pytest.raises(UnknownName) as error:
        CATALOG.find_model("Claude-Opus-4-6")
    assert "claude-opus-4-6" in error.value.nearest
