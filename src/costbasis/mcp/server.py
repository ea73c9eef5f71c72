"""The server: Model Context Protocol over stdin and stdout, by the official SDK. It opens no connection."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from costbasis import __version__
from costbasis.errors import CostbasisError
from costbasis.mcp.answering import answer
from costbasis.mcp.tools import TOOLS

SAYS = (
    "costbasis says what tokens really cost: at list (exact), on the market and to serve (estimates with 80 % "
    "intervals), and for whom a plan pays. Always say which basis a number is on. null is unknown, never 0. All is "
    "local: no call here reaches the network."
)

READ_ONLY = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


class Calls:
    """The calls of one server: one at a time, off the loop, so that a ping or a cancellation is heard meanwhile."""

    def __init__(self) -> None:
        self._one = anyio.Lock()
        self.working = 0

    async def answer(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        """The tool's answer, or its error as a tool's error: the agent reads it and can do better."""
        try:
            async with self._one:
                found = await anyio.to_thread.run_sync(self._work, name, arguments, abandon_on_cancel=True)
        except CostbasisError as error:
            return _told(str(error), is_error=True)
        except Exception as error:  # no mistake of ours may end the server
            print(f"costbasis mcp: {name}: {error!r}", file=sys.stderr)
            return _told(f"{name}: an error of costbasis itself: {error!r}", is_error=True)
        return _told(json.dumps(found, ensure_ascii=False), structured=found)

    def _work(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.working += 1
        try:
            return answer(name, arguments)
        finally:
            self.working -= 1


def _told(text: str, *, is_error: bool = False, structured: dict[str, Any] | None = None) -> types.CallToolResult:
    content = types.TextContent(type="text", text=text)
    return types.CallToolResult(content=[content], is_error=is_error, structured_content=structured)


def server(calls: Calls) -> Server[Any]:
    """The server with its tools."""

    async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_listed(tool) for tool in TOOLS])

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await calls.answer(params.name, dict(params.arguments or {}))

    return Server("costbasis", version=__version__, instructions=SAYS, on_list_tools=list_tools, on_call_tool=call_tool)


def _listed(tool: Any) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.says,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=READ_ONLY,
    )


def serve() -> None:
    """Serve until stdin closes. What was still being worked out then is dropped: nobody waits for it."""
    calls = Calls()

    async def run() -> None:
        made = server(calls)
        async with stdio_server() as (read, write):
            await made.run(read, write, made.create_initialization_options())

    anyio.run(run)
    if calls.working:
        os._exit(0)
