"""A Hugging Face ``config.json``: the architecture of one model, its parameters and its cache recomputed from it.

Knows grouped-query and multi-head latent attention, sparse indexes, sliding windows and chunks, linear, Mamba and
compressed attention, shared experts, first dense layers, and experts in a narrower space.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from costbasis.catalog.importers import Imported, Refused, Told, Upstream
from costbasis.catalog.importers.reading import json_of, mapping, safe_name
from costbasis.catalog.models.geometry import kv_bytes_per_tok, param_counts
from costbasis.catalog.tables import Row
from costbasis.errors import BadImport

NAME = "huggingface"
CITES = "Hugging Face config.json"
TITLE = "Hugging Face config.json of one model"
LICENCE = "as the repository says"
URL = ""
COMPLETE = False

_QUANTISED = re.compile(r"-(?:FP8|NVFP4|MXFP4|FP4|INT4|INT8|AWQ|GPTQ|BF16|Static-PerTensor)+$", re.IGNORECASE)
"""A re-quantisation is the model in another precision: its geometry is the model's."""

_BLOCKS = {"mamba": "M", "moe": "E", "attention": "F", "mlp": "-"}

_LARGEST = 10_000_000
"""No width, depth or vocabulary comes near this."""


def installed() -> Upstream | None:
    """Never: give the config.json of a model."""
    return None


def read(raw: bytes, told: Told) -> Imported:
    """One row of the table ``architecture``.

    The model is what ``_name_or_path`` or the file's folder or name says (``ORG--NAME_config.json``), by alias.

    Errors: :class:`~costbasis.errors.BadImport` for a config of no language model, and for an attention that is
    not known: the parts that it does not say are named.
    """
    outer = mapping(json_of(raw, NAME, infinities=True), NAME)
    config = outer | mapping(outer.get("text_config") or {}, "text_config")
    found = Imported(told, NAME)
    found.entries = 1
    pattern = config.get("layers_block_type") or config.get("hybrid_override_pattern")
    if isinstance(pattern, list | str) and not config.get("num_hidden_layers"):
        config["num_hidden_layers"] = len(pattern)
    if config.get("block_configs"):
        raise BadImport("layers of different shapes (block_configs) are not known", where=told.citation)
    needed = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    missing = [name for name in needed if not config.get(name)]
    if missing:
        raise BadImport(f"no {', '.join(missing)}: not the config of a language model", where=told.citation)
    name = _name(outer, told.citation)
    bare = _QUANTISED.sub("", name)
    choices = told.names.choices(name) or told.names.choices(bare) or told.names.choices(bare.rpartition("/")[2])
    model = choices[0].model if len(choices) == 1 else bare.rpartition("/")[2].lower()
    if len(choices) != 1:
        found.unmapped[name] = "huggingface"
    row = _row(config, model, name, told)
    counts = param_counts(row)
    row["total_params_b_computed"] = f"{counts.total / 1e9:.2f}"
    row["active_params_b_computed"] = f"{counts.active / 1e9:.2f}"
    row["total_params_b"], row["active_params_b"] = row["total_params_b_computed"], row["active_params_b_computed"]
    row["params_source"] = "recomputed from the geometry"
    row["kv_bytes_per_token_bf16"] = f"{_shared_key_bytes(config, row) or kv_bytes_per_tok(row):.0f}"
    if not 1e6 < counts.total < 1e14:
        found.refused.append(Refused(told.citation, f"{counts.total:.3g} parameters is no model"))
        return found
    found.rows["architecture"] = [row]
    return found


def _shared_key_bytes(config: Mapping[str, Any], row: Row) -> float:
    """Cache bytes per token where the full layers have key heads of their own (Gemma 4); 0 elsewhere."""
    number = _Numbers(config)
    heads, width = number("num_global_key_value_heads"), number("global_head_dim")
    kept = 1 if config.get("attention_k_eq_v") else 2
    return 2.0 * kept * int(row["n_full_attn_layers"]) * heads * width


def _name(config: Mapping[str, Any], citation: str) -> str:
    stated = config.get("_name_or_path")
    if isinstance(stated, str) and stated and not stated.startswith(("/", ".")):
        return safe_name(stated, "_name_or_path")
    path = PurePosixPath(citation.rpartition(" ")[2])
    bare = path.stem.removesuffix("_config")
    if bare == "config" and not path.parent.name:
        raise BadImport("it does not say which model it is", where=citation, hint="call it ORG--NAME_config.json")
    return safe_name((path.parent.name if bare == "config" else bare).replace("--", "/"), citation)


