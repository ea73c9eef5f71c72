"""Which project a Claude Code log is of: the folder that its slug stands for."""

from __future__ import annotations

import os
import re
from functools import lru_cache


def slug_of(path: str) -> str:
    """The folder that stands for a project, whatever lies between it and the log.

    >>> slug_of("/home/dev/.claude/projects/-home-dev-app/5f1c/subagents/agent-1.jsonl")
    '-home-dev-app'
    >>> slug_of("/backup/projects/team-a/session-1/chat.jsonl"), slug_of("/tmp/logs/s1.jsonl")
    ('team-a', 'logs')
    """
    folders = [part for part in _parts(path)[:-1] if part not in ("", ".")]
    slugs = [folder for folder in folders if folder.startswith("-")]
    if slugs:
        return slugs[-1]
    below = folders[len(folders) - folders[::-1].index("projects") :] if "projects" in folders else []
    return below[0] if below else folders[-1] if folders else path[: path.startswith("/")]


def stem_of(path: str) -> str:
    """A log's own name, without its ending.

    >>> stem_of("/home/dev/.claude/projects/-home-dev-app/5f1c.jsonl")
    '5f1c'
    """
    name = _parts(path)[-1]
    return name.rpartition(".")[0] or name


def _parts(path: str) -> list[str]:
    """Where ``PurePath`` takes ten times as long, and there are thousands of logs."""
    return path.replace(os.sep, "/").split("/")


@lru_cache(maxsize=4096)
def project_of(slug: str, cwd: str) -> str:
    """The folder that a slug stands for: *cwd* or one above it; "" where none of them becomes that slug.

    >>> project_of("-home-dev-my-app", "/home/dev/my.app/src"), project_of("-home-dev-my-app", "/tmp")
    ('/home/dev/my.app', '')
    """
    while cwd:
        if re.sub(r"[^a-zA-Z0-9]", "-", cwd) == slug:
            return cwd
        cwd = cwd[: max(cwd.rfind("/"), cwd.rfind("\\"), 0)]
    return ""
