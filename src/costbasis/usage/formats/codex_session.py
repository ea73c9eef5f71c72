"""One Codex session, line by line: what each token count adds, and which of them replay its parent's.

A fork begins with its parent's history, written anew at the moment of the fork. The turns' own start times tell
it: turns that began before the session did are the parent's, whether its log is there or not. Where no turn says
when it began, the history is the burst of counts without a second's pause that the fork begins with.
"""

from __future__ import annotations

from typing import Any

import msgspec

from costbasis.usage.events import UsageEvent
from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, object_of, text_of, told_call
from costbasis.usage.formats.codex_totals import ZERO, Totals, totals_of
from costbasis.usage.formats.logline import time_ms_of

BY_TOTALS = "session and cumulative totals"
BY_TIME = "session, time and counts"
BY_RESPONSE = "response id of a compaction"
REPLAYED = "replayed from the parent's session"

CLOCK_SLACK_S = 60
"""A live turn may be stamped a little before the session's own first line."""
BURST_PAUSE_MS = 1000
"""A history is written at one go; the first answer after it takes longer than this."""

MARKERS = (
    b'"token_count"', b'"session_meta"', b'"turn_context"', b'"task_started"', b'"thread_settings_applied"',
    b'"token_usage_record"', b'"compacted"', b'"trigger_turn"',
)  # fmt: skip

_TIERS = {"default": "standard", "auto": "standard", "fast": "priority"}


class _Compaction(msgspec.Struct):
    """A request that compacted the context: it may or may not be in the session's totals."""

    event: UsageEvent
    usage: Totals
    thread: Totals | None


