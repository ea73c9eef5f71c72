"""Claude Code log lines made by hand, for tests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

GENERATOR = Path(__file__).parents[1] / "tools" / "gen_claude_logs.py"
PUBLIC = Path(__file__).parent / "fixtures" / "public"

USAGE = {"input_tokens": 10, "output_tokens": 40, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 0}


def line(
    message_id: str | None = "msg_1",
    *,
    usage: dict[str, Any] | None = None,
    time: str = "2026-03-05T10:00:00.000Z",
    stop: str | None = "end_turn",
    message: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """One assistant line; *usage*, *message* and *fields* go over the defaults, None leaves a field out."""
    body = {
        "model": "claude-opus-4-6",
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": stop,
        "usage": USAGE | (usage or {}),
    } | (message or {})
    whole = {
        "type": "assistant",
        "sessionId": "s1",
        "cwd": "/p",
        "requestId": "req_1",
        "isSidechain": False,
        "timestamp": time,
        "message": {name: value for name, value in body.items() if value is not None or name == "stop_reason"},
    } | fields
    return {name: value for name, value in whole.items() if value is not None}


def mirror(said: dict[str, Any], **data: Any) -> dict[str, Any]:
    """The progress line by which a parent's log repeats an agent's line; *data* stands beside the repeated message."""
    inner = {"timestamp": said["timestamp"], "message": said["message"]}
    return {
        "type": "progress",
        "sessionId": said["sessionId"],
        "timestamp": said["timestamp"],
        "data": {"message": inner} | data,
    }


def raw(*lines: dict[str, Any] | bytes | str, end: bytes = b"\n") -> bytes:
    """Lines as bytes of a log file."""
    parts = [
        item if isinstance(item, bytes) else item.encode() if isinstance(item, str) else json.dumps(item).encode()
        for item in lines
    ]
    return b"\n".join(parts) + end if parts else b""


def write_log(root: Path, data: bytes, name: str = "s1.jsonl", project: str = "-p") -> Path:
    """A log file below ``root/projects``."""
    path = root / "projects" / project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def generate(folder: Path, *, sessions: int, target_mb: float, seed: int = 1) -> dict[str, Any]:
    """A generated tree and its truth."""
    command = [sys.executable, str(GENERATOR), "--out", str(folder), "--sessions", str(sessions)]
    command += ["--target-mb", str(target_mb), "--seed", str(seed), "--null-trap", "0.02"]
    subprocess.run(command, check=True, capture_output=True)
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return truth
