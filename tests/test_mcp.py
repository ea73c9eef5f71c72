"""The MCP server, as an agent meets it: the official SDK's client, a real process, nothing but protocol on stdout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from costbasis.errors import BadArgument
from costbasis.mcp.answering import answer
from costbasis.mcp.small import MOST_BYTES, small
from costbasis.mcp.tools import TOOLS

from .command import Run
from .logs import line, raw, write_log


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose agent's folder holds logs of 60 days and a model without a price."""
    folder = tmp_path_factory.mktemp("home")
    lines = [
        line(
            f"m{day}",
            requestId=f"r{day}",
            time=f"2026-0{3 + day // 28}-{1 + day % 28:02d}T10:00:00Z",
            sessionId=f"s{day}",
        )
        for day in range(60)
    ]
    lines.append(line("x", requestId="x", message={"model": "mystery-1"}))
    write_log(folder / ".claude", raw(*lines))
    return folder


def environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "COSTBASIS_HOME": str(home / "cb"), "PATH": os.environ["PATH"], "TZ": "UTC"}


def server(home: Path) -> StdioServerParameters:
    return StdioServerParameters(command=sys.executable, args=["-m", "costbasis", "mcp"], env=environ(home))


CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("usage", {"by": "day"}),
    ("price", {"model": "claude-opus-4-6", "input": "1M", "as_of": "2026-03-01"}),
    ("serving", {"model": "deepseek-v3", "on": "8xh200-sxm", "tpot": "50ms"}),
    ("plan", {"plan": "anthropic/max_20x", "utilisation": "0.02..0.05"}),
    ("check", {"claim": "forbes-5000"}),
    ("explain", {"of": "price claude-opus-4-6 --input 1M", "pointer": "/serving_usd"}),
)

BAD: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("price", {"model": "claude-opus-4-6x"}, 'unknown model "claude-opus-4-6x"; did you mean'),
    ("price", {}, "price: 'model' is a required property\nhint: price takes model, input"),
    (
        "price",
        {"model": "claude-opus-4-6", "tokens": 3},
        "Additional properties are not allowed ('tokens' was unexpected)",
    ),
    ("usage", {"by": "fortnight"}, "usage: by: 'fortnight' is not one of ['day', "),
    ("usage", {"since": "yesterday"}, "usage: since: 'yesterday' does not match"),
    ("usage", {"paths": ["no/such/folder"]}, "no/such/folder: no such file or folder\nhint: check the path"),
    ("explain", {"of": "price claude-opus-4-6", "pointer": "/model"}, "there is no explained number at"),
    ("explain", {"of": "rm -rf x", "pointer": "/a"}, '"rm" prints no explained numbers'),
    ("explain", {"of": "import x.csv", "pointer": "/a"}, '"import" prints no explained numbers'),
    ("explain", {"of": "value --from http://h#t --mapping plain", "pointer": "/a"}, '"value" asks a warehouse'),
    ("prize", {}, 'unknown tool "prize"; did you mean "price"?'),
)


@pytest.mark.slow
def test_a_client_lists_the_tools_calls_each_and_meets_its_errors(home: Path) -> None:
    async def session() -> tuple[Any, list[Any], list[Any]]:
        async with Client(stdio_client(server(home))) as client:
            listed = await client.list_tools()
            good = [await client.call_tool(name, arguments) for name, arguments in CALLS]
            bad = [await client.call_tool(name, arguments) for name, arguments, _ in BAD]
            return listed, good, bad

    listed, good, bad = anyio.run(session)
    assert [tool.name for tool in listed.tools] == [name for name, _ in CALLS]
    for tool in listed.tools:
        assert tool.description and tool.output_schema["required"] and tool.annotations.read_only_hint
        assert tool.input_schema["additionalProperties"] is False
    for (name, _), result in zip(CALLS, good, strict=True):  # the client has held each against its output schema
        assert not result.is_error, (name, result.content[0].text)
        assert json.loads(result.content[0].text) == result.structured_content
        assert len(result.content[0].text.encode()) <= MOST_BYTES + 500
    for (name, _, said), result in zip(BAD, bad, strict=True):
        assert result.is_error and said in result.content[0].text, (name, result.content[0].text)
    usage, price = good[0].structured_content, good[1].structured_content
    whole = Run(home, *usage["command"].split(), "--json").json
    assert usage["total"] == whole["total"] and usage["unpriced"] == whole["unpriced"]
    assert usage["rows"] == whole["rows"][: len(usage["rows"])]
    assert usage["left_out"]["/rows"] == 60 - len(usage["rows"])
    assert price["list_now_usd"] == "5.00"
    assert good[4].structured_content["verdict"] == "right_number_wrong_basis"


@pytest.mark.slow
def test_stdout_holds_the_protocol_alone_and_the_end_of_stdin_ends_the_server(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "costbasis", "mcp"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ(home), text=True,
    )  # fmt: skip
    said = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call",
         "params": {"name": "price", "arguments": {"model": "kimi-k2.5", "input": 1000}}},
    ]  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    for one in said:
        process.stdin.write(json.dumps(one) + "\n")
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(2)]
    out, err = process.communicate(timeout=60)  # closes stdin
    assert process.returncode == 0, err
    assert [answer["id"] for answer in answers] == [1, 2] and out == ""
    assert answers[1]["result"]["structuredContent"]["model"] == "kimi-k2.5"


@pytest.mark.slow
def test_a_call_that_is_given_up_leaves_the_server_answering(home: Path) -> None:
    async def session() -> Any:
        async with Client(stdio_client(server(home))) as client:
            with anyio.move_on_after(0.05):
                await client.call_tool("plan", {"plan": "anthropic/max_20x"})
            return await client.call_tool("price", {"model": "kimi-k2.5", "input": 1000})

    assert anyio.run(session).structured_content["model"] == "kimi-k2.5"


def test_a_server_that_is_terminated_ends_at_once(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "costbasis", "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ(home)
    )
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == -signal.SIGTERM


def test_an_answer_is_small_whatever_it_holds() -> None:
    wide = {"schema": "s", "rows": [{"text": "x" * 5_000, "deep": [{"n": list(range(500))}] * 40} for _ in range(900)]}
    found = small(wide)
    assert len(json.dumps(found, ensure_ascii=False).encode()) <= MOST_BYTES
    assert found["schema"] == "s" and sum(found["left_out"].values()) > 800
    assert small({"schema": "s", "x": float("nan")}) == {"schema": "s", "x": None}


def test_nothing_in_the_tools_reaches_the_network_or_writes() -> None:
    for tool in TOOLS:
        assert not {"out", "to", "online", "html", "card"} & set(tool.input_schema["properties"])


@pytest.mark.parametrize("of", [
    "import FILE", "import --forget FILE", "update --apply", "update --online", "calibrate FILE --out FILE",
    "claim new --out FILE", "export --to FILE", "ledger merge FILE", "value --from http://host#table --mapping plain",
])  # fmt: skip
def test_what_explain_runs_again_writes_nothing_and_asks_nobody(of: str, tmp_path: Path) -> None:
    held = tmp_path / "held.csv"
    held.write_text("time,model\n")
    with pytest.raises(BadArgument, match=r"prints no explained numbers|asks a warehouse"):
        answer("explain", {"of": of.replace("FILE", str(held)), "pointer": "/x"})
    assert [path.name for path in tmp_path.iterdir()] == ["held.csv"] and held.read_text() == "time,model\n"