def _row(config: Mapping[str, Any], model: str, repository: str, told: Told) -> Row:
    number = _Numbers(config)
    layers = number("num_hidden_layers")
    kinds = _layer_kinds(config, layers)
    heads, hidden = number("num_attention_heads"), number("hidden_size")
    latent = number("kv_lora_rank")
    nope, rope = number("qk_nope_head_dim"), number("qk_rope_head_dim")
    linear = mapping(config.get("linear_attn_config") or {}, "linear_attn_config")
    sparse = mapping(config.get("sparse_attention_config") or {}, "sparse_attention_config")
    experts = number("n_routed_experts", "num_experts", "num_local_experts")
    moe_layers = _moe_layers(config, layers, kinds) if experts else 0
    inner = number("moe_intermediate_size") or (number("intermediate_size") if experts else 0)
    shared = number("n_shared_experts", "num_shared_experts")
    shared_inner = number("shared_expert_intermediate_size", "moe_shared_expert_intermediate_size") or number(
        "shared_intermediate_size"
    )
    if config.get("model_type") in ("llama4_text", "llama4"):
        inner, shared = number("intermediate_size"), 1
    if shared_inner and not shared:
        shared = 1
    is_mamba = "M" in kinds
    mixed = layers - moe_layers
    values = {
        "layers": layers,
        "hidden_size": hidden,
        "heads": heads,
        "kv_heads": number("num_key_value_heads") or heads,
        "head_dim": nope + rope if latent else number("head_dim") or hidden // heads,
        "v_head_dim": number("v_head_dim"),
        "q_lora_rank": number("q_lora_rank"),
        "kv_lora_rank": latent,
        "qk_nope_head_dim": nope,
        "qk_rope_head_dim": rope,
        "n_full_attn_layers": kinds.count("F"),
        "n_sliding_layers": kinds.count("S"),
        "sliding_window": number("sliding_window", "attention_chunk_size"),
        "sliding_kv_heads": number("swa_num_key_value_heads") if "S" in kinds else 0,
        "n_linear_layers": kinds.count("L") + kinds.count("M"),
        "linear_k_heads": number("linear_num_key_heads", "n_groups") or _whole(linear.get("num_heads"), "num_heads"),
        "linear_v_heads": number("linear_num_value_heads", "mamba_num_heads")
        or _whole(linear.get("num_heads"), "num_heads"),
        "linear_k_dim": number("linear_key_head_dim", "ssm_state_size") or _whole(linear.get("head_dim"), "head_dim"),
        "linear_v_dim": number("linear_value_head_dim", "mamba_head_dim") or _whole(linear.get("head_dim"), "head_dim"),
        "index_heads": number("index_n_heads") or _whole(sparse.get("sparse_num_index_heads"), "index heads"),
        "index_head_dim": number("index_head_dim") or _whole(sparse.get("sparse_index_dim"), "index width"),
        "index_topk": number("index_topk"),
        "n_index_layers": _index_layers(config, layers, sparse),
        "dense_ffn_layers": kinds.count("-") if is_mamba else layers if config.get("enable_moe_block") else mixed,
        "moe_layers": moe_layers,
        "dense_intermediate": number("intermediate_size_mlp", "dense_intermediate_size", "intermediate_size"),
        "moe_intermediate": inner if experts else 0,
        "routed_experts": experts,
        "active_experts": number("num_experts_per_tok", "num_experts_per_token", "top_k_experts"),
        "shared_experts": shared,
        "shared_intermediate": (shared_inner or inner) if shared else 0,
        "moe_latent_dim": number("routed_expert_hidden_size", "moe_latent_size"),
        "vocab": number("vocab_size"),
        "max_position": _whole(config.get("max_position_embeddings"), "max_position_embeddings", 10**9),
        "mtp_layers": number("num_nextn_predict_layers"),
    }
    return {
        "model": model,
        "geometry_of": "",
        "hf_repo": repository,
        "model_type": safe_name(config.get("model_type") or "unknown", "model_type"),
        "attention_type": _attention(config, values, kinds),
        **{name: str(value) if value else "" for name, value in values.items()},
        "n_full_attn_layers": str(values["n_full_attn_layers"]),
        "n_sliding_layers": str(values["n_sliding_layers"]),
        "n_linear_layers": str(values["n_linear_layers"]),
        "dense_ffn_layers": str(values["dense_ffn_layers"]),
        "moe_layers": str(values["moe_layers"]),
        "tie_embeddings": "true" if config.get("tie_word_embeddings") else "false",
        "native_weight_dtype": _precision(config),
        "source": told.citation,
        "observed": told.observed,
        "confidence": "high",
        "note": "",
    }