class Session(msgspec.Struct):
    """What the lines so far say. *replay* is None as long as a fork has not told whether it replays."""

    agent: str
    id: str
    project: str = ""
    model: str = ""
    mode: str = "standard"
    began_s: float = 0.0
    is_fork: bool = False
    has_parent: bool = False
    replay: bool | None = False
    totals: Totals = ZERO
    has_totals: bool = False
    resets: int = 0
    events: list[UsageEvent] = []
    undecided: list[UsageEvent] = []
    replayed: list[int] = []
    compactions: dict[str, _Compaction] = {}
    compacted: set[str] = set()
    latest: str = ""

    def take(self, said: dict[str, Any], origin: str) -> None:
        """What one line says.

        Errors: :class:`~costbasis.usage.formats.logline.BadLine` for counts that cannot be used.
        """
        payload = object_of(said.get("payload"))
        kind = payload.get("type") if said.get("type") == "event_msg" else said.get("type")
        if kind == "session_meta":
            self._take_meta(payload, said.get("timestamp"))
        elif kind == "turn_context":
            self.model = text_of(payload.get("model")) or self.model
        elif kind == "task_started":
            self._take_turn(payload.get("started_at"))
        elif payload.get("trigger_turn") is True and self.is_fork:
            self._end_replay()
        elif kind == "thread_settings_applied":
            tier = text_of(object_of(payload.get("thread_settings")).get("service_tier"))
            self.mode = _TIERS.get(tier, tier) or self.mode
        elif kind == "token_count" and isinstance(payload.get("info"), dict):
            self._take_count(payload["info"], said.get("timestamp"), origin)
        elif kind == "token_usage_record":
            self._take_record(payload, said.get("timestamp"), origin)
        elif kind == "compacted":
            self._take_compacted(text_of(payload.get("compaction_response_id")))

    def finish(self) -> list[UsageEvent]:
        """The session's own requests, once all lines are told."""
        if self.undecided:
            burst = len(self.undecided) if self.replay else _burst(self.undecided, self.has_parent)
            self.replayed += [event.offset for event in self.undecided[:burst]]
            self.events = [*self.undecided[burst:], *self.events]
        return self.events

    def _take_meta(self, payload: dict[str, Any], time: object) -> None:
        """The first such line is the session's own; a later one is a parent's, whose history follows."""
        if self.began_s:
            self.has_parent = True
            return
        self.id = text_of(payload.get("id")) or self.id
        self.project = text_of(payload.get("cwd"))
        spawn = object_of(object_of(object_of(payload.get("source")).get("subagent")).get("thread_spawn"))
        self.is_fork = bool(text_of(payload.get("forked_from_id")) or text_of(spawn.get("parent_thread_id")))
        self.replay = None if self.is_fork else False
        self.began_s = time_ms_of(payload.get("timestamp") or time) / 1000

    def _take_turn(self, started: object) -> None:
        """A turn that began before the session did is replayed, a later one is live."""
        if not self.is_fork or isinstance(started, bool) or not isinstance(started, int | float):
            return
        if started >= self.began_s - CLOCK_SLACK_S:
            self._end_replay()
        elif self.replay is None:
            self.replay = True

    def _end_replay(self) -> None:
        if self.replay is not False:
            self.replayed += [event.offset for event in self.undecided]
            self.undecided, self.replay = [], False

    def _take_count(self, info: dict[str, Any], time: object, origin: str) -> None:
        totals, last = totals_of(info.get("total_token_usage")), totals_of(info.get("last_token_usage"))
        if (totals is None and last is None) or (totals is not None and totals == self.totals):
            return  # nothing told, or written again without a new response
        self._settle_compaction(totals, last)
        added = self._added(totals, last)
        if self.replay:
            self.replayed.append(int(origin.rpartition(":")[2]))
            return
        time_ms = time_ms_of(time)
        key, rule = f"c:{self.id}|{time_ms}|{'/'.join(map(str, added))}", BY_TIME
        if totals is not None:
            key, rule = f"c:{self.id}|{self.resets}|{'/'.join(map(str, totals))}", BY_TOTALS
        model = text_of(info.get("model")) or self.model
        event = self._call(added, model, time_ms, key, rule, origin)
        (self.undecided if self.replay is None else self.events).append(event)

    def _added(self, totals: Totals | None, last: Totals | None) -> Totals:
        """What this count adds: the growth of the totals; after a reset, the response's own count, else the total.

        The first total of a fork may hold its parent's: then the response's own count is all that is its own.
        """
        if totals is None:
            return last or Totals()
        grown, is_first = totals.since(self.totals), not self.has_totals
        self.totals, self.has_totals = totals, True
        if grown is None:
            self.resets += 1
            return last or totals
        return last if is_first and self.is_fork and last is not None and not self.replay else grown

    def _call(self, counts: Totals, model: str, time_ms: int, key: str, rule: str, origin: str) -> UsageEvent:
        return told_call(
            counts.by_class(),
            model or MODEL_NOT_LOGGED,
            time_ms,
            agent=self.agent,
            session=self.id,
            key=key,
            rule=rule,
            origin=origin,
            provider="openai",
            mode=self.mode,
            project=self.project,
        )

    def _take_record(self, payload: dict[str, Any], time: object, origin: str) -> None:
        """Usage of one response, told apart; it counts if the response compacted the context."""
        usage, response = totals_of(payload.get("usage")), text_of(payload.get("response_id"))
        self.latest = response
        if not response or usage is None or usage == Totals() or self.replay:
            return
        model = text_of(payload.get("model")) or self.model
        event = self._call(usage, model, time_ms_of(time), f"c:{response}", BY_RESPONSE, origin)
        self.compactions.setdefault(response, _Compaction(event, usage, totals_of(payload.get("thread_token_usage"))))
        self._count_compaction(response)

    def _take_compacted(self, response: str) -> None:
        self.compacted.add(response)
        self._count_compaction(response)

    def _count_compaction(self, response: str) -> None:
        if response in self.compacted and response in self.compactions:
            self.events.append(self.compactions.pop(response).event)

    def _settle_compaction(self, totals: Totals | None, last: Totals | None) -> None:
        """A count that tells the latest record's usage once more holds it: some compactions are in the totals."""
        record = self.compactions.get(self.latest)
        if record is None:
            return
        grown = totals.since(self.totals) if totals is not None else None
        if record.usage in (last, grown) or (totals is not None and record.thread == totals):
            del self.compactions[self.latest]


def _burst(events: list[UsageEvent], is_certain: bool) -> int:
    """How many of the first events follow each other without a pause; a single one is no burst unless *is_certain*."""
    length = 1
    while length < len(events) and 0 <= events[length].time_ms - events[length - 1].time_ms <= BURST_PAUSE_MS:
        length += 1
    return length if length > 1 or is_certain else 0
