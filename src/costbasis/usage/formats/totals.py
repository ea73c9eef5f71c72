"""Agents that keep only totals of a session: shared out evenly over its answers, each dated by its own time.

The sum is exact. What a single request held is not known, and so neither are the hours and days of a long
session: the rule says so, and every report shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import shares, told_call
from costbasis.usage.ledger.dedupe import BY_SHARE
from costbasis.usage.readers import SESSION_TOTALS, Caveat

__all__ = ["BY_SHARE", "SHARED", "shared_out"]

SHARED = Caveat(
    SESSION_TOTALS, "exact by session; shared evenly over its answers, so days and long-context prices are not"
)


def shared_out(
    total: TokenCounts,
    model: str,
    times_ms: Sequence[int],
    *,
    agent: str,
    session: str,
    key: str,
    origin: str,
    provider: str = "",
    mode: str = "standard",
    project: str = "",
    partial_output: bool = False,
) -> Iterator[UsageEvent]:
    """A share of *total* for each of *times_ms*; none where there is nothing to share."""
    if total == TokenCounts():
        return
    for part, (counts, time_ms) in enumerate(zip(shares(total, len(times_ms)), times_ms, strict=True)):
        yield told_call(
            counts,
            model,
            time_ms,
            agent=agent,
            session=session,
            key=f"{key}+{part}",
            rule=BY_SHARE,
            origin=origin,
            provider=provider,
            mode=mode,
            project=project,
            partial_output=partial_output,
        )
