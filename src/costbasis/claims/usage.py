"""From "$5,000 at list" to tokens: the usage that a claim is about, as a table that any basis can value."""

from __future__ import annotations

from datetime import date

import numpy as np

from costbasis.catalog import Catalog
from costbasis.claims.claim import Claim, Comparable
from costbasis.quantity import Source
from costbasis.units import PICO_PER_USD, TOK_PER_MTOK
from costbasis.usage.amounts import TOTAL, Amounts, Group

MIX = {
    "cache_read_tok": "mix/coding-agent-arknill.cache_read_frac",
    "cache_write_5m_tok": "mix/coding-agent-arknill.cache_write_frac",
    "input_tok": "mix/coding-agent-arknill.input_frac",
    "output_tok": "mix/coding-agent-arknill.output_frac",
}
"""The measured mix of a coding agent, used where a claim gives none. All writes are taken as 5-minute ones."""


def amounts_of_claim(claim: Claim, catalog: Catalog, as_of: date) -> Amounts:
    """Tokens of a month that the claim's own prices value at its list figure, priced with the book of *as_of*.

    So a changed row in the book changes what the same tokens cost at list: the claim's figure is not
    simply copied. Without prices in the claim, the book's own are used to find the tokens.
    """
    model = catalog.find_model(claim.usage.model, where=claim.id)
    mix = measured_mix(catalog)
    book = _book_usd_per_tok(model, as_of, catalog)
    quoted = claim.usage.prices_usd_per_mtok
    prices = book if quoted is None else _quoted_usd_per_tok(quoted)
    total_tok = claim.usage.list_usd / sum(mix[column] * prices[column] for column in mix)
    tokens = {column: share * total_tok for column, share in mix.items()}
    group = Group(model, as_of.strftime("%Y-%m"), as_of)
    list_by_class = {column: tokens[column] * book[column] for column in tokens}
    sums = tokens | _context_sums(tokens, catalog) | {"list_usd": sum(list_by_class.values())}
    columns = {f"{group.prefix}:{unit}": np.array([amount]) for unit, amount in sums.items()}
    source = Source(
        f"{claim.id}: {claim.usage.tokens_by}",
        trust=claim.said.trust,
        status="claimed",
        as_of=claim.said.when.isoformat(),
    )
    return Amounts([TOTAL], [group], columns, {group.prefix: list_by_class}, source)


def measured_mix(catalog: Catalog) -> dict[str, float]:
    """Share of all tokens by usage column, from the proxied requests of one heavy user."""
    return {column: catalog.quantity(key).estimate.p50 for column, key in MIX.items()}


def comparable_over_list(comparable: Comparable, claim: Claim, catalog: Catalog) -> float:
    """The comparable's bill over the list bill, at the claim's own prices and the measured mix.

    A write costs the comparable's input price; a missing cached price means the full input price.
    """
    mix = measured_mix(catalog)
    model = catalog.find_model(claim.usage.model, where=claim.id)
    quoted = claim.usage.prices_usd_per_mtok
    listed = _book_usd_per_tok(model, claim.said.when, catalog) if quoted is None else _quoted_usd_per_tok(quoted)
    read = comparable.input if comparable.cache_read is None else comparable.cache_read
    theirs = {
        "cache_read_tok": read,
        "cache_write_5m_tok": comparable.input,
        "input_tok": comparable.input,
        "output_tok": comparable.output,
    }
    bill = sum(mix[column] * theirs[column] / TOK_PER_MTOK for column in mix)
    return bill / sum(mix[column] * listed[column] for column in mix)


def _quoted_usd_per_tok(prices: object) -> dict[str, float]:
    classes = {"cache_read_tok": "cache_read", "cache_write_5m_tok": "cache_write_5m"}
    names = classes | {"input_tok": "input", "output_tok": "output"}
    return {column: float(getattr(prices, name)) / TOK_PER_MTOK for column, name in names.items()}


def _book_usd_per_tok(model: str, as_of: date, catalog: Catalog) -> dict[str, float]:
    price = catalog.retail_on(model, as_of)
    pico = {
        "cache_read_tok": price.cache_read if price.cache_read is not None else price.input,
        "cache_write_5m_tok": price.cache_write_5m if price.cache_write_5m is not None else price.input,
        "input_tok": price.input,
        "output_tok": price.output,
    }
    return {column: value / PICO_PER_USD for column, value in pico.items()}


def _context_sums(tokens: dict[str, float], catalog: Catalog) -> dict[str, float]:
    """Context sums at the mean context of the same measurement: output hardly depends on context."""
    context_tok = catalog.quantity("mix/coding-agent-arknill.context_tok").estimate.p50
    held_s = catalog.quantity("mix/coding-agent-arknill.cache_held_s").estimate.p50
    new_tok = tokens["input_tok"] + tokens["cache_write_5m_tok"]
    return {
        "output_ctx_tok2": tokens["output_tok"] * context_tok,
        "new_ctx_tok2": new_tok * context_tok,
        "kv_resident_tok_s": (tokens["cache_read_tok"] + tokens["cache_write_5m_tok"]) * held_s,
    }
