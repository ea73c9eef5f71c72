"""What a serving engine counts of itself (vLLM, SGLang; Prometheus text) as a workload: totals since it was started.

They tell lengths and cache hits on average. They tell no user, no hour and no single request.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from costbasis.catalog.workloads import Workload
from costbasis.errors import UnreadableInput
from costbasis.quantity import Source

ENGINES = ("vllm", "sglang")

_LINE = re.compile(r"^(?:ray_)?(vllm|sglang):(\w+)(?:\{(.*)\})?\s+(\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

PROMPT, OUTPUT = "prompt_tokens_total", "generation_tokens_total"
REQUESTS = (
    "request_prompt_tokens_count", "request_success_total", "num_requests_total", "e2e_request_latency_seconds_count",
    "time_to_first_token_seconds_count",
)  # fmt: skip
"""Counters of finished requests, the best first."""

HITS = (
    ("prefix_cache_hits_total", "prefix_cache_queries_total"),
    ("prefix_cache_hits", "prefix_cache_queries"),
    ("gpu_prefix_cache_hits_total", "gpu_prefix_cache_queries_total"),
    ("cached_tokens_total", PROMPT),
)
"""Tokens found in the prefix cache, and those that were looked for."""


@dataclass(frozen=True, slots=True)
class ServerMetrics:
    """Totals of one model on one engine. *requests* and *cached_frac* are None where no counter tells them.

    *histograms*: of "input" and "output", the upper ends of the buckets and the requests up to each.
    """

    engine: str
    model: str
    prompt_tok: int
    output_tok: int
    requests: int | None
    cached_frac: float | None
    histograms: Mapping[str, tuple[tuple[float, float], ...]]

    def workload(self, name: str, source: Source) -> Workload:
        """The mean request.

        Errors: :class:`~costbasis.errors.UnreadableInput` where no counter tells the number of requests.
        """
        if not self.requests or not self.prompt_tok or not self.output_tok:
            what = "no finished request was counted" if self.requests == 0 else "no counter of requests or tokens"
            raise UnreadableInput(what, where=name, hint="scrape /metrics after some traffic, whole")
        each = self.prompt_tok / self.requests, self.output_tok / self.requests
        return Workload(name, *each, self.cached_frac or 0.0, 0.0, (), source)

    def notes(self) -> list[str]:
        """What the totals are, and what they cannot tell."""
        lengths = [
            f"{kind} p50 up to {quantile(buckets, 0.5):,.0f}, p90 up to {quantile(buckets, 0.9):,.0f}"
            for kind, buckets in self.histograms.items()
        ]
        share = self.cached_frac
        cached = f"{share:.1%} of the input was cached" if share is not None else "cache hits: not told"
        return [
            f"{self.engine} counted {self.requests or 0:,} requests of {self.model} since it was started:"
            f" {self.prompt_tok:,} tokens in, {self.output_tok:,} out; {cached}",
            "; ".join([*lengths, "counters tell no hour, user or request, nor how long a cached prefix is kept"]),
        ]


def quantile(buckets: tuple[tuple[float, float], ...], share: float) -> float:
    """The upper end of the bucket in which that share of the requests is reached.

    >>> quantile(((16, 1), (64, 4), (float("inf"), 4)), 0.5)
    64
    """
    return next((end for end, count in buckets if count >= share * buckets[-1][1]), buckets[-1][0])


def is_metrics(head: bytes) -> bool:
    """Whether the first bytes are metrics of an engine that is known."""
    return any(_LINE.match(line) for line in head.decode("utf-8", "replace").splitlines()[:400])


def read_metrics(text: str, where: str, model: str = "") -> ServerMetrics:
    """The totals of a model, of the only one where none is named.

    Errors: :class:`~costbasis.errors.UnreadableInput` for several models, or a value that is no number.
    """
    totals: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    buckets: dict[tuple[str, str, str], dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.match(line)
        if found is None:
            continue
        engine, name, labels, value = found.groups()
        told = dict(_LABEL.findall(labels or ""))
        try:
            count = float(value)
            end = float(told["le"]) if name.endswith("_bucket") else 0.0
        except (ValueError, KeyError):
            what = f'"{value}" is no value of {engine}:{name}'
            raise UnreadableInput(what, where=f"{where}:{number}", hint="save /metrics as it comes") from None
        of = engine, told.get("model_name", "")
        if name.endswith("_bucket"):
            buckets[(*of, name)][end] += count
        else:
            totals[of][name] += count
    named = sorted(key for key in totals if PROMPT in totals[key] and (not model or key[1] == model))
    if len(named) != 1:
        what = f"metrics of {len(named)} models: {', '.join(key[1] for key in named)}" if named else "no token counters"
        raise UnreadableInput(what, where=where, hint="keep the lines of one model_name")
    return _metrics(named[0], totals[named[0]], buckets)


def _metrics(
    of: tuple[str, str], said: Mapping[str, float], buckets: Mapping[tuple[str, str, str], Mapping[float, float]]
) -> ServerMetrics:
    requests = next((round(said[name]) for name in REQUESTS if name in said), None)
    share = next((said[hit] / said[asked] for hit, asked in HITS if hit in said and said.get(asked)), None)
    share = said.get("cache_hit_rate") if share is None else share
    lengths = {
        kind: tuple(sorted(found.items()))
        for kind, name in (("input", "request_prompt_tokens_bucket"), ("output", "request_generation_tokens_bucket"))
        if (found := buckets.get((*of, name)))
    }
    prompt, output = (round(said.get(name, 0.0)) for name in (PROMPT, OUTPUT))
    return ServerMetrics(*of, prompt, output, requests, share, lengths)
