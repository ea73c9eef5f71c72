"""A market price for a model that no host sells yet: predicted from its architecture and the other models' offers.

What moves a mix most is whether hosts price cached input at all, so that is a term of its own. Three quantities are
kriged over the models: the price of the mix with every prompt token at the full input price (all hosts), what it
falls to where cached input is priced (those that price it), and the share of hosts that do. The median over all hosts
is that of the two bands mixed. How smooth and how noisy each quantity is, is weighed by the evidence of the models
at hand, and of those alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from costbasis.catalog.market.kriging import Kriged, covariance, kriged, log_evidence
from costbasis.catalog.market.traits import Traits
from costbasis.catalog.offers import Offer
from costbasis.sampling import Floats, Sampling, uniforms

LENGTHS, SIGNALS, NOISES = (0.5, 0.7, 1.0, 1.4), (0.1, 0.3, 0.9), (0.03, 0.1, 0.3)
"""The choices for reach (in standard deviations of the traits), smooth variance, and a model's own variance."""

SLOPE_VARIANCE = 0.25
"""Prior variance of the logarithm's slope: a standard deviation of a trait moves a price by a factor of 1.6 or so."""

UNLIKE = 0.5
"""What models of different attention classes have in common of the smooth part."""

MEDIAN_OF_NORMAL = np.pi / 2
"""Variance of a median of n normal values, in units of variance / n."""


@dataclass(frozen=True, slots=True)
class Sold:
    """A model that hosts sell: its traits and its offers."""

    traits: Traits
    offers: Sequence[Offer]


@dataclass(frozen=True, slots=True)
class Band:
    """The predicted median of one band in USD (draws of it), and the spread of one host around it (a logarithm)."""

    median_usd: Floats
    host_sd: float


@dataclass(frozen=True, slots=True)
class Predicted:
    """The predicted market of a mix. *cached*, *uncached*: hosts that price cached input and hosts that do not.

    *cached_share*: share of hosts that price cached input. *median_usd*: the median over all hosts. Draws, ``(n,)``.
    *weights*: what each other model adds to the cached band's prediction, by name (they need not be positive).
    """

    cached: Band
    uncached: Band
    cached_share: Floats
    median_usd: Floats
    weights: Mapping[str, float]


FEWEST_MODELS = 8


def predict(target: Traits, others: Sequence[Sold], mix: Mapping[str, float], sampling: Sampling) -> Predicted | None:
    """The market that *target* would have among the *others*; None where fewer than eight of them say something.

    The target itself is left out of the others. *mix*: usage column to tokens.
    """
    known = [sold for sold in others if sold.offers and sold.traits.model != target.model]
    caching = [sold for sold in known if any(offer.prices_cached_input for offer in sold.offers)]
    if len(caching) < FEWEST_MODELS:
        return None
    full = {sold.traits: np.log([_full_usd(offer, mix) for offer in sold.offers]) for sold in known}
    fall = {
        sold.traits: np.log(
            [offer.usd(mix) / _full_usd(offer, mix) for offer in sold.offers if offer.prices_cached_input]
        )
        for sold in caching
    }
    level = _term("price", target, full, sampling)
    falls = _term("fall", target, fall, sampling)
    share = _share(target, known, sampling)
    uncached = Band(np.exp(level.draws), level.host_sd)
    cached = Band(np.exp(level.draws + falls.draws), float(np.hypot(level.host_sd, falls.host_sd)))
    return Predicted(cached, uncached, share, _mixed_median(cached, uncached, share), level.weights)


def _full_usd(offer: Offer, mix: Mapping[str, float]) -> float:
    """USD of the mix with every prompt token at the host's input price."""
    output = mix.get("output_tok", 0.0)
    prompt = sum(mix.values()) - output
    return prompt * offer.input_usd_per_tok + output * offer.output_usd_per_tok


@dataclass(frozen=True, slots=True)
class _Term:
    draws: Floats
    host_sd: float
    weights: dict[str, float]


