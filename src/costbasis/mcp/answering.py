"""A tool call answered: arguments checked against the schema, the answer made small, an error said in three parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.errors import BadArgument, UnknownName
from costbasis.mcp.small import small
from costbasis.mcp.tools import TOOLS, Tool


def tool_named(name: str) -> Tool:
    """The tool of this name.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest.
    """
    for tool in TOOLS:
        if tool.name == name:
            return tool
    known = [tool.name for tool in TOOLS]
    raise UnknownName("tool", name, known=known, hint=f"tools are {', '.join(known)}")


def answer(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of a tool, small, as its output schema says.

    Errors: :class:`~costbasis.errors.BadArgument` for arguments that the schema refuses, with the first of them;
    every :class:`~costbasis.errors.CostbasisError` of the command.
    """
    tool = tool_named(name)
    _check(tool, arguments)
    found = tool.call(**arguments)
    told: dict[str, Any] = found.to_dict()
    for field in tool.drops:
        told.pop(field, None)
    return small({"command": found.command} | told)


def _check(tool: Tool, arguments: Mapping[str, Any]) -> None:
    import jsonschema

    validator = jsonschema.Draft202012Validator(tool.input_schema)
    for error in sorted(validator.iter_errors(dict(arguments)), key=lambda error: list(error.absolute_path)):
        place = "/".join(str(part) for part in error.absolute_path)
        where = f"{tool.name}: {place}" if place else tool.name
        raise BadArgument(
            error.message, where=where, hint=f"{tool.name} takes {', '.join(tool.input_schema['properties'])}"
        )
