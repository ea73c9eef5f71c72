"""A frame of the live view: as an object, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from costbasis.catalog import Plan
from costbasis.catalog.limits import Limit
from costbasis.formulas.billing import cost_over_list
from costbasis.reports.format import aligned, number, tokens, usd
from costbasis.usage.live import RECENT_S, Live, Rate, Stretch, rate_of
from costbasis.usage.pricing.cells import usd_text

SCHEMA = "costbasis.watch/1"

CLASSES = ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output", "reasoning")

S_PER_MIN, S_PER_HOUR = 60, 3600

NOT_IN_LOGS = {
    "prompts": "the logs count requests, and a prompt makes many",
    "hours": "the logs do not say how the vendor counts hours of a model",
}
"""Units of limits that usage cannot be put in."""

WITHIN, MAY, WILL, OVER = "within", "may be reached", "will be reached", "reached"


def watch_object(live: Live, read_bytes: int, plan: Plan | None, limits: Sequence[Limit]) -> dict[str, Any]:
    """The ``costbasis.watch/1`` object of one moment. Projections assume that the mean rate so far goes on."""
    block = None if live.block is None else _block(live.block, live)
    month = _stretch(live.month) | {
        "projected": _projected(rate_of(live.month, live.at_ms, since_ms=live.month.start_ms))
    }
    return {
        "schema": SCHEMA,
        "at": _moment(live.at_ms),
        "tz": live.tz,
        "read_bytes": read_bytes,
        "block": block,
        "day": _stretch(live.day),
        "week": _stretch(live.week),
        "month": month,
        "plan": None if plan is None else _plan(plan, limits, live),
    }


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")


def _stretch(stretch: Stretch) -> dict[str, Any]:
    return {
        "from": _moment(stretch.start_ms),
        "to": _moment(stretch.end_ms),
        "requests": stretch.requests,
        "unpriced_requests": stretch.unpriced_requests,
        "tokens": dict(zip(CLASSES, stretch.counts, strict=True)),
        "list_usd": usd_text(stretch.list_pico_usd),
    }


def _block(block: Stretch, live: Live) -> dict[str, Any]:
    rate = rate_of(block, live.at_ms)
    recent = rate_of(live.recent, live.at_ms, since_ms=live.at_ms - RECENT_S * 1000)
    return _stretch(block) | {
        "burn": _burn(rate),
        "burn_last_10_min": _burn(recent),
        "projected": _projected(rate),
    }


def _burn(rate: Rate) -> dict[str, float]:
    return {
        "tok_per_min": round(rate.tok_per_s * S_PER_MIN, 1),
        "list_usd_per_hour": round(rate.usd_per_s * S_PER_HOUR, 6),
    }


def _projected(rate: Rate) -> dict[str, float]:
    return {"tokens": round(rate.projected_tok), "list_usd": round(rate.projected_usd, 6)}


def _plan(plan: Plan, limits: Sequence[Limit], live: Live) -> dict[str, Any]:
    return {
        "plan": plan.key,
        "name": plan.name,
        "price_usd_per_month": plan.price.estimate.p50,
        "limits": [_limit(limit, live) for limit in limits],
    }


def _limit(limit: Limit, live: Live) -> dict[str, Any]:
    """A limit beside what is used of it. Where several readings of a limit disagree, each is shown."""
    low, mid, high = (getattr(limit.amount.estimate, name) for name in ("p10", "p50", "p90"))
    said: dict[str, Any] = {
        "window": limit.window,
        "unit": limit.unit,
        "limit": {"p10": low, "p50": mid, "p90": high},
        "trust": limit.source.trust,
        "source": limit.source.citation,
        "used": None,
        "projected": None,
        "used_over_limit": None,
    }
    stretch = {"5h": live.block, "week": live.week, "month": live.month}.get(limit.window)
    if limit.unit in NOT_IN_LOGS:
        return said | {"state": f"cannot be determined: {NOT_IN_LOGS[limit.unit]}"}
    if stretch is None:
        return said | {"state": "no block is running"}
    used, projected = _in_unit(limit, stretch, live)
    said |= {"used": used, "projected": projected, "used_over_limit": round(float(cost_over_list(used, mid)), 4)}
    return said | {"state": _state(used, projected, low, high)}


def _in_unit(limit: Limit, stretch: Stretch, live: Live) -> tuple[float, float]:
    since = None if limit.window == "5h" else stretch.start_ms
    rate = rate_of(stretch, live.at_ms, since_ms=since)
    if limit.unit == "tokens":
        return float(stretch.tokens), rate.projected_tok
    if limit.unit == "requests":
        grown = rate.projected_tok / stretch.tokens if stretch.tokens else 1.0
        return float(stretch.requests), stretch.requests * grown
    each = limit.usd_per_unit or 1.0
    return stretch.list_usd / each, rate.projected_usd / each


def _state(used: float, projected: float, low: float, high: float) -> str:
    if used > high:
        return OVER
    if projected > high:
        return WILL
    return MAY if projected > low else WITHIN


def watch_text(frame: dict[str, Any]) -> str:
    """The same for people."""
    local = ZoneInfo(frame["tz"])
    at = datetime.fromisoformat(frame["at"])
    lines = [f"costbasis watch  {at.astimezone(local):%Y-%m-%d %H:%M:%S} ({frame['tz']})", ""]
    lines += _block_lines(frame["block"], at, local)
    rows = [["", "requests", "tokens", "list USD"]]
    rows += [[f"this {name}", *_counted(frame[name])] for name in ("day", "week", "month")]
    lines += ["", *aligned(rows)]
    lines += [f"  at this pace the month ends at {_usd(frame['month']['projected']['list_usd'])} USD"]
    if frame["plan"] is not None:
        lines += ["", *_plan_lines(frame["plan"])]
    unpriced = frame["month"]["unpriced_requests"]
    if unpriced:
        lines += ["", f"≥ leaves out requests without a list price: {unpriced:,} this month"]
    return "\n".join(lines)


def _counted(stretch: dict[str, Any]) -> list[str]:
    counts = sum(count for name, count in stretch["tokens"].items() if name != "reasoning")
    at_least = "≥ " if stretch["unpriced_requests"] else ""
    return [f"{stretch['requests']:,}", tokens(counts), f"{at_least}{_usd(float(stretch['list_usd']))}"]


def _block_lines(block: dict[str, Any] | None, at: datetime, local: ZoneInfo) -> list[str]:
    if block is None:
        return ["No five-hour block is running: the next begins with the next request."]
    begins, ends = (datetime.fromisoformat(block[name]) for name in ("from", "to"))
    left_min = max(int((ends - at).total_seconds()), 0) // S_PER_MIN
    requests, counted, listed = _counted(block)
    rows = [["", "tokens", "list USD", "tokens/min", "list USD/h"]]
    burn, recent, projected = block["burn"], block["burn_last_10_min"], block["projected"]
    rows.append(["so far", counted, listed, tokens(burn["tok_per_min"]), _usd(burn["list_usd_per_hour"])])
    rows.append(["last 10 min", "", "", tokens(recent["tok_per_min"]), _usd(recent["list_usd_per_hour"])])
    rows.append(["at its end", tokens(projected["tokens"]), _usd(projected["list_usd"]), "", ""])
    span = f"{begins.astimezone(local):%H:%M} – {ends.astimezone(local):%H:%M}"
    head = f"Block {span}, {left_min // 60} h {left_min % 60:02d} min left, {requests} requests"
    return [head, *aligned(rows)]


def _plan_lines(plan: dict[str, Any]) -> list[str]:
    lines = [f"{plan['name']}, {plan['price_usd_per_month']:,.0f} USD a month"]
    if not plan["limits"]:
        return [*lines, "  cannot be determined: no limit of this plan is known"]
    for limit in plan["limits"]:
        low, high = number(limit["limit"]["p10"], 3), number(limit["limit"]["p90"], 3)
        known = low if low == high else f"{low} – {high}"
        used = (
            ""
            if limit["used"] is None
            else f"{number(limit['used'], 3)} used, {number(limit['projected'], 3)} at its end, "
        )
        unit = "list USD" if limit["unit"] == "usd" else limit["unit"]
        lines.append(f"  {limit['window']:<5} {used}limit {known} {unit} (trust {limit['trust']}): {limit['state']}")
    return lines


def _usd(value: float) -> str:
    return usd(round(value * 1e12))
