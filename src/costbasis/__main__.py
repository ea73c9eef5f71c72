"""Entry point of ``python -m costbasis`` and of the console script: the fast lane, then the whole command line."""

from __future__ import annotations

import gc
import io
import os
import sys


def main() -> None:
    """Run the command line; every error a user can meet ends as three lines and exit status 2."""
    gc.disable()  # what the lane makes of thousands of files is gone before there could be garbage
    _keep_to_the_encoding(sys.argv[1:])
    try:
        if not _answered(sys.argv[1:]):
            _run()
        _leave()
    except BrokenPipeError:
        _stop_writing()
        sys.exit(0)
    except KeyboardInterrupt:  # as click says it, wherever it comes
        print("Aborted!", file=sys.stderr)
        sys.exit(1)
    except OSError as error:  # a disk that is full, say, below the output or a folder for what passes
        _stop_writing()
        what = f"{error.filename or 'the output'}: {error.strerror or error}"
        print(f"costbasis: {what}\nhint: make room there, or choose another place", file=sys.stderr)
        sys.exit(2)


def _stop_writing() -> None:
    """What is left to write goes nowhere, so that Python does not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _keep_to_the_encoding(arguments: list[str]) -> None:
    """A letter that the output's encoding lacks becomes "?", in JSON its escape; in UTF-8 there is none."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper) or stream.encoding.lower() in ("utf-8", "utf8", "ascii"):
            continue  # click mends ASCII
        is_json = not {"--json", "json", "--format=json"}.isdisjoint(arguments)
        if is_json:
            import codecs

            codecs.register_error("escaped", _escaped)
        stream.reconfigure(errors="escaped" if is_json else "replace")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Letters as JSON escapes them, in units of 16 bits."""
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end


def _leave() -> None:
    """End the process at once, where nobody asked to be told of its end: to take an interpreter apart takes a tenth of
    the time of an answer. What was written is flushed by now."""
    import atexit

    if hasattr(atexit, "_ncallbacks") and atexit._ncallbacks() == 0:
        sys.stderr.flush()
        os._exit(0)


def _answered(arguments: list[str]) -> bool:
    """Whether the lane had the answer, and printed it."""
    if arguments[:1] == ["statusline"]:
        return _status(arguments)
    if len(arguments) == 1 and arguments[0] in ("--help", "-h"):
        return _helped()
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


def _helped() -> bool:
    from costbasis.lane.helped import help_of

    text = help_of(os.environ)
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
    gc.set_threshold(COLLECT_AFTER, 20, 20)
    gc.enable()
    arguments = sys.argv[1:]
    from costbasis.lane.question import asks_for_estimates

    if asks_for_estimates(arguments):
        from costbasis.cli.ahead import start

        start()
    from costbasis.lane.answers import MISSING

    if MISSING:
        _run_first(arguments)
    else:
        _run_command(arguments)


def _run_first(arguments: list[str]) -> None:
    """A first scan begins before anything that does not read is loaded."""
    from costbasis.lane.question import code, paths_of
    from costbasis.lane.readahead import begin, give_up, take_look

    paths = paths_of(arguments)
    try:
        if paths is not None and begin(paths):
            code()  # of what is loaded from here on
            _load_meanwhile()
            take_look()
        _run_command(arguments)
    finally:
        give_up()


LOADED = (
    "costbasis.lane.keeping",
    "costbasis.cli.plainly",
    "costbasis.cli.tabled",
    "costbasis.usage.reading",
    "costbasis.usage.ledger.firstscan",
    "costbasis.cli.facts",
    "costbasis.catalog.shipped",
)


def _load_meanwhile() -> None:
    """Load what a table of list prices takes; whatever else is asked for is loaded when it is."""
    from importlib import import_module

    for name in LOADED:
        import_module(name)


def _run_command(arguments: list[str]) -> None:
    from costbasis.errors import CostbasisError
    from costbasis.lane.keeping import kept

    try:
        with kept(arguments):
            if not _ran_plainly(arguments):
                from costbasis.cli.app import app

                app(prog_name="costbasis")
    except CostbasisError as error:
        print(f"costbasis: {error}", file=sys.stderr)
        sys.exit(2)


def _ran_plainly(arguments: list[str]) -> bool:
    from costbasis.lane.question import paths_of

    is_plain = arguments[:1] == ["statusline"] or paths_of(arguments) is not None
    if not is_plain or os.name == "nt":  # where click finds the files that a pattern stands for
        return False
    from costbasis.cli.plainly import ran

    return ran(arguments, os.environ)


if __name__ == "__main__":
    main()