class _Numbers:
    """Looks a number up under the names that models use for it: the first that is there, else 0."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config

    def __call__(self, *names: str) -> int:
        found = next((self._config[name] for name in names if self._config.get(name)), 0)
        return _whole(found, names[0])


def _whole(value: Any, name: str, largest: int = _LARGEST) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
        raise BadImport(f"{name} is {str(value)[:40]!r}, no size of a model", where=name)
    return value


def _layer_kinds(config: Mapping[str, Any], layers: int) -> str:
    """A letter a layer: F full, S sliding window or chunk, L linear, M Mamba, E experts alone, - a plain block."""
    if not 0 < layers <= 1_000:
        raise BadImport(f"{layers} layers", where="num_hidden_layers")
    pattern = config.get("hybrid_override_pattern")
    if isinstance(pattern, str):
        return pattern.replace("*", "F")
    blocks = config.get("layers_block_type")
    if isinstance(blocks, list) and blocks:
        return "".join(_BLOCKS.get(block, "?") for block in blocks)
    linear = mapping(config.get("linear_attn_config") or {}, "linear_attn_config")
    if linear.get("kda_layers"):
        return "L" * len(linear["kda_layers"]) + "F" * (layers - len(linear["kda_layers"]))
    types = config.get("layer_types")
    if isinstance(types, list) and types:
        return "".join(_kind(kind) for kind in types[:layers])
    hybrid = config.get("hybrid_layer_pattern")
    if isinstance(hybrid, list):
        return "".join("S" if flag else "F" for flag in hybrid[:layers])
    ratios = config.get("compress_ratios")
    if isinstance(ratios, list):
        return "".join("F" if ratio else "S" for ratio in ratios[:layers])
    if config.get("attention_chunk_size") and config.get("model_type") in ("llama4_text", "llama4"):
        every = config.get("no_rope_layer_interval") or 4
        return "".join("S" if (layer + 1) % every else "F" for layer in range(layers))
    every = config.get("full_attention_interval")
    if isinstance(every, int) and every > 0:
        return "".join("L" if (layer + 1) % every else "F" for layer in range(layers))
    return "F" * layers


def _kind(name: Any) -> str:
    known = {"sliding_attention": "S", "chunked_attention": "S", "linear_attention": "L"}
    full = ("full_attention", "deepseek_sparse_attention", "attention")
    if name not in known and name not in full:
        raise BadImport(f"a layer of kind {str(name)[:40]!r} is not known", where="layer_types")
    return known.get(name, "F")


def _moe_layers(config: Mapping[str, Any], layers: int, kinds: str) -> int:
    if "E" in kinds:
        return kinds.count("E")
    frequency = config.get("moe_layer_freq")
    if isinstance(frequency, list):
        return sum(map(bool, frequency[:layers]))
    enum = config.get("moe_layers_enum")
    if isinstance(enum, str) and enum:
        return len(enum.split(","))
    types = config.get("mlp_layer_types")
    if isinstance(types, list):
        return sum(kind == "sparse" for kind in types[:layers])
    step = config.get("interleave_moe_layer_step") or config.get("decoder_sparse_step") or 1
    return layers // _whole(step, "step") - _whole(config.get("first_k_dense_replace"), "first_k_dense_replace")


def _index_layers(config: Mapping[str, Any], layers: int, sparse: Mapping[str, Any]) -> int:
    for pattern in (config.get("indexer_types"), sparse.get("sparse_attention_freq")):
        if isinstance(pattern, list):
            return sum(kind in ("full", 1) for kind in pattern[:layers])
    ratios = config.get("compress_ratios")
    if isinstance(ratios, list):
        return sum(ratio == 4 for ratio in ratios[:layers])
    return layers if config.get("index_n_heads") else 0


def _attention(config: Mapping[str, Any], values: Mapping[str, int], kinds: Sequence[str]) -> str:
    if "M" in kinds:
        return "Mamba-2 + GQA"
    if values["kv_lora_rank"]:
        if "L" in kinds:
            return "KDA linear + MLA"
        return "MLA+DSA" if values["index_heads"] else "MLA"
    ratios = config.get("compress_ratios")
    if isinstance(ratios, list):
        used = ratios[: values["layers"]]
        return f"CSA(x{used.count(4)}@1/4)+HCA(x{used.count(128)}@1/128)+SWA"
    gated = "gated " if config.get("attn_output_gate") else ""
    if "L" in kinds:
        return f"GatedDeltaNet linear + {gated}GQA"
    is_chunked = config.get("attention_chunk_size") and "llama4" in str(config.get("model_type"))
    local = " + chunked local" if is_chunked else ""
    window = " + sliding window" if "S" in kinds and not local else ""
    sparse = " + MSA block-sparse" if values["index_heads"] else ""
    return f"{gated}GQA{local}{window}{sparse}"


def _precision(config: Mapping[str, Any]) -> str:
    quantised = config.get("quantization_config")
    method = str(quantised.get("quant_method", "")) if isinstance(quantised, dict) else ""
    known = {"fp8": "fp8", "mxfp4": "mxfp4", "compressed-tensors": "int4", "modelopt": "nvfp4"}
    if config.get("expert_dtype") == "fp4":
        return "fp4 experts"
    return known.get(method, "bf16")
