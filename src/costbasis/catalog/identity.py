"""The identity of a catalogue: one hash over everything that its numbers rest on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from stringzilla import Sha256

from costbasis.catalog.overrides import Override
from costbasis.catalog.tables import DATA


def catalogue_sha256(own_book_sha256: str, overrides: Mapping[str, Override]) -> str:
    """Hash over all data files that ship, the user's own book and the overrides."""
    digest: Sha256 = _of_files(own_book_sha256).copy()
    for key, over in sorted(overrides.items()):
        digest.update(f"{key}={over.low!r}..{over.mid!r}..{over.high!r}".encode())
    return str(digest.hexdigest())


@cache
def _of_files(own_book_sha256: str) -> Sha256:
    """The hash so far, before the overrides. The files that ship do not change while we run.

    As fast as that of the standard library, which takes twice as long to load.
    """
    digest = Sha256()
    digest.update(own_book_sha256.encode())
    for path in sorted(DATA.rglob("*"), key=str):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest
