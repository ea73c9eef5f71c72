"""The price of a mix as text, 80 columns wide: list over time, the market, the hosts, serving, what changed when."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from costbasis.reports.format import counted, interval, number, share, tokens, usd

WIDTH = 80
HOSTS = 24
"""Host lines that are printed; the rest are counted, and all are in the JSON."""
STAND_INS = 8
BAR = 24

_CLASSES = {
    "input": "fresh input",
    "cache_read": "cache reads",
    "cache_write_5m": "5-minute writes",
    "cache_write_1h": "1-hour writes",
    "cache_write_unknown": "writes of unknown lifetime",
    "output": "output",
}


def price_text(price: dict[str, Any], *, style: Callable[..., str]) -> str:
    """A ``costbasis.price/1`` object for the terminal."""
    lines = [
        style(f"{price['model']} on {price['as_of']}", bold=True),
        *_wrapped(_mix_line(price["mix"])),
        "",
        *_list_lines(price, style),
        *_market_lines(price, style),
        *_serving_lines(price),
        *_host_lines(price, style),
        *_history_lines(price, style),
    ]
    for warn in price["warnings"]:
        lines += _wrapped(f"Warning: {warn['kind']}: {warn['effect']}")
    lines += ["Market, serving: median (80 % interval). List is exact. --json has all."]
    return "\n".join(lines)


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=True, drop_whitespace=True)


def _mix_line(mix: dict[str, Any]) -> str:
    counts = {words: mix[name] for name, words in _CLASSES.items() if mix[name]}
    total = sum(counts.values())
    parts = ", ".join(f"{share(count / total)} {words}" for words, count in counts.items())
    says = " (a coding agent's, as measured; set your own with --input, --output, …)" if mix["is_default"] else ""
    return f"{tokens(total)} tokens: {parts}{says}; {tokens(mix['context_tok'])} tokens of prompt a request"


def _list_lines(price: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    rows = price["list"]
    if not rows:
        yield "List: this book holds no list price of it"
        yield ""
        return
    yield style(f"List over time ({price['vendor']})", bold=True)
    most = max(row["usd"].pico_usd for row in rows) or 1
    for row in _joined(rows):
        until = row["to"] or "now"
        since = row["from"] or "…"
        bar = "█" * max(1, round(BAR * row["usd"].pico_usd / most))
        mark = " long" if row["at_long_context"] else ""
        yield f"  {row['mode'][:10]:<10} {since:<10} – {until:<10} {_money(row['usd'].pico_usd):>14} {bar}{mark}"
    yield ""


def _joined(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with those made one that follow each other at the same price: what changed is not in this mix."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if found and found[-1]["to"] == row["from"] and _price(found[-1]) == _price(row):
            found[-1] = found[-1] | {"to": row["to"]}
        else:
            found.append(row)
    return found


def _price(row: dict[str, Any]) -> tuple[str, int, bool]:
    return row["mode"], row["usd"].pico_usd, row["at_long_context"]


def _money(pico_usd: int) -> str:
    """To the cent; below a dollar, to four places."""
    return usd(pico_usd) if pico_usd >= 10**12 else f"{pico_usd / 10**12:.4f}"


def _market_lines(price: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    market = price["market"]
    cached, uncached = market["cached_hosts"], market["uncached_hosts"]
    yield style("Market", bold=True) + (" (predicted: no host sells it on this day)" if market["predicted"] else "")
    if cached is None and uncached is None:
        yield "  cannot be determined: no comparable open model, or too few hosts"
        yield ""
        return
    for leaf, count, one, many in (
        (cached, market["n_cached"], "prices cached input", "price cached input"),
        (uncached, market["n_uncached"], "does not", "do not"),
    ):
        name = "hosts" if market["predicted"] else counted(count, "host")
        name += f" that {one if count == 1 and not market['predicted'] else many}"
        value = "none" if leaf is None else f"{number(leaf.estimate.p50)} ({interval(leaf.estimate)})"
        yield f"  {name:<36} {value}"
    if market["predicted"]:
        yield f"  share of hosts that would price cached input: {share(market['cached_share_frac'])}"
    elif not market["stands_for_itself"]:
        yield from _wrapped(f"  stand-ins by architecture and date: {_stand_ins(market['comparables'])}", "    ")
    if price["headline"]:
        yield f"  router's headline, shown apart: {number(price['headline']['usd'])}"
    yield ""


def _stand_ins(rows: list[dict[str, Any]]) -> str:
    named = [f"{row['model']} {share(max(row['weight_cached_frac'], row['weight_uncached_frac']))}" for row in rows]
    more = f" and {len(named) - STAND_INS} more" if len(named) > STAND_INS else ""
    return ", ".join(named[:STAND_INS]) + more


def _serving_lines(price: dict[str, Any]) -> Iterator[str]:
    serving, ratio = price["serving_usd"], price["list_over_serving"]
    if serving is None:
        yield "Serving: cannot be determined here (no route reaches the model)"
    else:
        over = "; no list price to set against it"
        if ratio is not None:
            over = f"; list is {number(ratio.estimate.p50)}× serving ({interval(ratio.estimate, '×')})"
        yield f"Serving {number(serving.estimate.p50)} ({interval(serving.estimate)}){over}"
    yield ""


def _host_lines(price: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    rows = price["offers"]
    if not rows:
        return
    own = price["market"]["stands_for_itself"] or all(row["model"] == price["model"] for row in rows)
    yield style("Hosts, cheapest first" if own else "Hosts of the stand-ins, heaviest model first", bold=True)
    order = {row["model"]: place for place, row in enumerate(price["market"]["comparables"])}
    shown = rows if own else sorted(rows, key=lambda row: (order.get(row["model"], len(order)), row["usd"]))
    yield style(f"  {'host':<23} {'model':<19} {'USD':>9} {'cached':<6} {'bits':<6} observed", dim=True)
    for row in shown[:HOSTS]:
        precision = (row["precision"] or "–") + ("" if row["faithful"] else "!")
        cached = "yes" if row["cached"] else "no"
        yield (
            f"  {row['host'][:23]:<23} {row['model'][:19]:<19} {number(row['usd'], 3):>9} {cached:<6} {precision:<6} "
            f"{row['observed'][:10]}"
        )
    if len(rows) > HOSTS:
        yield f"  and {len(rows) - HOSTS} more: --json lists them all"
    if any(not row["faithful"] for row in shown[:HOSTS]):
        yield "  ! fewer bits than the model's own weights: shown, not counted"
    yield ""


def _history_lines(price: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    if not price["history"]:
        return
    yield style("What changed and when", bold=True)
    for row in price["history"]:
        day = row["on"] or "before"
        yield from _wrapped(f"  {day:<10}  {row['mode']}: {row['says']}", " " * 14)
    yield ""
