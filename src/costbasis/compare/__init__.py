"""A choice: subscribe, buy tokens, switch to an open model, or host it; break-evens, and what price cuts would do."""

from costbasis.compare.choice import BreakEven, Choice, Option, choose_for
from costbasis.compare.hosting import Hosting, Machine
from costbasis.compare.whatif import Cut, price_cuts

__all__ = ["BreakEven", "Choice", "Cut", "Hosting", "Machine", "Option", "choose_for", "price_cuts"]
