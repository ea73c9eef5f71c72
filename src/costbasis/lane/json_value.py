"""JSON read by the standard library's own scanner, without the modules around it: they take longer to load than a line.

Python's ``json`` loads ``re`` and what that needs, a fifth of the time that a status line may take.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SPACE = " \t\n\r"


class _As:
    """How ``json.loads`` reads when it is told nothing."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def _scanner(make: Any) -> Any:
    return make(_As())


def value_of(text: str) -> Any:
    """What ``json.loads`` makes of a text. What the scanner cannot read, that reads again, and says what is wrong.

    Errors: ValueError, as there.

    >>> value_of(' {"a": [1, 2.5, null, "b"]} '), value_of("-Infinity")
    ({'a': [1, 2.5, None, 'b']}, -inf)
    >>> value_of("{}}")
    Traceback (most recent call last):
    json.decoder.JSONDecodeError: Extra data: line 1 column 3 (char 2)
    """
    try:
        from _json import make_scanner

        whole = text.strip(SPACE)
        value, end = _scanner(make_scanner)(whole, 0)
        if end == len(whole):
            return value
    except (ImportError, StopIteration, SystemError):  # the last: it has no words for what is wrong
        pass
    from json import loads

    return loads(text)
