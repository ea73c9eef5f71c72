"""What if another share of the prompts had been read from a cache: the same requests, re-split, priced as before.

Set ``usage/prompt.cached_frac`` to ask it. The prompt of every request stays as long as it is, so do its output and the
proportions among the tokens that are not read. A class that was not billed before costs what the book says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from costbasis.catalog import Catalog
from costbasis.errors import BadOverride
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue, PriceWarning
from costbasis.usage.pricing.epochs import short_prices

KEY = "usage/prompt.cached_frac"

FRESH = ("input_tok", "cache_write_5m_tok", "cache_write_1h_tok", "cache_write_unknown_tok")
"""The classes of a prompt that are not read from a cache."""


def cached_frac_asked(catalog: Catalog) -> float | None:
    """The share of prompt tokens read from a cache that a user asks for; None where usage stays as counted.

    Errors: :class:`~costbasis.errors.BadOverride` for anything but one share.
    """
    over = catalog.asked(KEY)
    if over is None:
        return None
    if not over.is_exact or not 0 <= over.mid <= 1:
        raise BadOverride(f"{KEY} takes one share, 0 to 1", where="--set", hint=f"--set {KEY}=0.9")
    return over.mid


def resplit(tokens: Mapping[str, float], cached_frac: float) -> dict[str, float]:
    """The classes of a prompt with *cached_frac* of it read from a cache; others as they are.

    >>> resplit({"input_tok": 10.0, "cache_write_5m_tok": 30.0, "cache_read_tok": 60.0, "output_tok": 5.0}, 0.75)
    {'input_tok': 6.25, 'cache_write_5m_tok': 18.75, 'cache_read_tok': 75.0, 'output_tok': 5.0}
    >>> resplit({"cache_read_tok": 10.0}, 0.5)
    {'cache_read_tok': 5.0, 'input_tok': 5.0}
    """
    fresh = sum(tokens.get(name, 0.0) for name in FRESH)
    prompt = fresh + tokens.get("cache_read_tok", 0.0)
    found = dict(tokens) | {"cache_read_tok": cached_frac * prompt}
    if fresh == 0:
        return found | ({"input_tok": (1 - cached_frac) * prompt} if cached_frac < 1 else {})
    times = (1 - cached_frac) * prompt / fresh
    return found | {name: times * tokens[name] for name in FRESH if name in tokens}


def recached(cells: Sequence[Cell], catalog: Catalog, as_of: date) -> tuple[Sequence[Cell], Iterable[PriceWarning]]:
    """The cells as they would be, and the warning that says so; as they are where nobody asks.

    Errors: those of :func:`cached_frac_asked`.
    """
    share = cached_frac_asked(catalog)
    if share is None:
        return cells, ()
    changed = [_recached(cell, share, catalog, as_of) for cell in cells]
    count = sum(cell.requests for cell in cells)
    effect = f"{100 * share:.3g} % of every prompt is taken as read from a cache: a what-if, not what was counted"
    return changed, [PriceWarning("cache share set", count, "", effect)]


def _recached(cell: Cell, share: float, catalog: Catalog, as_of: date) -> Cell:
    old = cell.counts
    split = resplit({name: float(getattr(old, name)) for name in (*FRESH, "cache_read_tok")}, share)
    counts = old._replace(**{name: round(count) for name, count in split.items()})
    new, before = counts.prompt_tok - counts.cache_read_tok, old.prompt_tok - old.cache_read_tok
    prompt = old.prompt_tok / max(1, cell.requests)
    read_then = _of_context(before / max(1, cell.requests), prompt)
    read_now = _of_context(new / max(1, cell.requests), prompt)
    kept_then, kept_now = old.cache_read_tok + old.cache_write_tok, counts.cache_read_tok + counts.cache_write_tok
    return cell.but(
        counts=counts,
        value=None if cell.value is None else _value(cell, cell.value, counts, catalog, as_of),
        new_ctx_tok2=cell.new_ctx_tok2 * read_now / read_then if read_then else cell.requests * read_now,
        kv_resident_tok_s=cell.kv_resident_tok_s * (kept_now / kept_then if kept_then else 1.0),
    )


def _of_context(new_tok: float, prompt_tok: float) -> float:
    """Pairs of a new token and one that it reads, in a request: all before the new ones, and half of these."""
    return new_tok * (prompt_tok - new_tok / 2)


def _value(cell: Cell, value: ListValue, counts: TokenCounts, catalog: Catalog, as_of: date) -> ListValue:
    """Each class at what a token of it was billed at; one that was not billed, at the book's price."""
    prices = short_prices(catalog.retail_on(cell.model, as_of))
    book = {"input": prices.input, "cache_read": prices.cache_read}

    def billed(name: str, old_pico: int) -> int:
        old: int = getattr(cell.counts, f"{name}_tok")
        new: int = getattr(counts, f"{name}_tok")
        return round(old_pico * new / old) if old else new * book.get(name, 0)

    worth = {name: billed(name, getattr(value, name)) for name in
             ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read")}  # fmt: skip
    most = billed("cache_write_unknown", value.cache_write_unknown_max)
    return value.but(**worth, cache_write_unknown_max=most)
