"""Mixes: which share of a million tokens falls in which class, for work whose mix has been measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costbasis.catalog.catalog import Catalog
from costbasis.catalog.workloads import workload_of
from costbasis.quantity import Source

AGENT = "mix/coding-agent-arknill"
"""The facts of one measured coding agent: shares, context, how long its caches are held."""

AGENT_SHARES = {
    "input_tok": f"{AGENT}.input_frac",
    "cache_write_5m_tok": f"{AGENT}.cache_write_frac",
    "cache_read_tok": f"{AGENT}.cache_read_frac",
    "output_tok": f"{AGENT}.output_frac",
}
"""Usage column to the measured share of a coding agent's tokens. Writes of unstated lifetime count as 5 minutes."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of all tokens by usage column; they add to one. *context_tok*: prompt tokens of a request."""

    name: str
    shares: Mapping[str, float]
    context_tok: float
    source: Source


def agent_mix(catalog: Catalog) -> Mix:
    """The measured mix of a coding agent."""
    facts = {column: catalog.fact(key) for column, key in AGENT_SHARES.items()}
    total = sum(fact.middle for fact in facts.values())
    shares = {column: fact.middle / total for column, fact in facts.items()}
    context = catalog.fact(f"{AGENT}.context_tok").middle
    return Mix("coding agent", shares, context, facts["cache_read_tok"].source)


def chat_mix(catalog: Catalog) -> Mix:
    """The mix of chat, from the published sizes of its requests and the share of input read from a cache."""
    chat = workload_of("chat", catalog)
    total = chat.isl_tok + chat.osl_tok
    shares = {
        "input_tok": chat.new_tok / total,
        "cache_read_tok": chat.cached_tok / total,
        "output_tok": chat.osl_tok / total,
    }
    return Mix("chat", shares, chat.isl_tok, chat.source)
