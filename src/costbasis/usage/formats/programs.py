"""Where programs keep data: folders named by environment variables, editors' storage, a user's data folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePath

_EDITORS = ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf")


def named_folder(environ: Mapping[str, str], home: Path, *names: str) -> Path | None:
    """The folder that the first of these variables which is set names; ``~`` is *home*."""
    for name in names:
        value = environ.get(name, "").strip()
        if value:
            return from_home(value, home)
    return None


def from_home(folder: str, home: Path) -> Path:
    """A folder as a user writes it.

    >>> from_home("~/logs", Path("/home/ada")).as_posix()
    '/home/ada/logs'
    """
    return home / folder.removeprefix("~").lstrip("/") if folder == "~" or folder.startswith("~/") else Path(folder)


def data_home(environ: Mapping[str, str], home: Path) -> Path:
    """``XDG_DATA_HOME``, else ``~/.local/share``."""
    return named_folder(environ, home, "XDG_DATA_HOME") or home / ".local" / "share"


def app_folders(environ: Mapping[str, str], home: Path) -> list[Path]:
    """Where desktop programs keep their folder: on Linux, macOS and Windows, whichever of them this is."""
    config = named_folder(environ, home, "XDG_CONFIG_HOME") or home / ".config"
    windows = named_folder(environ, home, "APPDATA") or home / "AppData" / "Roaming"
    return [config, home / "Library" / "Application Support", windows]


def extension_folders(environ: Mapping[str, str], home: Path, extension: str) -> list[Path]:
    """Where an extension of Visual Studio Code, or of an editor built on it, keeps its files."""
    servers = [home / name for name in (".vscode-server", ".cursor-server")]
    users = [folder / editor / "User" for folder in app_folders(environ, home) for editor in _EDITORS]
    return [user / "globalStorage" / extension for user in (*users, *(folder / "data" / "User" for folder in servers))]


def is_named(path: str, name: str) -> bool:
    """Whether a path is of a file of this name; most paths are told apart by their end, which takes no time.

    >>> is_named("/a/crush.db", "crush.db"), is_named("/a/my-crush.db", "crush.db")
    (True, False)
    """
    return path.endswith(name) and PurePath(path).name == name


def parts_of(path: str) -> tuple[str, ...]:
    r"""The parts of a path, whichever system wrote it.

    >>> parts_of("/a/b.jsonl")
    ('a', 'b.jsonl')
    """
    return tuple(part for part in path.replace(os.sep, "/").split("/") if part)
