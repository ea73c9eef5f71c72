"""The posterior of the performance model's constants, and how far its predictions are off, as shipped or overlaid.

``data/calibration/serving_posterior.csv`` holds joint draws of the constants, ``serving_effects.csv`` how much
faster or slower each known model runs than its geometry says, ``serving_error.csv`` the scale of what is left.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from costbasis.catalog.tables import Row, read_bytes
from costbasis.errors import UnreadableInput, why
from costbasis.performance import Constants, Deployment, constants_of
from costbasis.performance.constants import PRIOR
from costbasis.sampling import Sampling, stream_for, uniforms

Floats = NDArray[np.float64]

TAIL = 4.0
"""Degrees of freedom of the error left after constants and model effect."""

FEATURES = ("always", "experts", "novel_attention", "four_bit", "young_hardware", "two_pools", "offline")
"""What widens the error: see :func:`features`."""

NEW_CLASS_LOG_SCALE = float(np.log(1.7))
"""What a class of attention of which one model was measured adds: no left-out fit can tell it. Compressed attention
(DeepSeek-V4) is the only one. A judgement: the widening that a new class needed in the measured ones."""
KNOWN_MODEL = "known_model"
NEW_MODEL = "(a model never measured)"

FAMILIES = {
    "llama-3.1-70b": "llama-70b",
    "llama-3.3-70b": "llama-70b",
    "llama-2-70b": "llama-70b",
    "deepseek-v3": "deepseek-v3",
    "deepseek-v3-0324": "deepseek-v3",
    "deepseek-v3.1": "deepseek-v3",
    "deepseek-v3.1-terminus": "deepseek-v3",
    "deepseek-r1": "deepseek-v3",
    "deepseek-r1-0528": "deepseek-v3",
    "glm-5": "glm-5",
    "glm-5.1": "glm-5",
    "glm-5.2": "glm-5",
    "glm-5.3": "glm-5",
    "kimi-k2-0711": "kimi-k2",
    "kimi-k2-0905": "kimi-k2",
    "kimi-k2-thinking": "kimi-k2",
    "kimi-k2.5": "kimi-k2",
    "kimi-k2.6": "kimi-k2",
    "minimax-m2": "minimax-m2.5",
    "minimax-m2.1": "minimax-m2.5",
    "minimax-m2.7": "minimax-m2.5",
    "qwen3-235b-a22b-2507": "qwen3-235b-a22b",
}
"""Models that share a geometry, and so count as one where a model is left out."""


def family_of(model: str) -> str:
    """The geometry that a model shares with others.

    >>> family_of("deepseek-r1"), family_of("gpt-oss-120b")
    ('deepseek-v3', 'gpt-oss-120b')
    """
    return FAMILIES.get(model, model)


@dataclass(frozen=True, slots=True)
class Posterior:
    """Joint draws of the fitted constants, effects by family, and the error scale's coefficients."""

    names: tuple[str, ...]
    log_draws: Floats
    """Shape (draws, constants): logarithms."""
    effects: Mapping[str, tuple[float, float]]
    """Family to mean and spread of log(predicted / measured): above 0, the geometry promises too much."""
    new_effect: float
    """Spread of that effect between models; the error of a model without measurements contains it."""
    error: Mapping[str, float]
    """Feature to its part of the logarithm of the error's scale, for a model that was never measured; and what
    knowing a model's effect takes off it."""

    @property
    def centre(self) -> Constants:
        """Constants at the median of the draws."""
        middle = np.median(self.log_draws, axis=0)
        return constants_of(dict(zip(self.names, np.exp(middle).tolist(), strict=True)))

    def draws(self, sampling: Sampling) -> Constants:
        """Constants as arrays of as many draws as asked for, whole rows of the posterior."""
        rows = self.rows(sampling)
        return constants_of(dict(zip(self.names, np.exp(self.log_draws[rows]).T, strict=True)))

    def rows(self, sampling: Sampling) -> NDArray[np.intp]:
        """Which row of the posterior each draw is: the same everywhere under one seed."""
        stream = stream_for("calibration/serving_posterior", sampling)
        count = len(self.log_draws)
        repeats = -(-sampling.draws // count)
        found: NDArray[np.intp] = np.concatenate([stream.permutation(count) for _ in range(repeats)])[: sampling.draws]
        return found

    def knows(self, model: str) -> bool:
        """True where the model, or one of its geometry, was measured."""
        return family_of(model) in self.effects

    def effect(self, model: str) -> tuple[float, float]:
        """Mean and spread of a model's effect; of a model never measured, 0 and the spread between models."""
        return self.effects.get(family_of(model), (0.0, self.new_effect))

    def error_scale(
        self, model: str, deployment: Deployment, *, two_pools: bool = False, offline: bool = False
    ) -> Floats:
        """Scale of the Student-t error (of :data:`TAIL` degrees) of log(predicted / true), the effect taken out."""
        parts = features(deployment, two_pools=two_pools, offline=offline)
        log_scale = sum(self.error[name] * part for name, part in parts.items())
        known = self.error[KNOWN_MODEL] if self.knows(model) else 0.0
        new_class = NEW_CLASS_LOG_SCALE * (np.asarray(deployment.architecture.global_compression) > 1)
        return np.exp(np.asarray(log_scale + known + new_class, dtype=np.float64))

    def throughput_factor(
        self, model: str, deployment: Deployment, sampling: Sampling, *, two_pools: bool = False, offline: bool = False
    ) -> Floats:
        """Draws of true throughput over predicted: the model's effect and the error that is left.

        Multiply a predicted rate with it, and divide a predicted cost by it. Shape: (draws,) for one deployment.
        """
        mean, spread = self.effect(model) if self.knows(model) else (0.0, 0.0)
        effect = mean + spread * _normal(f"calibration/effect.{family_of(model)}", sampling)
        scale = self.error_scale(model, deployment, two_pools=two_pools, offline=offline)
        left = scale * _heavy_tailed(sampling)
        found: Floats = np.exp(-effect - left)
        return found


@lru_cache(maxsize=8)
def _normal(key: str, sampling: Sampling) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(key, sampling)), dtype=np.float64)


