"""What ccusage would value a request at, one step at a time from our own list value, so that each step is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from costbasis.units import PICO_PER_USD
from costbasis.usage.events import TokenCounts
from costbasis.usage.othertools.ccusage_lines import Entry
from costbasis.usage.pricing.epochs import PriceEpoch
from costbasis.usage.pricing.onerequest import Call, RequestPrices, tokens_pico_usd

NO_SEARCHES = "does not price web searches"
NO_REGION = "does not price the region that inference was pinned to"
NO_TIER = "prices every service tier (batch, flex, priority, …) as standard"
TODAYS_PRICE = "prices the past at today's price"
EXCESS_ONLY = "takes the long-context price for what exceeds 200,000 tokens of one class, not for the whole request"
RECORDED = "takes over the value that the log itself records"

PRICE_REASONS = (NO_SEARCHES, NO_REGION, NO_TIER, TODAYS_PRICE, EXCESS_ONLY, RECORDED)
"""In the order in which they are applied."""

EXCESS_ABOVE_TOK = 200_000


def counts_of(entry: Entry) -> TokenCounts:
    """The entry's tokens in our classes: what its split does not call 1-hour is a 5-minute write to the tool."""
    writes_1h = min(entry.writes_1h, entry.counts.cache_write)
    return TokenCounts(
        input_tok=entry.counts.input,
        cache_write_5m_tok=entry.counts.cache_write - writes_1h,
        cache_write_1h_tok=writes_1h,
        cache_read_tok=entry.counts.cache_read,
        output_tok=entry.counts.output,
    )


def steps(prices: RequestPrices, call: Call, entry: Entry) -> Iterator[tuple[str, int | None]]:
    """The value of *call*, which has the entry's tokens by now, after each of ``PRICE_REASONS`` as the tool has it."""
    call = replace(call, web_searches=0)
    yield NO_SEARCHES, prices.list_pico_usd(call)
    call = replace(call, geo="")
    yield NO_REGION, prices.list_pico_usd(call)
    call = replace(call, mode="fast" if entry.is_fast else "standard")
    yield NO_TIER, prices.list_pico_usd(call)
    newest = prices.epoch(call.model, call.mode, "", None)
    if newest is None:
        yield TODAYS_PRICE, None
    else:
        is_long = call.counts.prompt_tok > newest.long_above_tok
        yield TODAYS_PRICE, tokens_pico_usd(call.counts, newest.long if is_long else newest.short)
        yield EXCESS_ONLY, excess_pico_usd(call.counts, newest)
    if entry.recorded_usd is not None:
        yield RECORDED, round(entry.recorded_usd * PICO_PER_USD)


def excess_pico_usd(counts: TokenCounts, epoch: PriceEpoch) -> int:
    """Tokens of each class at its short price up to the threshold and at its long price beyond it."""
    value = tokens_pico_usd(counts, epoch.short)
    if epoch.short == epoch.long:
        return value
    for name in ("input_tok", "cache_write_5m_tok", "cache_write_1h_tok", "cache_read_tok", "output_tok"):
        excess = max(getattr(counts, name) - EXCESS_ABOVE_TOK, 0)
        value += tokens_pico_usd(TokenCounts(**{name: excess}), epoch.long)
        value -= tokens_pico_usd(TokenCounts(**{name: excess}), epoch.short)
    return value
