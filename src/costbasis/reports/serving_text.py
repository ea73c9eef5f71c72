"""The cost to serve as text, in 80 columns, for someone who has never seen it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Any

from costbasis.quantity import Estimate
from costbasis.reports.format import interval, number, share
from costbasis.reports.leaf import Estimated

WIDTH = 80
CLASSES = {
    "input": "fresh input",
    "cache_read": "cached read",
    "cache_write_5m": "cache write, kept for 5 minutes",
    "cache_write_1h": "cache write, kept for an hour",
    "output": "output",
}
PARTS = ("attention", "experts", "weights", "communication", "overhead")


def serving_text(result: dict[str, Any], *, style: Callable[..., str]) -> str:
    """The object of ``costbasis serving`` as text."""
    return "\n".join(_lines(result, style))


def _lines(result: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    yield from _model(result, style)
    yield from _deployment(result, style)
    yield ""
    yield style(f"{'USD per million tokens, at this load':<44}{'middle':>10}   80 % interval", bold=True)
    for name, title in CLASSES.items():
        yield _row(title, result["usd_per_mtok"][name])
    attributed = result["attributed_usd_per_mtok"]
    if "cache_read" in attributed:
        yield _row("cached read, decode's reading of it included", attributed["cache_read"])
    yield from _parts(result, style)
    yield from _routes(result, style)
    yield from _owning(result, style)
    if result["frontier"]:
        yield from _frontier(result, style)
    yield ""
    moves = ", ".join(f"{driver['label']} {share(driver['share_frac'])}" for driver in result["drivers"][:5])
    yield from _folded(f"What moves the output price: {moves or 'nothing: every input is exact'}")
    if result["refused"]:
        yield from _refused(result)
    for warning in result["warnings"]:
        yield from _folded(f"note: {warning['first']}; {warning['effect']}")
    seed, short = result["seed"], result["catalogue_sha256"][:8]
    yield f"seed {seed} · as of {result['as_of']} · catalogue {short} · version {result['version']}"


def _estimate(leaf: Estimated) -> Estimate:
    return leaf.estimate


def _row(title: str, leaf: Estimated) -> str:
    estimate = _estimate(leaf)
    return f"  {title:<42}{number(estimate.p50):>10}   {interval(estimate)}".rstrip()


def _folded(text: str, indent: str = "  ") -> Iterator[str]:
    yield from wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _billions(leaf: Estimated) -> str:
    low, middle, high = (number(value / 1e9) for value in leaf.estimate[:3])
    return middle if low == high else f"{low} – {high} (middle {middle})"


def _model(result: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    guess = result["hypothesis"]
    if guess is None:
        yield style(f"{result['model']}: what its tokens cost to serve", bold=True)
        return
    yield style(f"{result['model']}: a hypothesis (trust {guess['trust']}, {guess['status']})", bold=True)
    if guess["status"] == "estimated":
        yield "Its size was published, stated or leaked; the rest of its architecture was"
        yield "not. Everything below rests on this:"
    else:
        yield "Nobody has published its architecture. Everything below rests on this:"
    yield f"  active parameters, B      {_billions(guess['active_param_count'])}"
    yield f"  total parameters, B       {_billions(guess['total_param_count'])}"
    kv = guess["bf16_kv_bytes_per_tok"].estimate
    yield f"  KV cache, kB a token      {number(kv.p10 / 1e3)} – {number(kv.p90 / 1e3)} at BF16"
    weights = ", ".join(f"{name} {share(chance)}" for name, chance in guess["precision"].items())
    yield f"  weights                   {weights}"
    yield from _folded(f"  hardware                  {', '.join(guess['hardware'])}", " " * 28)
    for step in guess["reasoning"]:
        yield from _folded(f"  · {step}", "    ")
    if guess["redrawn_frac"]:
        yield from _folded(
            f"  · {share(guess['redrawn_frac'])} of draws could not be served as fast as users see it on their "
            "machine, and were drawn again from those that can",
            "    ",
        )
    yield ""


def _deployment(result: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    where, load, got = result["deployment"], result["workload"], result["yield"]
    others = len(where["all"]) - 1
    more = f" ({share(where['all'][0]['share_frac'])} of draws; {others} more)" if others else ""
    yield from _folded(f"Served on   {where['title']}{more}", " " * 12)
    yield from _folded(
        f"Load        {load['name']}: {load['isl_tok']:,.0f} tokens in, {share(load['cached_frac'])} of them cached; "
        f"{load['osl_tok']:,.0f} out",
        " " * 12,
    )
    tpot, batch = got["tpot_ms"].estimate.p50, got["batch"].estimate.p50
    yield from _folded(
        f"Speed       {number(tpot)} ms a token ({number(1e3 / tpot)} tok/s for each user), "
        f"{number(batch)} requests at once on a rank",
        " " * 12,
    )
    yield from _folded(
        f"Yield       {got['prefill_tok_per_s_per_accel'].estimate.p50:,.0f} prefill and "
        f"{got['decode_tok_per_s_per_accel'].estimate.p50:,.0f} decode tok/s per accelerator while at it",
        " " * 12,
    )
    yield f"Software    as fast as in {where['software']}"
    hired, useful = where["hired_usd_per_accel_hour"].estimate, where["useful_usd_per_accel_hour"].estimate
    spread = "" if hired.p10 == hired.p90 else f" ({interval(hired)})"
    yield from _folded(
        f"Hire        ${number(hired.p50)} per accelerator-hour{spread}; with idle hours ${number(useful.p50)} "
        "a useful one",
        " " * 12,
    )
    yield from _folded(
        f"Searched    {where['layouts_searched']} layouts, each draw on its best; one for all draws would be "
        f"{share(where['regret_frac'])} dearer"
        if where["regret_frac"]
        else f"Searched    {where['layouts_searched']} layout{'' if where['layouts_searched'] == 1 else 's'}",
        " " * 12,
    )


def _parts(result: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    parts = {name: leaf.estimate.mean for name, leaf in result["parts"].items()}
    whole = parts["prefill"] + parts["decode"] + parts["cache"]
    yield ""
    yield style(f"One request costs ${number(whole)} on average", bold=True)
    cut = ", ".join(f"{name} {share(parts[name] / whole)}" for name in ("prefill", "decode", "cache"))
    yield from _folded(f"  by phase: {cut}", "    ")
    work = ", ".join(f"{name} {share(parts[name] / whole)}" for name in PARTS)
    yield from _folded(f"  by work:  {work}", "    ")


def _routes(result: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    yield ""
    yield style(f"{'Routes to the same number, USD a request':<44}{'middle':>10}   80 % interval", bold=True)
    for name, leaf in result["routes"].items():
        if leaf is None:
            yield from _folded(f"  {name:<10} – {result['route_says'][name]}", "             ")
        else:
            yield _row("all of them, pooled" if name == "pooled" else name, leaf)
    if result["routes"].get("measured") is not None:
        yield from _folded(f"  measured: {result['route_says']['measured']}", "    ")
    left = " · ".join(f"{name} {number(value)}" for name, value in result["without"].items())
    if left:
        yield from _folded(f"  pooled without one: {left}", "    ")
    listed = result["list_usd_per_request"]
    if listed is not None:
        ratio = result["list_over_serving"].estimate
        yield from _folded(
            f"  list price of the request {number(listed.estimate.p50)}: {number(ratio.p50)}× the pool "
            f"({interval(ratio, '×')})",
            "    ",
        )


def _owning(result: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    yield ""
    yield style("Owning instead of hiring, USD per accelerator-hour", bold=True)
    for name, found in result["owning"].items():
        if "refused" in found:
            yield from _folded(f"  {name:<14} – {found['refused']}", " " * 17)
            continue
        own, more = found["owned_usd_per_accel_hour"].estimate, found["marginal_usd_per_accel_hour"].estimate
        yield from _folded(
            f"  {name:<14} {number(own.p50)} ({interval(own)}); an hour of work on one held anyway adds "
            f"{number(more.p50)}",
            " " * 17,
        )


def _frontier(result: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    yield ""
    yield style("The faster, the dearer: USD per million tokens against speed", bold=True)
    yield f"  {'tok/s a user':>12} {'input':>8} {'output':>8}   cheapest deployment"
    for point in result["frontier"]:
        price = point["usd_per_mtok"]
        cells = (number(point["tok_per_s_per_user"], 3), number(price["input"]), number(price["output"]))
        line = f"  {cells[0]:>12} {cells[1]:>8} {cells[2]:>8}   {point['deployment']}"
        yield from wrap(line, WIDTH, subsequent_indent=" " * 35, break_long_words=False, drop_whitespace=False)


def _refused(result: dict[str, Any]) -> Iterator[str]:
    first = result["refused"][0]
    yield from _folded(
        f"Cannot serve: {result['refused_count']} layouts, such as {first['deployment']}: {first['reason']}"
    )
