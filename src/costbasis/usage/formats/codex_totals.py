"""Codex's counts: cumulative totals of a session, and what one response adds to them."""

from __future__ import annotations

from typing import NamedTuple

from costbasis.usage.events import TokenCounts
from costbasis.usage.formats.calls import counted
from costbasis.usage.formats.logline import PART_ABOVE_WHOLE, BadLine

_NAMES = (
    "input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_output_tokens",
)  # fmt: skip


class Totals(NamedTuple):
    """Tokens since the session began, or of one response: input holds both kinds of cached, output reasoning."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0

    def since(self, before: Totals) -> Totals | None:
        """What came on top of *before*; None where a total fell, which is a reset."""
        grown = Totals(*(now - then for now, then in zip(self, before, strict=True)))
        return None if min(grown) < 0 else grown

    def by_class(self) -> TokenCounts:
        """In disjoint classes. Neither cached nor reasoning tokens are added to what holds them.

        Errors: :class:`~costbasis.usage.formats.logline.BadLine` where a part is larger than its whole.

        >>> Totals(input=100, cache_read=60, output=10, reasoning=4).by_class()[:6]
        (40, 0, 0, 0, 60, 10)
        """
        if self.cache_read + self.cache_write > self.input or self.reasoning > self.output:
            raise BadLine(PART_ABOVE_WHOLE)
        return TokenCounts(
            input_tok=self.input - self.cache_read - self.cache_write,
            cache_write_unknown_tok=self.cache_write,
            cache_read_tok=self.cache_read,
            output_tok=self.output,
            reasoning_tok=self.reasoning,
        )


def totals_of(usage: object) -> Totals | None:
    """The counts of a usage object; None where there is none.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where one is no count.
    """
    return Totals(*counted(usage, *_NAMES)) if isinstance(usage, dict) else None


ZERO = Totals()
