"""Crush: a database a project; a session keeps the tokens of its last request alone, over which it writes.

So what the earlier requests held is not in the log: their answers are counted as lines that cannot be counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, id_of, list_of, needed, object_of, text_of, told_call
from costbasis.usage.formats.json_log import decoded
from costbasis.usage.formats.logline import COMMON_REASONS, BadLine, epoch_ms
from costbasis.usage.formats.programs import data_home, is_named, named_folder
from costbasis.usage.formats.sqlite_log import NOT_A_DATABASE, SQLITE, BadDatabase, rows_of, size_of
from costbasis.usage.readers import ESTIMATE, Caveat, FileReading

NAME = "crush"
NOT_KEPT = "an answer whose tokens the log does not keep"
REASONS = (*COMMON_REASONS, NOT_A_DATABASE, NOT_KEPT)
BY_LAST = "last request of the session"
CAVEATS = {
    BY_LAST: Caveat(
        ESTIMATE,
        "Crush keeps the last request of a session alone, cached tokens in its prompt (early versions: in its output)",
    )
}
RESUMES = False
WANTS_BYTES = False
PRIORITY = 3

_SESSIONS = "SELECT rowid, id, prompt_tokens, completion_tokens, updated_at FROM sessions ORDER BY rowid"
_ANSWERS = "SELECT rowid, session_id, model FROM messages WHERE role = 'assistant' ORDER BY created_at, rowid"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """The data folders of the projects in Crush's register (``CRUSH_GLOBAL_DATA``, else the user's data folder)."""
    folder = named_folder(environ, home, "CRUSH_GLOBAL_DATA") or data_home(environ, home) / "crush"
    return [folder, *sorted(_projects(folder / "projects.json"))]


def _projects(register: Path) -> Iterator[Path]:
    try:
        said = decoded(register.read_bytes())
    except (OSError, BadLine):
        return
    entries = said if isinstance(said, list) else list_of(object_of(said).get("projects"))
    for entry in entries:
        project, data = (text_of(object_of(entry).get(name)) for name in ("path", "data_dir"))
        if project:
            yield Path(project) / (data or ".crush")


def claims(path: str, head: bytes) -> bool:
    """A database named ``crush.db``."""
    return is_named(path, "crush.db") and head.startswith(SQLITE)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """The last request of each session; the path is opened here."""
    found = FileReading(consumed=size_of(path), project=_project(path))
    try:
        answers: dict[str, list[tuple[int, str]]] = {}
        for rowid, session, model in rows_of(path, _ANSWERS):
            answers.setdefault(str(session), []).append((rowid, text_of(model)))
        for row in rows_of(path, _SESSIONS):
            told = answers.get(str(row[1]), [])
            for place, _ in told[:-1]:
                found.skip(path, place, NOT_KEPT)
            try:
                event = _event(row, told[-1][1] if told else "", path, found.project)
            except BadLine as bad:
                found.skip(path, row[0], bad)
            else:
                found.events += [event] if event is not None else []
    except BadDatabase as bad:
        found.skip(path, 0, bad)
    return found


def _event(row: tuple[Any, ...], model: str, path: str, project: str) -> UsageEvent | None:
    rowid, session, prompt, completion, updated = row
    session = id_of(session) or f"row {rowid}"
    fresh, output = needed({"prompt": prompt, "completion": completion}, "prompt", "completion")
    if not fresh and not output:
        return None
    return told_call(
        TokenCounts(input_tok=fresh, output_tok=output),
        model or MODEL_NOT_LOGGED,
        epoch_ms(updated * 1000 if isinstance(updated, int | float) else updated),
        agent=NAME,
        session=session,
        key=f"h:{session}",
        rule=BY_LAST,
        origin=f"{path}:{rowid}",
        project=project,
    )


def _project(path: str) -> str:
    """The folder that holds ``.crush``."""
    folder = PurePath(path).parent
    return str(folder.parent if folder.name == ".crush" else folder)
