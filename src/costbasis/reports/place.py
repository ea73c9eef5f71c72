"""Where an output goes: a place that cannot be written is said before the work where it is known, else after it."""

from __future__ import annotations

from pathlib import Path

from costbasis.errors import UnreadableInput, why

ANOTHER = "choose another place"


def refuse_place(out: Path) -> None:
    """Refuse a file whose folder is not there, or that is a folder itself.

    >>> refuse_place(Path("no/such/folder/page.html"))
    Traceback (most recent call last):
    costbasis.errors.UnreadableInput: no/such/folder/page.html: cannot be written: No such file or directory
    hint: choose another place

    Errors: :class:`~costbasis.errors.UnreadableInput`. What cannot be known before (rights, room) is said when written.
    """
    try:
        reason = "Is a directory" if out.is_dir() else "" if out.parent.is_dir() else "No such file or directory"
    except OSError as error:  # a folder that lets nobody look into it
        reason = why(error)
    if reason:
        raise UnreadableInput(f"cannot be written: {reason}", where=str(out), hint=ANOTHER)


def write_to(out: Path, data: str | bytes, *, hint: str = ANOTHER) -> None:
    """Write an output to its place; text as UTF-8.

    Errors: :class:`~costbasis.errors.UnreadableInput` with the *hint*, where it cannot be written.
    """
    try:
        out.write_bytes(data.encode() if isinstance(data, str) else data)
    except OSError as error:
        raise UnreadableInput(f"cannot be written: {why(error)}", where=str(out), hint=hint) from error
