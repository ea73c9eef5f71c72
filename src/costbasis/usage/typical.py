"""A month of a coding agent's tokens in the measured mix, worth a given list value: where no log is at hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from costbasis.catalog import Catalog
from costbasis.catalog.market.market import market_prices
from costbasis.errors import UnknownName
from costbasis.quantity import Quantity, Source
from costbasis.rowvalues import value_total
from costbasis.units import PICO_PER_USD
from costbasis.usage.amounts import TOTAL, Amounts, Group
from costbasis.usage.whatif import cached_frac_asked, resplit

MIX = "mix/coding-agent-arknill"

MEASURED = Source("the measured mix of a coding agent", place="mix/coding-agent-arknill.*", trust="D", status="typical")

PRICED = {"cache_read_tok": "cache_read", "cache_write_5m_tok": "cache_write_5m", "input_tok": "input",
          "output_tok": "output"}  # fmt: skip
"""Column of usage to the price of the book. All writes are taken as 5-minute ones."""

SHARES = {"cache_read_tok": "cache_read_frac", "cache_write_5m_tok": "cache_write_frac", "input_tok": "input_frac",
          "output_tok": "output_frac"}  # fmt: skip


def typical_use(model: str, list_usd: float, as_of: date, catalog: Catalog) -> Amounts:
    """Tokens of *model* in the mix of one measured heavy user, worth *list_usd* at the book's prices of the day.

    Errors: :class:`~costbasis.errors.UnknownName` for a model without a list price.
    """
    price = catalog.retail_on(model, as_of)
    each = {column: (getattr(price, name) or price.input) / PICO_PER_USD for column, name in PRICED.items()}
    mix = {column: catalog.quantity(f"{MIX}.{share}").estimate.p50 for column, share in SHARES.items()}
    share = cached_frac_asked(catalog)
    mix = mix if share is None else resplit(mix, share)
    total = list_usd / sum(mix[column] * each[column] for column in mix)
    tokens = {column: share * total for column, share in mix.items()}
    context = catalog.quantity(f"{MIX}.context_tok").estimate.p50
    held = catalog.quantity(f"{MIX}.cache_held_s").estimate.p50
    sums = tokens | {
        "output_ctx_tok2": tokens["output_tok"] * context,
        "new_ctx_tok2": (tokens["input_tok"] + tokens["cache_write_5m_tok"]) * context,
        "kv_resident_tok_s": (tokens["cache_read_tok"] + tokens["cache_write_5m_tok"]) * held,
        "list_usd": list_usd,
    }
    group = Group(model, as_of.strftime("%Y-%m"), as_of)
    columns = {f"{group.prefix}:{unit}": np.array([amount]) for unit, amount in sums.items()}
    source = Source(
        "the measured mix of a coding agent", place=f"{MIX}.*", trust="D", status="typical", as_of=as_of.isoformat()
    )
    return Amounts([TOTAL], [group], columns, {group.prefix: {c: tokens[c] * each[c] for c in tokens}}, source)


def market_usd_per_tok(model: str, as_of: date, catalog: Catalog) -> Quantity:
    """The blended price of a token of an open model in the same mix, over the hosts that price cached input.

    Errors: :class:`~costbasis.errors.UnknownName` for a model that no such host offers on the day.
    """
    market = market_prices(model, as_of, catalog, cached=True)
    if market is None:
        raise UnknownName("priced model", model, known=catalog.retail_models(), hint="name another with --model")
    shares = {column: catalog.quantity(f"{MIX}.{share}").estimate.p50 for column, share in SHARES.items()}
    values = {column: market.usd_per_tok[column] for column in shares}
    blended = value_total(shares, values, name="blended_usd", source=MEASURED)
    return replace(blended, name="list_usd_per_tok", unit="usd/tok", label=f"a token of {model} at market")
