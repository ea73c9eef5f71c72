"""The page of the Python API: every public name of ``costbasis``, from its signature and its docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import costbasis

ROLE = re.compile(r":\w+:`~?(?:[\w.]+\.)?(\w+)`")
EMPTY = "No name is public yet; the modules that the files in `examples/` import are the way in."


def page() -> str:
    """Every name of ``costbasis.__all__``, in that order."""
    names = list(getattr(costbasis, "__all__", []))
    lines = ["# Python API", "", first_lines(inspect.getdoc(costbasis) or ""), ""]
    if not names:
        lines += [EMPTY, ""]
    for name in names:
        lines += _entry(name, getattr(costbasis, name), "##")
    return "\n".join(lines) + "\n"


def first_lines(doc: str) -> str:
    """The docstring of the package as Markdown."""
    return "\n".join(markdown(doc))


def _entry(name: str, thing: Any, level: str) -> Iterator[str]:
    yield from (f"{level} {name}", "")
    if callable(thing):
        yield from ("```python", f"{name}{_signature(thing)}", "```", "")
    own = inspect.getdoc(thing) if callable(thing) or inspect.ismodule(thing) else None
    yield from (*markdown(own or f"`{thing!r}`"), "")
    if inspect.isclass(thing):
        for part, member in _members(thing):
            yield from _member(f"{name}.{part}", member)


def _signature(thing: Any) -> str:
    try:
        said = str(inspect.signature(thing))
    except (TypeError, ValueError):
        return "(…)"
    plain = re.sub(r"(: |-> )'([^']+)'", r"\1\2", said)  # annotations are texts; defaults keep their quotes
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Z]\w*)", "", plain)


def _members(thing: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(thing).items():
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property | classmethod)):
            yield name, member


def _member(name: str, member: Any) -> Iterator[str]:
    doc = inspect.getdoc(member.fget if isinstance(member, property) else member) or ""
    called = "" if isinstance(member, property) else _signature(getattr(member, "__func__", member))
    yield from (f"### {name}", "", *(("```python", f"{name}{called}", "```", "") if called else ()), *markdown(doc), "")


def markdown(doc: str) -> Iterator[str]:
    """A docstring as Markdown: roles become code, examples become blocks.

    >>> list(markdown("See :func:`~a.b.c`.\\n\\n>>> 1 + 1\\n2"))
    ['See `c`.', '', '```python', '>>> 1 + 1', '2', '```']
    """
    inside = False
    for line in ROLE.sub(r"`\1`", doc).replace("``", "`").splitlines():
        starts = line.lstrip().startswith((">>> ", "... "))
        if starts and not inside:
            yield "```python"
            inside = True
        if inside and not line.strip():
            yield "```"
            inside = False
        yield line.strip() if inside else line
    if inside:
        yield "```"
