"""The one type that formulas take and return: a float, or an array of draws."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Value: TypeAlias = float | np.floating[Any] | NDArray[np.floating[Any]]
"""A scalar, or an array of draws of one length."""
