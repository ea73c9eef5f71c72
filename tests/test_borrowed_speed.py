"""What a library does in less time is what Python's own does: wherever something lies, and however long it is."""

from __future__ import annotations

import hashlib

import stringzilla
from hypothesis import given
from hypothesis import strategies as st

from costbasis.usage.ledger.readfile import mark_of
from costbasis.usage.readers.claude_code import MARKER

_PARTS = [b'"', b"u", b"usage", b'"usage', b'usage"', MARKER, b"\0", b"\xff" * 31, b" " * 63]


@given(st.lists(st.sampled_from(_PARTS)), st.integers(0, 300), st.sampled_from([MARKER, b"\n", b'"']))
def test_the_search_finds_what_bytes_find(parts: list[bytes], start: int, needle: bytes) -> None:
    data = b"".join(parts)
    assert stringzilla.find(data, needle, min(start, len(data))) == data.find(needle, min(start, len(data)))


def test_the_marker_is_found_at_each_place_of_a_register_and_across_its_end() -> None:
    for size in range(200):
        for at in range(size):
            data = b"x" * at + MARKER + b"y" * (size - at)
            assert stringzilla.find(data, MARKER) == at
            assert stringzilla.find(data[: at + len(MARKER) - 1], MARKER) == -1
            assert stringzilla.find(data, MARKER, at + 1) == -1


@given(st.binary(max_size=300))
def test_a_mark_is_a_sha_256(some: bytes) -> None:
    for data in (some, some * 50):
        assert mark_of(data) == hashlib.sha256(data).hexdigest()
