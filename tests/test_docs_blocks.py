"""Every code block of the documents is run or parsed: commands in the slow half, everything else here."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from docsite.blocks import Block, blocks, calls, documents

from costbasis.cli.app import app

from .docs_commands import NOT_COSTBASIS, NOT_RUN

BLOCKS = [block for path in documents() for block in blocks(path)]
LANGUAGES = ("bash", "console", "csv", "json", "python", "toml")


def _of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def _name(block: Block) -> str:
    return block.where


@pytest.mark.parametrize("block", BLOCKS, ids=_name)
def test_a_block_says_its_language(block: Block) -> None:
    assert block.language in LANGUAGES, f"{block.where}: a block is one of {', '.join(LANGUAGES)}; its tests follow it"


def test_no_fence_escapes_the_reading_of_blocks() -> None:
    for path in documents():
        fences = [
            line for line in path.read_text(encoding="utf-8").splitlines() if line.lstrip().startswith(("```", "~~~"))
        ]
        assert len(fences) == 2 * len(blocks(path)), f"{path.name}: a fence is indented, unclosed or oddly written"


@pytest.mark.parametrize("block", _of("toml", "json", "csv"), ids=_name)
def test_data_in_a_block_can_be_read(block: Block) -> None:
    if block.language == "toml":
        assert tomllib.loads(block.text)
    elif block.language == "json":
        assert json.loads(block.text)
    else:
        rows = list(csv.reader(io.StringIO(block.text)))
        assert len(rows) > 1
        assert len({len(row) for row in rows}) == 1, "every line has the columns of the head"


@pytest.mark.slow
def test_python_without_prompts_runs(tmp_path: Path) -> None:
    """Blocks with prompts are doctests of ``test_docs.py``."""
    for block in _of("python"):
        if ">>>" not in block.text:
            with contextlib.chdir(tmp_path), contextlib.redirect_stdout(io.StringIO()):
                exec(compile(block.text, block.where, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("block", _of("bash", "console"), ids=_name)
def test_a_command_names_options_that_there_are(block: Block) -> None:
    found = calls(block)
    assert found, f"{block.where}: no command in it"
    for call in found:
        words = shlex.split(call.words.split(" | ")[-1].split(" > ")[0])
        if words[0] != "costbasis":
            assert call.words in NOT_COSTBASIS, f"{block.where}: {call.words}"
            continue
        name, arguments = (words[1], words[2:]) if words[1:] else ("report", [])
        command = app.get_command(click.Context(app), name)
        assert command is not None, f"{block.where}: no command {name}"
        _parse(command, name, arguments, block)


def _parse(command: click.Command, name: str, arguments: list[str], block: Block) -> None:
    try:
        with command.make_context(name, list(arguments)) as context:
            if isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
                found = command.get_command(context, arguments[0])
                assert found is not None, f"{block.where}: no command {name} {arguments[0]}"
                _parse(found, arguments[0], arguments[1:], block)
    except click.UsageError as error:
        pytest.fail(f"{block.where}: {name} {shlex.join(arguments)}: {error.format_message()}")


def test_what_cannot_be_run_is_still_in_a_document() -> None:
    said = {call.words for block in BLOCKS for call in calls(block)}
    assert said >= NOT_RUN.keys() | NOT_COSTBASIS.keys()
    assert len(NOT_RUN) == 15, "each command that no test runs is a decision: count it here, with its reason there"
