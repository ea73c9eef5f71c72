"""Where a number comes from. Apart from quantities, because exact prices have sources and need no draws."""

from __future__ import annotations

import msgspec


class Source(msgspec.Struct, frozen=True):
    """Where a number comes from, and how far it can be trusted.

    *trust*: A audited or sworn, B first party, C reputable press, index or package, D analyst or one
    measured user, E anonymous or rumour. *status*: audited, published, measured, estimate, assumed, ….
    *interest*: what the source gains if it is believed ("" where none is known).
    """

    citation: str
    place: str = ""
    trust: str = "D"
    status: str = "published"
    interest: str = ""
    as_of: str = ""
    note: str = ""
