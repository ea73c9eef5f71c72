"""The synthetic month as logs and a ledger of its own, in a folder that lasts as long as it is looked at."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from costbasis.errors import UnreadableInput, why
from costbasis.usage.reading import up_to_date
from costbasis.usage.sample import write_sample


@dataclass(frozen=True, slots=True)
class SampleMonth:
    """Where the month lies. Of use as a block: the folder is removed at its end, while the caller goes on."""

    folder: Path
    seed: int

    @property
    def roots(self) -> tuple[Path]:
        """The folder of its logs."""
        return (self.folder / "logs",)

    @property
    def ledgers(self) -> Path:
        """The folder of its ledger: apart from the user's, and gone with the logs."""
        return self.folder / "ledgers"

    def fill(self) -> None:
        """Write the logs and count them; what another attempt left is removed first.

        Errors: :class:`~costbasis.errors.UnreadableInput` where there is no room, and those of
        :func:`~costbasis.usage.reading.up_to_date`.
        """
        for place in (*self.roots, self.ledgers):
            shutil.rmtree(place, ignore_errors=True)
        try:
            write_sample(self.roots[0], seed=self.seed)
        except OSError as error:
            raise _no_place(error, str(self.folder)) from error
        with up_to_date(self.roots, None, self.ledgers):
            pass

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> SampleMonth:
        return self

    def __exit__(self, *error: object) -> None:
        Thread(target=self.remove, name="costbasis-sample").start()  # hundreds of folders: a disk takes half a second


def sample_month(seed: int) -> SampleMonth:
    """A place for the month of *seed*, still empty.

    Errors: :class:`~costbasis.errors.UnreadableInput` where no temporary folder can be made.
    """
    try:
        return SampleMonth(Path(tempfile.mkdtemp(prefix="costbasis-sample-")), seed)
    except OSError as error:
        raise _no_place(error, "the temporary folder") from error


def _no_place(error: OSError, where: str) -> UnreadableInput:
    hint = "make room, or set TMPDIR to a folder on another disk"
    return UnreadableInput(f"the sample month cannot be written: {why(error)}", where=where, hint=hint)
