"""Priced usage: cells of requests with their exact list value, and what could not be priced."""

from __future__ import annotations

from typing import Any

import msgspec

from costbasis.units import PICO_PER_USD
from costbasis.usage.events import TokenCounts

COUNTS = (
    "input_tok",
    "cache_write_5m_tok",
    "cache_write_1h_tok",
    "cache_write_unknown_tok",
    "cache_read_tok",
    "output_tok",
    "reasoning_tok",
)


class ListValue(msgspec.Struct, frozen=True):
    """What tokens and tools are worth at list, in pico-USD, exactly.

    Writes of unknown lifetime are at the 5-minute price, and in *cache_write_unknown_max* at the dearer one.
    """

    input: int
    cache_write_5m: int
    cache_write_1h: int
    cache_write_unknown: int
    cache_read: int
    output: int
    cache_write_unknown_max: int
    tools: int

    @property
    def tokens(self) -> int:
        """The six token classes, without tools."""
        writes = self.cache_write_5m + self.cache_write_1h + self.cache_write_unknown
        return self.input + writes + self.cache_read + self.output

    @property
    def total(self) -> int:
        """Tokens and tools."""
        return self.tokens + self.tools

    def but(self, **changes: int) -> ListValue:
        """The same with other worths."""
        return msgspec.structs.replace(self, **changes)

    @property
    def total_max(self) -> int:
        """The same where every write of unknown lifetime was the dearer one."""
        return self.total - self.cache_write_unknown + self.cache_write_unknown_max


class Cell(msgspec.Struct, frozen=True):
    """The requests of one key, month, model and context bucket, summed.

    *context_bucket* is floor(log2(prompt tokens)), None where buckets were collapsed. *value* is None where the
    requests have no list price; *model* is then the name in the log if the catalogue does not know it.
    *partial_output* counts requests whose log holds only a lower bound of their output.
    """

    key: str
    month: str
    model: str
    context_bucket: int | None
    requests: int
    counts: TokenCounts
    web_searches: int
    partial_output: int
    value: ListValue | None
    output_ctx_tok2: float
    new_ctx_tok2: float
    kv_resident_tok_s: float
    first_time_ms: int
    last_time_ms: int

    def but(self, **changes: Any) -> Cell:
        """The same with other fields."""
        return msgspec.structs.replace(self, **changes)

    @property
    def is_priced(self) -> bool:
        """Whether the requests have a list price."""
        return self.value is not None

    def amount(self, unit: str) -> float:
        """The cell's amount of one unit of usage: a count, a context sum, or ``list_usd`` (tokens at list).

        A float, for estimates and ratios; ask ``is_priced`` first, an unpriced cell has a ``list_usd`` of 0.
        """
        if unit == "list_usd":
            return self.value.tokens / PICO_PER_USD if self.value else 0.0
        return float(getattr(self.counts if unit in COUNTS else self, unit))


class Unpriced(msgspec.Struct, frozen=True):
    """Requests without a list price: the name in the log, why, how many, and where the first one is."""

    model: str
    mode: str
    geo: str
    reason: str
    requests: int
    counts: TokenCounts
    first_origin: str

    @property
    def tokens(self) -> int:
        """All their tokens."""
        return self.counts.prompt_tok + self.counts.output_tok


class PriceWarning(msgspec.Struct, frozen=True):
    """Something that moves a number: its kind, how many requests, the first of them, and what it does."""

    kind: str
    count: int
    first: str
    effect: str


class PricedUsage(msgspec.Struct, frozen=True):
    """Usage, grouped and priced. *cells* hold every request that was asked for, priced or not."""

    cells: list[Cell]
    unpriced: list[Unpriced]
    warnings: list[PriceWarning]
    first_time_ms: int | None
    last_time_ms: int | None


def usd_text(pico_usd: int) -> str:
    """Pico-USD as an exact decimal of US dollars, as short as it can be, with at least two places.

    >>> usd_text(5_003_170_000_000_000), usd_text(1_275_000_000_000), usd_text(-1)
    ('5003.17', '1.275', '-0.000000000001')
    >>> usd_text(0), usd_text(2_500_000_000_000)
    ('0.00', '2.50')
    """
    whole, rest = divmod(abs(pico_usd), PICO_PER_USD)
    places = f"{rest:012d}".rstrip("0").ljust(2, "0")
    return f"{'-' if pico_usd < 0 else ''}{whole}.{places}"
