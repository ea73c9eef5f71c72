"""A population of a million users × ten thousand draws, beside costing every user in every draw. ``make bench``.

The plain way is timed on 10,000 users × 1,000 draws and scaled by the number of (user, draw) pairs.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import numpy as np

from costbasis.population.binned import binned, place_of
from costbasis.population.users import users_of

USERS, DRAWS = 1_000_000, 10_000
SMALL_USERS, SMALL_DRAWS = 10_000, 1_000
PRICE_USD = 200.0
ROUNDS = 3


def main() -> None:
    """Time each way, best of a few rounds, and print seconds, the ratio and peak memory."""
    rng = np.random.default_rng(1)
    use = rng.lognormal(6, 1.28, USERS)
    ratio, cap = rng.lognormal(np.log(0.16), 0.7, DRAWS), rng.uniform(7_000, 8_233, DRAWS)
    sigma = rng.normal(1.28, 0.15, DRAWS)
    pairs = USERS * DRAWS / (SMALL_USERS * SMALL_DRAWS)
    sorted_s = best(lambda: by_prefix_sums(use, ratio, cap))
    binned_s = best(lambda: by_bins(use, sigma, cap))
    plain_s = pairs * best(lambda: by_brute_force(use[:SMALL_USERS], ratio[:SMALL_DRAWS], cap[:SMALL_DRAWS]))
    users = users_of(use)
    found = binned(users).mean_usd(np.full(DRAWS, place_of(users)[0]), sigma, cap)
    print(f"population: {USERS:,} users × {DRAWS:,} draws, best of {ROUNDS}\n")
    print(f"{'what':<58}{'[s]':>8}{'plain [s]':>11}{'ratio':>9}")
    for name, ours_s in (("cost and cap drawn: prefix sums", sorted_s), ("the spread drawn: quantile bins", binned_s)):
        print(f"{name:<58}{ours_s:>8.3f}{plain_s:>11.0f}{plain_s / ours_s:>8,.0f}×")
    print(f"bins: error at most {(found.bound / found.value).max():.1e} of the mean, in any draw")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few runs."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def by_prefix_sums(use: np.ndarray, ratio: np.ndarray, cap: np.ndarray) -> None:
    """Margin, share unprofitable, top-decile share and quantiles, from unsorted use on."""
    users = users_of(use)
    PRICE_USD - ratio * users.mean_usd(cap)
    users.above_frac(PRICE_USD / ratio, cap)
    users.top_frac(0.1, cap)
    for level in (0.1, 0.5, 0.9, 0.99):
        users.quantile_usd(level, cap)


def by_bins(use: np.ndarray, sigma: np.ndarray, cap: np.ndarray) -> None:
    """The mean use where each draw has a spread of its own, from unsorted use on."""
    users = users_of(use)
    binned(users).mean_usd(np.full(len(sigma), place_of(users)[0]), sigma, cap)


def by_brute_force(use: np.ndarray, ratio: np.ndarray, cap: np.ndarray) -> None:
    """Every user costed in every draw: mean margin and share unprofitable."""
    for one_ratio, one_cap in zip(ratio, cap, strict=True):
        cost = one_ratio * np.minimum(use, one_cap)
        (PRICE_USD - cost).mean()
        (cost > PRICE_USD).mean()


if __name__ == "__main__":
    main()
