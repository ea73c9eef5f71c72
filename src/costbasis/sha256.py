"""SHA-256 from the small module where Python has one: the large one loads OpenSSL first."""

from __future__ import annotations

try:
    from _sha2 import sha256
except ImportError:  # before Python 3.12
    try:
        from _sha256 import sha256
    except ImportError:  # a Python without the small module: the same hash from the large one
        from hashlib import sha256

__all__ = ["sha256"]
