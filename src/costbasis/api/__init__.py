"""The Python API: every function asks what the command of its name asks, and gives the same answer as an object.

``costbasis`` hands these names out; :mod:`costbasis.api.result` says what comes back.
"""

from costbasis.api.choices import company, compare, plan
from costbasis.api.prices import check, explain, price, serving
from costbasis.api.tables import value
from costbasis.api.uses import report, usage

__all__ = ["check", "company", "compare", "explain", "plan", "price", "report", "serving", "usage", "value"]
