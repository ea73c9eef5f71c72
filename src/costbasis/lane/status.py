"""One line for an agent's status bar, from what the ledger knew when it last changed. The standard library alone."""

from __future__ import annotations

import os
import sys
import time

from costbasis.lane.answers import holding
from costbasis.lane.json_value import value_of
from costbasis.lane.question import code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

COMMAND = "statusline"
BLOCK_MS = 5 * 3_600_000
LEAST_BURN_MS = 600_000
"""A burn rate of fewer minutes than ten says little; the first ten are rated as ten."""

NO_JSON = "costbasis: no session data (the agent's JSON is expected on stdin)"

FACTS = ("session_usd", "today_usd", "month_usd", "block_usd", "block_start_ms", "lower", "plan_usd")
"""``session_usd``, ``today_usd``, ``month_usd``, ``block_usd`` (list USD; absent where there is no usage), the
``block_start_ms``, the ``lower`` ones of them (some requests have no price), and ``plan_usd`` a month."""


def plan_of(arguments: Sequence[str]) -> str | None:
    """The plan asked for, "" without one; None where something else is asked, for the whole command line to answer.

    >>> plan_of(["statusline"]), plan_of(["statusline", "--plan", "anthropic/pro"]), plan_of(["statusline", "--help"])
    ('', 'anthropic/pro', None)
    """
    if list(arguments[:1]) != [COMMAND]:
        return None
    rest = list(arguments[1:])
    if not rest:
        return ""
    if len(rest) == 2 and rest[0] == "--plan":
        return rest[1]
    return rest[0].removeprefix("--plan=") if len(rest) == 1 and rest[0].startswith("--plan=") else None


def session_of(text: str) -> dict[str, Any] | None:
    """What the agent says of its session; None where it is no JSON object."""
    try:
        said = value_of(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def status_question(session: str, plan: str, environ: Mapping[str, str]) -> str:
    """What the facts depend on beside the logs: the session, the local day, the plan, the code and its facts."""
    zone = [str(environ.get("TZ")), os.path.realpath("/etc/localtime")]
    return "\0".join([COMMAND, session, plan, time.strftime("%Y-%m-%d"), *zone, environ.get("HOME", ""), code()])


def find_status(arguments: Sequence[str], environ: Mapping[str, str], text: str) -> str | None:
    """The line, where the ledger has the facts for it and no log has changed since."""
    plan, said = plan_of(arguments), session_of(text)
    if plan is None or said is None:
        return None
    session = str(said.get("session_id") or "")
    kept = holding([], lambda: status_question(session, plan, environ), environ)
    return None if kept is None else line_of(value_of(kept[0]), said, int(time.time() * 1000))


def line_of(facts: Mapping[str, Any], said: Mapping[str, Any], now_ms: int) -> str:
    """The line: model, list USD of the session, of today and of the block, time left, burn rate, plan, context.

    >>> facts = {"session_usd": 1.234, "today_usd": 4.5, "block_usd": 3.0, "block_start_ms": 0, "lower": ["today_usd"]}
    >>> line_of(facts, {"model": {"display_name": "Opus"}, "context_window": {"used_percentage": 34}}, 7_200_000)
    'Opus | list $1.23 session, ≥$4.50 today, $3.00 block with 3h00m left, $1.50/h | context 34 %'
    >>> line_of({"lower": []}, {}, 0)
    'list $– session, $– today, no open block'
    """
    parts = [f"{usd(facts, 'session_usd')} session", f"{usd(facts, 'today_usd')} today", *_block(facts, now_ms)]
    if facts.get("plan_usd") and facts.get("month_usd") is not None:
        parts.append(f"{usd(facts, 'month_usd')} this month, {facts['month_usd'] / facts['plan_usd']:.1f}× the plan")
    model, context = _model(said), _context_percent(said)
    ends = [] if context is None else [f"context {context:.0f} %"]
    return " | ".join([*([model] if model else []), f"list {', '.join(parts)}", *ends])


def usd(facts: Mapping[str, Any], name: str) -> str:
    """Money as it is shown: a dash where there is none, ≥ where some requests have no price."""
    if facts.get(name) is None:
        return "$–"
    return f"{'≥' if name in facts['lower'] else ''}${facts[name]:,.2f}"


def _block(facts: Mapping[str, Any], now_ms: int) -> list[str]:
    start = facts.get("block_start_ms")
    if start is None or not start <= now_ms < start + BLOCK_MS or facts.get("block_usd") is None:
        return ["no open block"]
    minutes = (start + BLOCK_MS - now_ms) // 60_000
    per_hour = facts["block_usd"] * 3_600_000 / max(now_ms - start, LEAST_BURN_MS)
    left = f"{minutes // 60}h{minutes % 60:02d}m left"
    return [f"{usd(facts, 'block_usd')} block with {left}", f"${per_hour:,.2f}/h"]


def _model(said: Mapping[str, Any]) -> str:
    model = said.get("model")
    name = (model.get("display_name") or model.get("id")) if isinstance(model, dict) else model
    return " ".join(name.split()) if isinstance(name, str) else ""


def _context_percent(said: Mapping[str, Any]) -> float | None:
    """The share of the context window in use: as the agent says it, else from the tokens of its last request."""
    window = said.get("context_window")
    if not isinstance(window, dict):
        return None
    stated, size, use = window.get("used_percentage"), window.get("context_window_size"), window.get("current_usage")
    if isinstance(stated, int | float) and not isinstance(stated, bool) and 0 <= stated <= 1000:
        return float(stated)
    if not isinstance(size, int) or size <= 0 or not isinstance(use, dict):
        return None
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    counts = [use.get(name) for name in names]
    return 100 * sum(count for count in counts if isinstance(count, int) and count > 0) / size


ALREADY_READ: list[str] = []
"""What the lane read of stdin before it found that it has no answer."""


def read_stdin() -> str:
    """What the agent wrote; nothing where a person sits there."""
    if ALREADY_READ:
        return ALREADY_READ.pop()
    return "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read().decode("utf-8", "replace")
