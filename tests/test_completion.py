"""Completion in bash, zsh and fish: what is offered for a word, by the scripts that a user installs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("costbasis")
SHELLS = ("bash", "zsh", "fish")


def offered(shell: str, *words: str, home: Path) -> list[str]:
    """What is offered for the last of *words*, by the program that the shell's script calls."""
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], "_COSTBASIS_COMPLETE": f"{shell}_complete"}
    typed = " ".join(("costbasis", *words))
    place = {"COMP_WORDS": typed, "COMP_CWORD": str(len(words))}
    if shell == "fish":
        place = {"COMP_WORDS": " ".join(("costbasis", *words[:-1])), "COMP_CWORD": words[-1]}
    done = subprocess.run([str(COMMAND)], capture_output=True, text=True, env=environ | place, check=True)
    lines = done.stdout.splitlines()
    if shell == "zsh":  # three lines an item: type, value, help
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines if line]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_is_offered_commands_and_values(shell: str, tmp_path: Path) -> None:
    assert offered(shell, "us", home=tmp_path) == ["usage"]
    assert set(offered(shell, "usage", "--by", "mo", home=tmp_path)) == {"month", "model"}


CASES = (
    (("",), {"report", "usage", "watch", "check", "daily", "blocks"}),
    (("usage", "--re"), {"--reconcile"}),
    (("daily", "--order", ""), {"asc", "desc", "most"}),
    (("report", "--plan", "anthropic/max"), {"anthropic/max_5x", "anthropic/max_20x"}),
    (("watch", "--plan", "openai/pl"), {"openai/plus"}),
    (("plan", "anthropic/max_2"), {"anthropic/max_20x"}),
    (("usage", "--model", "claude-opus-4-6"), {"claude-opus-4-6"}),
    (("check", "forbes"), {"forbes-5000"}),
    (("usage", "--tz", "Europe/Zur"), {"Europe/Zurich"}),
    (("usage", "--basis", "list,ser"), {"list,serving"}),
)


@pytest.mark.parametrize(
    ("words", "wanted"), CASES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_names_of_the_catalogue_are_offered(words: tuple[str, ...], wanted: set[str], tmp_path: Path) -> None:
    found = offered("bash", *words, home=tmp_path)
    assert wanted <= set(found)
    assert all(name.startswith(words[-1]) for name in found)


def test_nothing_is_offered_for_a_name_that_is_none(tmp_path: Path) -> None:
    assert offered("bash", "report", "--plan", "nobody/", home=tmp_path) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_is_one_that_it_accepts(shell: str, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "_COSTBASIS_COMPLETE": f"{shell}_source"}
    script = subprocess.run([str(COMMAND)], capture_output=True, text=True, env=environ, check=True).stdout
    assert "costbasis" in script
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed; its script was made")
    path = tmp_path / "script"
    path.write_text(script)
    subprocess.run([program, "--no-execute" if shell == "fish" else "-n", str(path)], check=True)


def test_bash_itself_completes_a_plan(tmp_path: Path) -> None:
    """The installed script, driven as bash drives it."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    steps = (
        f'export PATH="{COMMAND.parent}:$PATH"; eval "$(_COSTBASIS_COMPLETE=bash_source costbasis)";'
        " COMP_WORDS=(costbasis report --plan anthropic/max_2); COMP_CWORD=3;"
        ' _costbasis_completion costbasis; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run([bash, "-c", steps], capture_output=True, text=True, env=environ, check=True)
    assert done.stdout.split() == ["anthropic/max_20x"]


def test_completion_loads_neither_the_catalogue_nor_numbers(tmp_path: Path) -> None:
    """It answers while a key is held down: no arrays, no draws, no tables but the one that is asked for."""
    environ = {
        "HOME": str(tmp_path), "PATH": os.environ["PATH"], "_COSTBASIS_COMPLETE": "bash_complete",
        "COMP_WORDS": "costbasis us", "COMP_CWORD": "1",
    }  # fmt: skip
    code = (
        "import sys, atexit; atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr));"
        "sys.argv = ['costbasis']; from costbasis.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=False)
    assert done.stdout.split(",")[-1].strip() == "usage"
    loaded = set(done.stderr.split())
    assert not loaded & {"numpy", "scipy", "duckdb", "rich", "msgspec", "costbasis.catalog", "costbasis.quantity"}
