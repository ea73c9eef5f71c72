"""The performance model: time and throughput of whole deployments, from formulas, vectorised over configurations.

Nouns are named tuples of floats or arrays (:mod:`~costbasis.performance.deployment`); a deployment of n
configurations has fields of shape (n,), one row of a table each. To add draws of the constants as a second axis,
give the deployment columns (``column(deployment)``, shape (n, 1)) and the constants rows (shape (draws,)): every
result then has shape (n, draws). It is arithmetic: it imports formulas and knows no catalogue.
"""

from costbasis.performance.constants import REFERENCE_MONTH, Constants, constants_of
from costbasis.performance.deployment import (
    Accelerator,
    Architecture,
    Deployment,
    Layout,
    Precision,
    column,
    stack,
    take,
)
from costbasis.performance.passes import Terms, decode_pass, prefill_pass
from costbasis.performance.serve import (
    Aggregated,
    Disaggregated,
    aggregated,
    disaggregated,
    drift_factor,
    largest_batch,
    weight_bytes_per_accel,
)

__all__ = [
    "REFERENCE_MONTH",
    "Accelerator",
    "Aggregated",
    "Architecture",
    "Constants",
    "Deployment",
    "Disaggregated",
    "Layout",
    "Precision",
    "Terms",
    "aggregated",
    "column",
    "constants_of",
    "decode_pass",
    "disaggregated",
    "drift_factor",
    "largest_batch",
    "prefill_pass",
    "stack",
    "take",
    "weight_bytes_per_accel",
]
