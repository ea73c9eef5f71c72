"""Decompress Zstandard, with the standard library where it can (Python 3.14) and else with its backport."""

from __future__ import annotations

import importlib
import sys
from typing import Any


class BadFrame(Exception):
    """Not a frame, a damaged one, or one that is larger than it may be."""


def decompressed(blob: bytes, most_bytes: int) -> bytes:
    """What *blob* holds.

    Errors: :class:`BadFrame` where it is damaged, cut short, or holds more than *most_bytes*.
    """
    zstd: Any = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    try:
        decompressor = zstd.ZstdDecompressor()
        plain: bytes = decompressor.decompress(blob, max_length=most_bytes)
    except (zstd.ZstdError, EOFError, ValueError, MemoryError) as error:
        raise BadFrame from error
    if not decompressor.eof:
        raise BadFrame
    return plain
