"""The lines of the synthetic month: what Claude Code writes for each request, and what a reader must count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

PROJECTS = ("api", "web", "infra", "notebooks", "docs")
HOME = "/home/sample/costbasis-sample"
VERSION = "2.1.50-costbasis-sample"
LINE_GAP_MS = 900
REQUESTS_PER_PROMPT = 12
MIRRORED_SUBAGENT = 7
FORK, FORK_OF, FORK_LINES = 60, 20, 80
"""The session that begins by replaying the first lines of an older one, in the same project."""

README = """This folder is synthetic. costbasis made it up ("costbasis report --sample"): one month of a heavy user
of a coding agent, with the mix of tokens that was measured for such agents. Nobody wrote these sessions.
truth.json holds the totals that a correct reader must count, by UTC day and model.
"""

ALPHABET = np.frombuffer(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789", np.uint8)


def _none() -> Ints:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests as columns, sorted by *stream* (a session, or a subagent) and time.

    *time_ms*: the last line of the response. *model*: index. *parent*: the main request that each subagent
    stream was started by. *partial_output* is what early lines show unless *early_is_final*.
    """

    stream: Ints
    time_ms: Ints
    model: Ints
    input: Ints
    cache_write_5m: Ints
    cache_write_1h: Ints
    cache_read: Ints
    output: Ints
    searches: Ints
    lines: Ints
    partial_output: Ints
    early_is_final: Ints
    parent: Ints = field(default_factory=_none)

    @property
    def early_output(self) -> Ints:
        """The output tokens that the lines before the last show."""
        return np.where(self.early_is_final == 1, self.output, np.minimum(self.partial_output, self.output))

    @property
    def counted_ms(self) -> Ints:
        """The first line with the final output: the one that dates the request."""
        waited = np.where(self.early_output == self.output, (self.lines - 1) * LINE_GAP_MS, 0)
        return np.asarray(self.time_ms - waited)


TOTALS = {
    "input_tok": "input",
    "cache_write_5m_tok": "cache_write_5m",
    "cache_write_1h_tok": "cache_write_1h",
    "cache_read_tok": "cache_read",
    "output_tok": "output",
    "web_searches": "searches",
}


def day_totals(parts: Sequence[Requests], models: Sequence[str]) -> dict[str, dict[str, dict[str, int]]]:
    """UTC day → model → column → amount, summed over requests."""
    time_ms = np.concatenate([part.counted_ms for part in parts])
    day = time_ms.astype("datetime64[ms]").astype("datetime64[D]")
    group, position = np.unique(
        day.astype(np.int64) * len(models) + np.concatenate([part.model for part in parts]), return_inverse=True
    )
    columns = {"requests": np.bincount(position)}
    for name, attribute in TOTALS.items():
        amounts = np.concatenate([getattr(part, attribute) for part in parts])
        columns[name] = np.zeros(len(group), np.int64)
        np.add.at(columns[name], position, amounts)
    totals: dict[str, dict[str, dict[str, int]]] = {}
    for row, (days, model) in enumerate(zip(*np.divmod(group, len(models)), strict=True)):
        by_model = totals.setdefault(str(np.datetime64(int(days), "D")), {})
        by_model[models[model]] = {name: int(column[row]) for name, column in columns.items()}
    return totals


@dataclass(slots=True)
class Ids:
    """Random identifiers, cut from one long random text."""

    letters: str
    hexes: str
    at: int = 0
    hex_at: int = 0

    @classmethod
    def enough_for(cls, rng: np.random.Generator, lines: int) -> Ids:
        """Identifiers for about *lines* lines, with room to spare."""
        letters = ALPHABET[rng.integers(0, len(ALPHABET), lines * 42, dtype=np.uint8)].tobytes().decode()
        return cls(letters, rng.bytes(lines * 32).hex())

    def text(self, length: int) -> str:
        """*length* letters and digits."""
        self.at += length
        return self.letters[self.at - length : self.at]

    def hex(self, length: int) -> str:
        """*length* hexadecimal digits."""
        self.hex_at += length
        return self.hexes[self.hex_at - length : self.hex_at]

    def uuid(self) -> str:
        """A version-4 UUID."""
        digits = self.hex(32)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def write_logs(
    folder: Path, rng: np.random.Generator, main: Requests, subagents: Requests, models: Sequence[str]
) -> None:
    """Write one file a session and one a subagent, with a forked session, a mirrored subagent and the README."""
    ids = Ids.enough_for(rng, int(main.lines.sum() + subagents.lines.sum()))
    sessions = [_Session(ids.uuid(), PROJECTS[index % len(PROJECTS)]) for index in range(main.stream[-1] + 1)]
    mirrored: dict[int, list[str]] = {}
    for index, responses in enumerate(_by_stream(subagents, ids, models)):
        parent = int(subagents.parent[index])
        session, agent = sessions[main.stream[parent]], ids.hex(17)
        lines = [line for _, line in _lines(responses, ids, session.head(agent))]
        _write(folder / session.folder / session.sid / "subagents" / f"agent-{agent}.jsonl", lines)
        if index == MIRRORED_SUBAGENT:
            mirrored[parent] = [_mirror(response, ids, session.head(), agent) for response in responses]
    written: list[list[str]] = []
    for index, responses in enumerate(_by_stream(main, ids, models)):
        lines = []
        if index == FORK:
            replayed = written[FORK_OF][:FORK_LINES]
            lines += [line.replace(sessions[FORK_OF].sid, sessions[FORK].sid) for line in replayed]
        for row, line in _lines(responses, ids, sessions[index].head()):
            lines += [line, *mirrored.pop(row, ())]
        written.append(lines if index == FORK_OF else [])
        _write(folder / sessions[index].folder / f"{sessions[index].sid}.jsonl", lines)
    (folder / "README.txt").write_text(README, "utf-8")