@lru_cache(maxsize=8)
def _heavy_tailed(sampling: Sampling) -> Floats:
    from scipy.special import stdtrit

    return np.asarray(stdtrit(TAIL, uniforms("calibration/serving_error", sampling)), dtype=np.float64)


def features(deployment: Deployment, *, two_pools: bool = False, offline: bool = False) -> dict[str, Floats]:
    """What of a deployment widens the error of its prediction, as 0 or 1 each.

    Novel attention is selected, compressed or linear; four bits count with or without hardware for them; young
    hardware is AMD's, whose software moved fastest in the measurements.
    """
    arch, accel, precision = deployment.architecture, deployment.accelerator, deployment.precision
    selects = (np.asarray(arch.index_elements_per_tok) > 0) | (np.asarray(arch.state_elements) > 0)
    values = {
        "always": np.ones_like(np.asarray(arch.layers, dtype=np.float64)),
        "experts": np.asarray(arch.moe_layers) > 0,
        "novel_attention": selects,
        "four_bit": np.asarray(precision.expert_bytes_per_param) < 1,
        "young_hardware": np.asarray(accel.is_cdna3) + np.asarray(accel.is_cdna4) > 0,
        "two_pools": np.asarray(two_pools),
        "offline": np.asarray(offline),
    }
    return {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class OwnCalibration:
    """A calibration that a user made of their own measurements: its draws, where they are, a hash of them."""

    posterior: Posterior
    path: Path
    sha256: str
    told: int
    """Models of which it knows how much faster or slower they run for this user than their geometry says."""


def own_calibration(path: Path) -> OwnCalibration:
    """The calibration in a file that ``costbasis calibrate`` wrote.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a file that is not one, with the row and the column.
    """
    posterior, told = _laid_over(path)
    return OwnCalibration(posterior, path, sha256(path.read_bytes()).hexdigest(), told)


def serving_posterior(overlay: Path | None = None) -> Posterior:
    """The shipped posterior, or one that ``costbasis calibrate`` wrote.

    Errors: :class:`~costbasis.errors.UnreadableInput` for an overlay that is not one.
    """
    return _laid_over(overlay)[0]


def _laid_over(overlay: Path | None) -> tuple[Posterior, int]:
    effects = {row["family"]: (float(row["mean"]), float(row["spread"])) for row in _rows("serving_effects.csv")}
    new_effect = effects.pop(NEW_MODEL)[1]
    error = {row["feature"]: float(row["log_scale"]) for row in _rows("serving_error.csv")}
    told: dict[str, tuple[float, float]] = {}
    if overlay is None:
        draws = _rows("serving_posterior.csv")
    else:
        draws, told = _overlay(overlay)
    names = tuple(name for name in draws[0] if name in PRIOR)
    values = np.array([[float(row[name]) for name in names] for row in draws])
    return Posterior(names, np.log(values), effects | told, new_effect, error), len(told)


def _rows(name: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(read_bytes(f"calibration/{name}").decode())))


EFFECT = "effect:"
"""Columns of an overlay that hold a family's effect: its mean and spread in the first two rows."""


HINT = "write one with: costbasis calibrate FILE --out OVERLAY.csv"


def _overlay(path: Path) -> tuple[list[Row], dict[str, tuple[float, float]]]:
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint=HINT) from error
    fitted = {name for name, (_, spread, _) in PRIOR.items() if spread > 0}
    missing = sorted(fitted - set(rows[0])) if rows else sorted(fitted)
    if len(rows) < 2 or missing:
        what = f"constants are missing: {', '.join(missing[:3])}" if missing else "it holds fewer than two draws"
        raise UnreadableInput(f"this is no calibration: {what}", where=str(path), hint=HINT)
    for name in sorted(fitted):
        for line, row in enumerate(rows, start=2):
            _number(row, name, f"{path}:{line}", above=0.0)
    told = {
        name.removeprefix(EFFECT): (
            _number(rows[0], name, f"{path}:2", above=-np.inf),
            _number(rows[1], name, f"{path}:3", above=0.0),
        )
        for name in rows[0]
        if name and name.startswith(EFFECT)
    }
    return rows, told


def _number(row: Row, name: str, where: str, *, above: float) -> float:
    """A finite number of a cell, above a bound."""
    text = row.get(name)
    try:
        value = float(text or "")
    except ValueError:
        value = np.nan
    if not np.isfinite(value) or value <= above:
        least = "a number" if above < 0 else "a number above 0"
        raise UnreadableInput(f"{name} is {text!r}, not {least}: the file is damaged", where=where, hint=HINT)
    return value
