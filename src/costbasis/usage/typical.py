"""A month of a coding agent's tokens in the measured mix, worth a given list value: where no log is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import msgspec
import numpy as np

from costbasis.catalog import Catalog
from costbasis.catalog.market.market import market_prices
from costbasis.catalog.market.mixes import AGENT, AGENT_SHARES
from costbasis.errors import BadArgument, UnknownName
from costbasis.quantity import Quantity, Source
from costbasis.rowvalues import value_total
from costbasis.units import PICO_PER_USD
from costbasis.usage.amounts import TOTAL, Amounts, Group
from costbasis.usage.pricing.epochs import short_prices
from costbasis.usage.whatif import FRESH, cached_frac_asked, resplit

MEASURED = Source("the measured mix of a coding agent", place=f"{AGENT}.*", trust="D", status="typical")


def measured_mix(catalog: Catalog) -> dict[str, float]:
    """Share of all tokens by column of usage, as measured of a coding agent, or as a user set it."""
    return {column: catalog.quantity(key).estimate.p50 for column, key in AGENT_SHARES.items()}


def book_usd_per_tok(model: str, day: date, catalog: Catalog) -> dict[str, float]:
    """USD of a token at the book's price of a day, by the columns of that mix; without a price of its own, as input.

    Errors: :class:`~costbasis.errors.UnknownName` for a model without a list price.
    """
    prices = short_prices(catalog.retail_on(model, day))
    return {column: getattr(prices, column.removesuffix("_tok")) / PICO_PER_USD for column in AGENT_SHARES}


def context_sums(tokens: Mapping[str, float], catalog: Catalog) -> dict[str, float]:
    """The sums that keep the context, of tokens by column, at the mean context and cache time of the measurement."""
    context_tok = catalog.quantity(f"{AGENT}.context_tok").estimate.p50
    held_s = catalog.quantity(f"{AGENT}.cache_held_s").estimate.p50
    new_tok = sum(tokens.get(column, 0.0) for column in FRESH)
    kept_tok = new_tok - tokens.get("input_tok", 0.0) + tokens.get("cache_read_tok", 0.0)
    return {
        "output_ctx_tok2": tokens.get("output_tok", 0.0) * context_tok,
        "new_ctx_tok2": new_tok * context_tok,
        "kv_resident_tok_s": kept_tok * held_s,
    }


def typical_use(model: str, list_usd: float, as_of: date, catalog: Catalog) -> Amounts:
    """Tokens of *model* in the mix of one measured heavy user, worth *list_usd* at the book's prices of the day.

    Errors: :class:`~costbasis.errors.UnknownName` for a model without a list price,
    :class:`~costbasis.errors.BadArgument` for one that is free.
    """
    each, mix = book_usd_per_tok(model, as_of, catalog), measured_mix(catalog)
    share = cached_frac_asked(catalog)
    mix = mix if share is None else resplit(mix, share)
    per_tok = sum(mix[column] * each[column] for column in mix)
    if per_tok <= 0:
        what = f"it was free at list on {as_of}: no use of it has a list value"
        raise BadArgument(what, where=model, hint="name a model that has a price")
    total = list_usd / per_tok
    tokens = {column: share * total for column, share in mix.items()}
    sums = tokens | context_sums(tokens, catalog) | {"list_usd": list_usd}
    group = Group(model, as_of.strftime("%Y-%m"), as_of)
    columns = {f"{group.prefix}:{unit}": np.array([amount]) for unit, amount in sums.items()}
    source = msgspec.structs.replace(MEASURED, as_of=as_of.isoformat())
    return Amounts([TOTAL], [group], columns, {group.prefix: {c: tokens[c] * each[c] for c in tokens}}, source)


def market_usd_per_tok(model: str, as_of: date, catalog: Catalog) -> Quantity:
    """The blended price of a token of an open model in the same mix, over the hosts that price cached input.

    Errors: :class:`~costbasis.errors.UnknownName` for a model that no such host offers on the day.
    """
    market = market_prices(model, as_of, catalog, cached=True)
    if market is None:
        raise UnknownName("priced model", model, known=catalog.retail_models(), hint="name another with --model")
    shares = measured_mix(catalog)
    values = {column: market.usd_per_tok[column] for column in shares}
    blended = value_total(shares, values, name="blended_usd", source=MEASURED)
    return replace(blended, name="list_usd_per_tok", unit="usd/tok", label=f"a token of {model} at market")
