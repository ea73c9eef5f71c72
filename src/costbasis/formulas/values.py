"""The one type that formulas take and return: a float, or an array of draws."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Value: TypeAlias = float | NDArray[np.float64]
"""A scalar, or an array of draws of one length."""