def _term(name: str, target: Traits, logs: Mapping[Traits, Floats], sampling: Sampling) -> _Term:
    """Draws of the target's median logarithm, the spread of one host around a median, and each model's weight."""
    hosts = np.array([len(values) for values in logs.values()], dtype=np.float64)
    squares = sum(float(((values - values.mean()) ** 2).sum()) for values in logs.values())
    host_variance = squares / max(1.0, float((hosts - 1).sum()))
    medians = np.array([np.median(values) for values in logs.values()])
    found = _kriged(target, list(logs), medians, MEDIAN_OF_NORMAL * host_variance / hosts)
    own = MEDIAN_OF_NORMAL * host_variance / float(np.median(hosts))
    draws = found.mean[0] + np.sqrt(found.variance[0] + own) * _normal(f"market-model/{name}", sampling)
    weights = dict(zip((traits.model for traits in logs), found.weights[0].tolist(), strict=True))
    return _Term(draws, float(np.sqrt(host_variance)), weights)


def _share(target: Traits, known: Sequence[Sold], sampling: Sampling) -> Floats:
    """Draws of the share of hosts that price cached input: its log-odds, with half a host added to each side."""
    from scipy.special import expit, logit

    hosts = np.array([len(sold.offers) for sold in known], dtype=np.float64)
    pricing = np.array([sum(offer.prices_cached_input for offer in sold.offers) for sold in known])
    smoothed = (pricing + 0.5) / (hosts + 1)
    counting = 1 / ((hosts + 1) * smoothed * (1 - smoothed))
    found = _kriged(target, [sold.traits for sold in known], logit(smoothed), counting)
    draws = found.mean[0] + np.sqrt(found.variance[0]) * _normal("market-model/share", sampling)
    return np.asarray(expit(draws), dtype=np.float64)


def _kriged(target: Traits, traits: Sequence[Traits], values: Floats, noise: Floats) -> Kriged:
    """*values* at the target: the average over all priors of the choices, each weighing as its evidence."""
    raw = np.array([_coordinates(one) for one in (*traits, target)])
    points = (raw - raw[:-1].mean(axis=0)) / np.maximum(raw[:-1].std(axis=0), 1e-9)
    classes = np.array([one.attention for one in (*traits, target)])
    alike = np.where(classes[:, None] == classes[None, :], 1.0, UNLIKE)
    middle = float(values.mean())
    evidence, means, variances, weights = [], [], [], []
    for length, signal in product(LENGTHS, SIGNALS):
        prior = covariance(points, points, alike, length, signal, SLOPE_VARIANCE)
        for own in NOISES:
            found = kriged(values - middle, noise + own, prior[:-1, :-1], prior[-1:, :-1], prior[-1:, -1])
            evidence.append(log_evidence(values - middle, noise + own, prior[:-1, :-1]))
            means.append(found.mean)
            variances.append(found.variance + own)
            weights.append(found.weights)
    share = np.exp(np.array(evidence) - max(evidence))
    share /= share.sum()
    mean = np.tensordot(share, means, 1)
    spread = np.tensordot(share, (np.array(means) - mean) ** 2, 1)
    return Kriged(mean + middle, np.tensordot(share, variances, 1) + spread, np.tensordot(share, weights, 1))


def _coordinates(traits: Traits) -> tuple[float, float, float, float]:
    years = traits.listed.toordinal() / 365.25
    sizes = (traits.total_param_count, traits.active_param_count, traits.kv_bytes_per_tok)
    total, active, cache = (float(np.log(size)) for size in sizes)
    return total, active, cache, years


def _normal(key: str, sampling: Sampling) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(key, sampling)), dtype=np.float64)


def _mixed_median(cached: Band, uncached: Band, share: Floats) -> Floats:
    """The median of two log-normal bands mixed, draw by draw, by halving the interval between their medians."""
    from scipy.special import ndtr

    first, second = np.log(cached.median_usd), np.log(uncached.median_usd)
    low, high = np.minimum(first, second) - 3, np.maximum(first, second) + 3
    for _ in range(40):
        middle = (low + high) / 2
        below = share * ndtr((middle - first) / cached.host_sd) + (1 - share) * ndtr(
            (middle - second) / uncached.host_sd
        )
        low, high = np.where(below < 0.5, middle, low), np.where(below < 0.5, high, middle)
    return np.asarray(np.exp((low + high) / 2), dtype=np.float64)
