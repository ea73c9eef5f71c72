"""The evaluation sets compiled to one small file, so that a command need not clean 12,000 rows again to look one up.

``python -m costbasis.calibration.compiled`` writes it after the tables or the rules changed; a test compares.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import msgspec

from costbasis.calibration.measurement import Measurement
from costbasis.catalog.tables import DATA, read_bytes

NAME = "benchmarks/evaluation.msgpack.gz"


def measurements() -> Sequence[Measurement]:
    """Every usable measurement that ships with costbasis, cleaned by the rules of ``calibration.sets``.

    >>> len(measurements()) > 5000
    True
    """
    return msgspec.msgpack.decode(read_bytes(NAME), type=list[Measurement])


def compiled(cleaned: Sequence[Measurement]) -> bytes:
    """The bytes of the file; the same measurements make the same bytes."""
    return gzip.compress(msgspec.msgpack.encode(cleaned), compresslevel=9, mtime=0)


if __name__ == "__main__":
    from costbasis.calibration.sets import evaluation_sets

    place = Path(str(DATA / NAME))
    place.write_bytes(compiled(evaluation_sets().measurements))
    print(f"{place.name}: written")
