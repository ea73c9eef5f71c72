"""What ccusage would report of the logs behind a ledger: its entries, each tied to the request of ours it speaks of."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from costbasis.usage.othertools.ccusage_lines import DAILY, SESSION, Drop, Entry, entries_of
from costbasis.usage.othertools.ccusage_rules import deduplicated
from costbasis.usage.readers import FileReading, claude_code

AGENT = claude_code.NAME
"""The one agent of which the tool's rules are known here; what it counts of others is taken to be what we count."""


@dataclass(slots=True)
class Told:
    """*entries* of each request (by our key); *dropped*: why lines of a request are not counted, with their address;
    *unknown*: entries of lines that are no request here, with the reason for which the line was skipped;
    *merged*: the addresses of lines that the tool takes for copies of others."""

    entries: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    dropped: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[tuple[Entry, str]] = field(default_factory=list)
    merged: set[tuple[str, int]] = field(default_factory=set)


def told_by(connection: sqlite3.Connection, by: str) -> Told:
    """Read the Claude Code logs of a ledger again as the tool reads them for a report *by* something."""
    loader = SESSION if by in ("session", "block") else DAILY
    asked = "SELECT path, known FROM file WHERE reader = ? AND source = '' AND NOT gone ORDER BY path"
    files = connection.execute(asked, (AGENT,))
    known = {path: _known(text) for path, text in files}
    entries: list[Entry] = []
    drops: list[Drop] = []
    for path in known:
        for said in entries_of(_bytes(path), path, loader):
            if isinstance(said, Entry):
                entries.append(said)
            else:
                drops.append(said)
    told = Told()
    counted = {row[0] for row in connection.execute("SELECT request_key FROM request")}
    kept = deduplicated(entries, loader)
    told.merged = {(entry.path, entry.offset) for entry in entries} - {(entry.path, entry.offset) for entry in kept}
    for entry in kept:
        key = _key_of(entry, known, counted)
        if key in counted:
            told.entries[key].append(entry)
        else:
            told.unknown.append((entry, key))
    for drop in drops:
        for event in _read(drop, known).requests:
            told.dropped[event.request_key].append((f"{drop.path}:{drop.offset}", drop.why))
    return told


def _key_of(entry: Entry, known: Mapping[str, dict[str, str]], counted: set[str]) -> str:
    """Our key of the request that an entry speaks of; where it is none, why its line was skipped."""
    if entry.advisor is None and (entry.message_id or "").startswith("msg_") and f"m:{entry.message_id}" in counted:
        return f"m:{entry.message_id}"
    reading = _read(entry, known)
    events = reading.requests
    if entry.advisor is not None:
        events = [event for event in events if event.key_rule.endswith("advisor_message")][entry.advisor :]
    if events:
        return events[0].request_key
    return reading.skipped[0].reason if reading.skipped else "nothing is counted here of its line"


def _read(line: Entry | Drop, known: Mapping[str, dict[str, str]]) -> FileReading:
    """What our reader says of the line alone."""
    with Path(line.path).open("rb") as file:
        file.seek(line.offset)
        data = file.read(line.length)
    return claude_code.read(data + b"\n", line.path, line.offset, known[line.path])


def _known(text: str) -> dict[str, str]:
    said = msgspec.json.decode(text or "{}")
    return {str(name): str(value) for name, value in said.items()} if isinstance(said, dict) else {}


def _bytes(path: str) -> bytes:
    """The file, nothing where it vanished meanwhile: the ledger will say so on its next update."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
