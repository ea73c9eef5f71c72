"""Entry point of ``python -m costbasis`` and of the console script: the fast lane, then the whole command line."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; every error a user can meet ends as three lines and exit status 2."""
    try:
        if _answered(sys.argv[1:]):
            return
        _run()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _answered(arguments: list[str]) -> bool:
    """Whether the lane had the answer, and printed it."""
    if arguments[:1] == ["statusline"]:
        return _status(arguments)
    if len(arguments) == 1 and arguments[0] in ("--help", "-h"):
        return _helped(arguments[0])
    from costbasis.lane.answers import find

    answer = find(arguments, os.environ) if arguments[:1] != ["check"] else _verdict(arguments)
    if answer is None:
        return False
    out, err = answer
    sys.stderr.write(err)
    sys.stdout.write(out)
    sys.stdout.flush()
    return True


def _verdict(arguments: list[str]) -> tuple[str, str] | None:
    from costbasis.lane.verdict import find_verdict

    return find_verdict(arguments, os.environ)


def _helped(asked: str) -> bool:
    from costbasis.lane.helped import help_of

    text = help_of(asked, os.environ)
    if text is not None:
        sys.stdout.write(text)
        sys.stdout.flush()
    return text is not None


def _status(arguments: list[str]) -> bool:
    from costbasis.lane import status

    if status.plan_of(arguments) is None:
        return False
    text = status.read_stdin()
    line = status.find_status(arguments, os.environ, text)
    if line is None:
        status.ALREADY_READ.append(text)  # for the command, which comes next
        return False
    print(line, flush=True)
    return True


COLLECT_AFTER = 100_000
"""New objects after which the garbage collector looks: a command ends soon, and millions of rows make no cycles."""


def _run() -> None:
    import gc

    gc.set_threshold(COLLECT_AFTER, 20, 20)
    from costbasis.cli.ahead import start

    start(sys.argv[1:])
    from costbasis.cli.app import app
    from costbasis.errors import CostbasisError
    from costbasis.lane.keeping import kept

    try:
        with kept(sys.argv[1:]):
            app(prog_name="costbasis")
    except CostbasisError as error:
        print(f"costbasis: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
