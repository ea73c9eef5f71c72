"""A model call as a gateway, a tracer or a provider's report tells it, and whether its input holds the cached tokens.

Some sources count tokens read from a cache within the input, others beside it, and some leave it to whoever wrote
the record. So the flag is kept by emitter, and where nobody sets it the records themselves decide: an emitter of which
one record has more cached tokens than input, or a total that only adds up with them beside it, counts them beside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import text_of
from costbasis.usage.formats.export_rows import rows_of
from costbasis.usage.formats.json_log import decoded
from costbasis.usage.formats.logline import BAD_COUNT, BAD_TIME, PART_ABOVE_WHOLE, BadLine, epoch_ms, whole
from costbasis.usage.readers import FileReading

WITHIN, BESIDE = "cache within input", "cache beside input"
"""What a rule ends in: how the emitter counts cached tokens."""


class Call(NamedTuple):
    """What one row says. *prompt*: as it is written; *total*: of all tokens, where it is told.

    *within*: whether the prompt holds the cached tokens, None where the source leaves it open. *emitter*: whose habit
    it is.
    """

    place: int
    key: str
    rule: str
    time_ms: int
    model: str
    prompt: int
    output: int
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    write: int = 0
    reasoning: int = 0
    total: int | None = None
    within: bool | None = None
    emitter: str = ""
    provider: str = ""
    mode: str = "standard"
    geo: str = ""
    searches: int = 0
    session: str = ""
    project: str = ""
    api_key: str = ""
    user: str = ""
    requests: int = 1
    each_prompt_tok: int = -1

    @property
    def cached(self) -> int:
        """Tokens read from and written to a cache."""
        return self.read + self.write_5m + self.write_1h + self.write


CACHED_INPUT = "cached_input"
"""What a reader is told under this name (``within``, ``beside``) overrules what the records of an emitter show."""


def events_of(
    calls: Sequence[Call], found: FileReading, *, agent: str, path: str, told: Mapping[str, str] | None = None
) -> None:
    """The calls as events, each with its cached tokens where its emitter counts them. *told*: see ``CACHED_INPUT``."""
    said = (told or {}).get(CACHED_INPUT)
    if said is not None:
        calls = [call if call.within is not None else call._replace(within=said == "within") for call in calls]
    beside = emitters_beside(calls)
    for call in calls:
        try:
            found.events.append(_event(call, call.emitter in beside, agent, path))
        except BadLine as bad:
            found.skip(path, call.place, bad)


def emitters_beside(calls: Iterable[Call]) -> set[str]:
    """The emitters whose records show that they count cached tokens beside the input.

    >>> one = Call(1, "k", "r", 0, "m", prompt=10, output=1, read=90, emitter="a")
    >>> emitters_beside([one, one._replace(prompt=100, emitter="b")])
    {'a'}
    """
    return {call.emitter for call in calls if call.within is False or (call.within is None and _is_beside(call))}


def _is_beside(call: Call) -> bool:
    if call.cached > call.prompt:
        return True
    return bool(call.cached) and call.total == call.prompt + call.cached + call.output


def _event(call: Call, beside: bool, agent: str, path: str) -> UsageEvent:
    fresh = call.prompt if beside else call.prompt - call.cached
    if fresh < 0 or call.reasoning > call.output:
        raise BadLine(PART_ABOVE_WHOLE)
    rule = call.rule if call.within is not None or not call.cached else f"{call.rule}, {BESIDE if beside else WITHIN}"
    return UsageEvent(
        counts=TokenCounts(fresh, call.write_5m, call.write_1h, call.write, call.read, call.output, call.reasoning),
        model=call.model,
        provider=call.provider,
        mode=call.mode,
        geo=call.geo,
        time_ms=call.time_ms,
        web_searches=call.searches,
        session=call.session or call.key.partition(":")[2],
        agent_id="",
        project=call.project,
        agent=agent,
        request_key=call.key,
        key_rule=rule,
        is_sidechain=False,
        is_mirror=False,
        partial_output=False,
        lines=1,
        offset=call.place,
        origin=f"{path}:{call.place}",
        api_key=call.api_key,
        user=call.user,
        requests=call.requests,
        each_prompt_tok=call.each_prompt_tok,
    )


def count_of(said: Mapping[str, Any], *names: str, missing: str = "") -> int:
    """The first of *names* that is there, as a whole count; where none is, 0, or the reason *missing*.

    >>> count_of({"tokens": "12"}, "tokens"), count_of({}, "tokens")
    (12, 0)

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` for what is no count, or is missing.
    """
    for name in names:
        value = said.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        return whole_text(value) if isinstance(value, str) else whole(value)
    if missing:
        raise BadLine(missing)
    return 0


def whole_text(text: str) -> int:
    """A count as text, as a CSV holds it; ``12.0`` is 12."""
    if not _WHOLE.fullmatch(text.strip()):
        raise BadLine(BAD_COUNT)
    return whole(int(text.strip().partition(".")[0]))


_WHOLE = re.compile(r"\d{1,18}(\.0+)?", re.ASCII)


def utc_ms(value: object) -> int:
    """A moment of a source that writes UTC: ISO with or without a zone, or seconds, milliseconds … since 1970.

    >>> utc_ms("2026-06-28 03:46:57.713") == utc_ms("2026-06-28T03:46:57.713Z") == utc_ms(1782618417.713)
    True

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where it is none.
    """
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise BadLine(BAD_TIME) from None
        return epoch_ms((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadLine(BAD_TIME)
    number = float(value)
    for unit, least in ((1e-6, 1e17), (1e-3, 1e14), (1.0, 1e11)):
        if number >= least:
            return epoch_ms(number * unit)
    return epoch_ms(number * 1000)


_NUMBER = re.compile(r"\d{9,20}(\.\d*)?", re.ASCII)


def object_in(value: object) -> dict[str, Any]:
    """An object, or one that stands in a text (a cell of a CSV); an empty one for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = decoded(value.encode("utf-8", "replace").strip())
        except BadLine:
            return {}
    return value if isinstance(value, dict) else {}


def first_text(said: Mapping[str, Any], *names: str) -> str:
    """The first of *names* that holds a text."""
    return next((text for name in names if (text := text_of(said.get(name)))), "")


def short_key(key: str) -> str:
    """A name for a key of which only a hash is known: enough to tell keys apart, and of no use to anybody else.

    >>> short_key("2b6d8ae50f144aa3ef3475c57d89f8c6bc49fd64de61d65fde4bd1fff1f24983")
    'key 2b6d8ae5'
    """
    return f"key {key[:8]}" if key else ""


def read_rows(
    data: bytes, path: str, to_call: Callable[..., Call | None], *, agent: str, told: Mapping[str, str] | None = None
) -> FileReading:
    """All rows of an export: the call that *to_call* makes of each, or None of what is no model call.

    *told*: see :func:`events_of`. What cannot be counted is noted.
    """
    found = FileReading()
    events_of([*calls_of(rows_of(data, path, found), to_call, path, found)], found, agent=agent, path=path, told=told)
    return found


def calls_of(
    rows: Iterable[tuple[Any, ...]], to_call: Callable[..., Call | None], path: str, found: FileReading
) -> Iterator[Call]:
    """*to_call* of each row, of which the first is its place: a call, or None for what is no model call."""
    for row in rows:
        try:
            call = to_call(*row)
        except (BadLine, msgspec.MsgspecError) as bad:
            found.skip(path, row[0], bad)
        else:
            if call is not None:
                yield call