@dataclass(frozen=True, slots=True)
class _Session:
    sid: str
    project: str

    @property
    def folder(self) -> str:
        return f"projects/{HOME.replace('/', '-')}-{self.project}"

    def head(self, agent: str = "") -> str:
        """What every line of a session, or of one of its subagents, begins with after its parent."""
        who = f'"isSidechain":true,"agentId":"{agent}"' if agent else '"isSidechain":false'
        where = f'"userType":"external","cwd":"{HOME}/{self.project}","sessionId":"{self.sid}"'
        return f'{who},{where},"version":"{VERSION}","gitBranch":"main"'


class _Response(NamedTuple):
    """One line of a response: the request it belongs to, its message and its time."""

    row: int
    message_id: str
    request_id: str
    message: str
    time: str


def _by_stream(part: Requests, ids: Ids, models: Sequence[str]) -> Iterator[list[_Response]]:
    """The lines of the responses of each stream, in order."""
    row = np.repeat(np.arange(len(part.lines)), part.lines)
    left = np.repeat(np.cumsum(part.lines), part.lines) - 1 - np.arange(len(row))
    time = np.datetime_as_string((part.time_ms[row] - left * LINE_GAP_MS).astype("datetime64[ms]"))
    shown = np.where(left == 0, part.output[row], part.early_output[row])
    requests = list(zip(*(getattr(part, name).tolist() for name in ("model", *TOTALS.values())), strict=True))
    names = [("msg_01" + ids.text(22), "req_011C" + ids.text(20)) for _ in requests]
    lines = zip(*(column.tolist() for column in (part.stream[row], row, left, time, shown)), strict=True)
    for _, of_stream in groupby(lines, key=itemgetter(0)):
        yield [
            _Response(
                at, message_id, request_id, _message(message_id, models, requests[at], at, more, output), f"{when}Z"
            )
            for _, at, more, when, output in of_stream
            for message_id, request_id in (names[at],)
        ]


def _message(message_id: str, models: Sequence[str], request: tuple[int, ...], at: int, more: int, output: int) -> str:
    """The message of one line; *more* lines of the same response follow it."""
    model, fresh, write_5m, write_1h, read, _, searches = request
    stop = "null" if more else '"end_turn"' if _asks(at + 1) else '"tool_use"'
    tools = f',"server_tool_use":{{"web_search_requests":{searches},"web_fetch_requests":0}}' if searches else ""
    return (
        f'{{"model":"{models[model]}","id":"{message_id}","type":"message","role":"assistant","content":[],'
        f'"stop_reason":{stop},"stop_sequence":null,"usage":{{"input_tokens":{fresh},'
        f'"cache_creation_input_tokens":{write_5m + write_1h},"cache_read_input_tokens":{read},'
        f'"cache_creation":{{"ephemeral_5m_input_tokens":{write_5m},"ephemeral_1h_input_tokens":{write_1h}}},'
        f'"output_tokens":{output},"service_tier":"standard"{tools}}}}}'
    )


def _asks(row: int) -> bool:
    """Whether a person asks something before this request; the others follow from tool calls."""
    return row % REQUESTS_PER_PROMPT == 0


def _lines(responses: Sequence[_Response], ids: Ids, head: str) -> Iterator[tuple[int, str]]:
    """The lines of one file, each with its request: a prompt first and now and then, and every response."""
    last, row = "null", -1
    for response in responses:
        if last == "null" or (response.row != row and _asks(response.row)):
            uuid = ids.uuid()
            yield (
                response.row,
                f'{{"parentUuid":{last},{head},"type":"user","message":{{"role":"user","content":"(sample)"}},'
                f'"uuid":"{uuid}","timestamp":"{response.time}"}}',
            )
            last = f'"{uuid}"'
        row, uuid = response.row, ids.uuid()
        yield (
            row,
            f'{{"parentUuid":{last},{head},"message":{response.message},"requestId":"{response.request_id}",'
            f'"type":"assistant","uuid":"{uuid}","timestamp":"{response.time}"}}',
        )
        last = f'"{uuid}"'


def _mirror(response: _Response, ids: Ids, head: str, agent: str) -> str:
    """A line of a subagent as older versions repeat it in the file of the session."""
    return (
        f'{{"parentUuid":null,{head},"type":"progress","data":{{"type":"agent_progress","message":{{'
        f'"type":"assistant","timestamp":"{response.time}","message":{response.message},'
        f'"requestId":"{response.request_id}","uuid":"{ids.uuid()}"}},"agentId":"{agent}","prompt":""}},'
        f'"toolUseID":"agent_{response.message_id}","uuid":"{ids.uuid()}","timestamp":"{response.time}"}}'
    )


def _write(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
