"""People's use: every solution of a fit, published statistics, laws of caps and shares, sums equal brute force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.catalog import load_catalog
from costbasis.errors import BadPopulation, UnreadableInput
from costbasis.formulas.population import (
    capped_lognormal_log_median,
    capped_lognormal_mean_frac,
    lognormal_mean_over_median,
    lognormal_quantile_over_mean,
    lognormal_top_share_frac,
    normal_quantile,
    pareto_quantile_over_mean,
    pareto_tail_of_top_share,
    pareto_top_share_frac,
)
from costbasis.population.binned import binned, place_of
from costbasis.population.fit import fit
from costbasis.population.groups import Group, groups_of
from costbasis.population.profit import cap_that_reaches, price_that_reaches, profit
from costbasis.population.read import read_population
from costbasis.population.sampled import sampled
from costbasis.population.statistics import Statistics
from costbasis.population.subscribers import population_of, subscribers_of
from costbasis.population.users import users_of
from costbasis.quantity import Source, counted
from costbasis.quantity import given as given_quantity
from costbasis.sampling import Spread

CATALOG = load_catalog()
HERE = Source("made for a test", trust="A", status="counted")
MAX_20X = CATALOG.plan("anthropic/max_20x", date(2026, 11, 20))


def test_six_and_twelve_are_met_by_two_spreads() -> None:
    found = fit(Statistics(mean_usd=6, quantiles_usd={0.9: 12}))
    assert [round(one.sigma, 2) for one in found.solutions] == [0.78, 1.79]
    assert not found.identified
    assert found.why == "mean and p90 are met by 2 spreads: 0.78 or 1.79"
    assert found.missing == ("the share of the top tenth, or another quantile",)
    for one in found.solutions:
        assert one.mean_usd == pytest.approx(6, rel=1e-4)
        assert one.p90_usd == pytest.approx(12, rel=1e-4)


def test_thirteen_and_thirty_sit_at_the_limit_of_a_log_normal() -> None:
    found = fit(Statistics(mean_usd=13, quantiles_usd={0.9: 30}))
    assert not found.identified
    assert found.why == "mean and p90 sit at the limit of a log-normal: any spread from 1.00 to 1.56"
    (one,) = found.solutions
    assert one.sigma == pytest.approx(float(normal_quantile(0.9)), abs=0.001)
    assert abs(one.misfit["p90"]) < 0.02


def prior() -> np.ndarray:
    """Draws of the catalogue's prior of the spread, N(1.28, 0.15)."""
    draws = CATALOG.quantity("population/coding-agents.sigma").draws
    assert draws.mean() == pytest.approx(1.28, abs=0.01)
    assert draws.std() == pytest.approx(0.15, abs=0.01)
    return draws


def test_the_prior_reproduces_its_four_published_statistics() -> None:
    """Claude Code costs page (mean 6, p90 12 a developer-day) and Viberank (top tenth 51 %, top hundredth 14 %)."""
    sigma = prior()
    ratio = lognormal_quantile_over_mean(sigma, 0.9).mean()
    mean = 6 * np.sqrt(12 / 6 / ratio)  # one middle for both: they miss by as much, in opposite directions
    assert mean == pytest.approx(6, rel=0.10)
    assert mean * ratio == pytest.approx(12, rel=0.15)
    assert lognormal_top_share_frac(sigma, 0.1).mean() == pytest.approx(0.51, abs=0.05)
    assert lognormal_top_share_frac(sigma, 0.01).mean() == pytest.approx(0.14, abs=0.05)


def test_the_later_pair_of_the_same_page_is_reproduced_too() -> None:
    ratio = lognormal_quantile_over_mean(prior(), 0.9).mean()
    mean = 13 * np.sqrt(30 / 13 / ratio)
    assert mean == pytest.approx(13, rel=0.10)
    assert mean * ratio == pytest.approx(30, rel=0.15)


def test_a_pareto_that_meets_the_top_tenth_fails_the_other_statistics() -> None:
    tail = pareto_tail_of_top_share(0.51, 0.1)
    assert pareto_top_share_frac(tail, 0.1) == pytest.approx(0.51)
    assert pareto_top_share_frac(tail, 0.01) > 0.14 + 0.05
    ratio = pareto_quantile_over_mean(tail, 0.9)
    worst = max(abs(np.sqrt(2 / ratio) - 1), abs(np.sqrt(ratio / 2) - 1))
    assert worst > 0.10


def test_the_four_statistics_together_pin_the_spread() -> None:
    found = fit(Statistics(mean_usd=6, quantiles_usd={0.9: 12}, top_shares={0.1: 0.51, 0.01: 0.14}))
    assert found.identified
    assert found.solutions[0].sigma == pytest.approx(1.28, abs=0.1)
    assert max(abs(value) for value in found.solutions[0].misfit.values()) < 0.07


@given(sigma=st.floats(0.1, 2.4), mean=st.floats(1, 5000))
def test_the_fit_returns_every_solution_of_a_mean_and_a_p90(sigma: float, mean: float) -> None:
    """Both roots of the closed form are there, the one that made the statistics among them."""
    p90 = mean * float(lognormal_quantile_over_mean(sigma, 0.9))
    found = fit(Statistics(mean_usd=mean, quantiles_usd={0.9: p90}))
    z = float(normal_quantile(0.9))
    wanted = sorted({sigma, 2 * z - sigma})
    got = [one.sigma for one in found.solutions]
    if abs(sigma - z) > 0.02:
        assert got == pytest.approx(wanted, abs=0.003)
    assert min(abs(one - sigma) for one in got) < 0.02


@given(sigma=st.floats(0.3, 2.0), mean=st.floats(0.03, 0.7))
@settings(max_examples=50)
def test_a_capped_fit_finds_the_spread_that_made_the_statistics(sigma: float, mean: float) -> None:
    under = capped_lognormal_log_median(mean, sigma)
    level = 0.5
    median = float(np.exp(under))
    if median >= 0.95 or mean / median < 1.02:
        return
    found = fit(Statistics(mean_usd=8000 * mean, quantiles_usd={level: 8000 * median}, cap_usd=8000))
    assert min(abs(one.sigma - sigma) for one in found.solutions) < 0.02


@pytest.mark.parametrize(
    ("statistics", "message"),
    [
        (
            Statistics(mean_usd=6, quantiles_usd={0.9: 5}),
            "the statistics given: the p90, 5, is below the mean, 6: a log-normal needs a spread above 2.56 for that, "
            "with 90 % of all use in the top 10 %\n"
            "hint: check which is which, and that they are of the same people and period",
        ),
        (
            Statistics(mean_usd=6, quantiles_usd={0.9: 20}),
            "the statistics given: no log-normal has this mean and p90: the nearest is 32 % off, more than rounding "
            "explains\nhint: a log-normal's p90 is at most 2.27 times its mean; a cap lowers the mean",
        ),
        (
            Statistics(mean_usd=6, quantiles_usd={0.5: 7}),
            "the statistics given: the median, 7, is not below the mean, 6: no log-normal has that\n"
            "hint: check which is which",
        ),
        (
            Statistics(mean_usd=-6, quantiles_usd={0.9: 12}),
            "the statistics given: the mean must be above zero, not -6",
        ),
        (
            Statistics(quantiles_usd={0.5: 9, 0.9: 7}),
            "the statistics given: a higher quantile is below a lower one\nhint: check which is which",
        ),
        (
            Statistics(top_shares={0.1: 0.05}),
            "the statistics given: the top 10 % cannot make 5 % of all use\n"
            "hint: a top share lies above the share of people and below 1",
        ),
        (
            Statistics(mean_usd=9000, quantiles_usd={0.9: 9500}, cap_usd=8000),
            "the statistics given: a statistic is above the cap, 8000\nhint: nobody passes the cap",
        ),
        (Statistics(), "the statistics given: no statistic is given\nhint: give a mean, quantiles or a top share"),
    ],
)
def test_contradictory_statistics_are_refused_with_the_reason(statistics: Statistics, message: str) -> None:
    with pytest.raises(BadPopulation) as refused:
        fit(statistics)
    assert str(refused.value) == message


def test_one_statistic_does_not_pin_the_spread_and_says_so() -> None:
    found = fit(Statistics(mean_usd=300), prior_sigma=(1.09, 1.28, 1.47))
    assert not found.identified
    assert found.why == "one statistic (mean) does not pin the spread; shown at the prior's 10, 50 and 90 %"
    assert len(found.solutions) == 3


uses = st.lists(st.floats(0, 1e5), min_size=1, max_size=60).filter(lambda values: max(values) > 0)
caps = st.floats(1, 1e5)


@given(values=uses, cap=caps, lower=st.floats(0, 1))
def test_caps_never_raise_use(values: list[float], cap: float, lower: float) -> None:
    users = users_of(np.array(values))
    assert users.mean_usd(cap * lower) <= users.mean_usd(cap) + 1e-9
    assert users.mean_usd(cap) <= np.mean(values) * (1 + 1e-12) + 1e-9
    for level in (0.1, 0.5, 0.9):
        assert users.quantile_usd(level, cap) <= cap


@given(values=uses, cap=caps, threshold=st.floats(0, 2e5), top=st.floats(0.01, 1))
def test_shares_lie_in_0_to_1(values: list[float], cap: float, threshold: float, top: float) -> None:
    users = users_of(np.array(values))
    assert 0 <= users.above_frac(threshold, cap) <= 1
    assert 0 <= users.top_frac(top, cap) <= 1 + 1e-9


@given(mean=st.floats(0.01, 0.8), sigma=st.floats(0.2, 2.0), cap=st.floats(0.01, 1.0))
def test_a_capped_log_normal_keeps_the_same_laws(mean: float, sigma: float, cap: float) -> None:
    log_median = float(capped_lognormal_log_median(mean, sigma))
    people = groups_of([Group("all", 1.0, log_median, sigma)])
    assert people.mean_usd(cap) <= people.mean_usd(1.0) + 1e-12
    assert people.mean_usd(1.0) == pytest.approx(mean, rel=1e-6)
    assert 0 <= people.above_frac(0.5 * cap, cap) <= 1
    assert people.above_frac(cap, cap) == 0
    assert 0.1 - 1e-9 <= people.top_frac(0.1, cap) <= 1


@given(dearer=st.floats(1.0, 5.0))
@settings(max_examples=10, deadline=None)
def test_margins_fall_with_cost(dearer: float) -> None:
    people = subscribers_of(population_of(MAX_20X, CATALOG))
    low, high = (
        profit(people, counted("price_usd", 200.0, HERE), counted("cost_over_list_frac", ratio, HERE))
        for ratio in (0.1, 0.1 * dearer)
    )
    assert (high.margin_usd.draws <= low.margin_usd.draws + 1e-9).all()
    assert (high.share_unprofitable.draws >= low.share_unprofitable.draws - 1e-12).all()
    assert high.p_profitable <= low.p_profitable


def test_groups_in_closed_form_agree_with_a_million_people() -> None:
    rng = np.random.default_rng(7)
    made = [(0.3, None, 1.0), (0.6, np.log(200), 1.0), (0.1, np.log(4000), 0.6)]
    people = groups_of([Group(str(share), share, middle, sigma) for share, middle, sigma in made])
    use = np.concatenate(
        [
            np.zeros(300_000),
            np.exp(np.log(200) + rng.normal(size=600_000)),
            np.exp(np.log(4000) + 0.6 * rng.normal(size=100_000)),
        ]
    )
    users = users_of(use)
    for cap in (1_000.0, 8_000.0):
        assert people.mean_usd(cap) == pytest.approx(float(users.mean_usd(cap)), rel=0.01)
        assert people.above_frac(500.0, cap) == pytest.approx(float(users.above_frac(500.0, cap)), abs=0.002)
        assert people.top_frac(0.1, cap) == pytest.approx(float(users.top_frac(0.1, cap)), abs=0.005)
        for level in (0.2, 0.5, 0.9, 0.99):
            assert people.quantile_usd(level, cap) == pytest.approx(float(users.quantile_usd(level, cap)), rel=0.02)


def test_prefix_sums_equal_brute_force_to_1e_9() -> None:
    """10,000 users × 1,000 draws: every user costed in every draw."""
    rng = np.random.default_rng(3)
    use = rng.lognormal(6, 1.28, 10_000)
    ratio, cap, price = rng.lognormal(np.log(0.16), 0.6, 1_000), rng.uniform(500, 9_000, 1_000), 200.0
    users = users_of(use)
    means, above, tops, medians = [], [], [], []
    for one_ratio, one_cap in zip(ratio, cap, strict=True):
        capped = np.sort(np.minimum(use, one_cap))
        means.append(price - one_ratio * capped.mean())
        above.append((one_ratio * capped > price).mean())
        tops.append(capped[-1_000:].sum() / capped.sum())
        medians.append(capped[4_999])
    np.testing.assert_allclose(price - ratio * users.mean_usd(cap), means, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(users.above_frac(price / ratio, cap), above, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(users.top_frac(0.1, cap), tops, rtol=1e-9)
    np.testing.assert_allclose(users.quantile_usd(0.5, cap), medians, rtol=1e-9)


def test_binned_people_lie_within_the_stated_error_of_brute_force() -> None:
    rng = np.random.default_rng(4)
    users = users_of(np.concatenate([np.zeros(500), rng.lognormal(6, 1.3, 9_500)]))
    bins = binned(users)
    middle, spread = place_of(users)
    sigma, cap = rng.normal(1.28, 0.15, 200), rng.uniform(500, 9_000, 200)
    found = bins.mean_usd(np.full(200, middle), sigma, cap)
    z = (np.log(users.use_usd[500:]) - middle) / spread
    exact = np.array([np.minimum(np.exp(middle + s * z), c).sum() / 10_000 for s, c in zip(sigma, cap, strict=True)])
    assert (np.abs(found.value - exact) <= found.bound * (1 + 1e-9) + 1e-9).all()
    assert (found.bound / found.value).max() < 2e-3


def test_a_sample_of_people_is_as_wide_as_few_people_are() -> None:
    rng = np.random.default_rng(9)
    few, many = (sampled(users_of(rng.lognormal(6, 1.28, count)), CATALOG.sampling) for count in (30, 3_000))
    spreads = [np.quantile(people.mean_usd(8_000.0), (0.1, 0.9)) for people in (few, many)]
    ratios = [high / low for low, high in spreads]
    assert ratios[0] > 1.5 > 1.1 > ratios[1]
    for people in (few, many):
        assert people.error_frac(8_000.0) < 5e-3
        assert ((people.top_frac(0.1, 8_000.0) >= 0.1) & (people.top_frac(0.1, 8_000.0) <= 1)).all()
        assert (people.quantile_usd(0.9, 500.0) <= 500).all()
        assert ((people.above_frac(300.0, 8_000.0) >= 0) & (people.above_frac(300.0, 8_000.0) <= 1)).all()
        assert (people.above_frac(9_000.0, 8_000.0) == 0).all()


def test_a_sample_of_four_people_is_refused() -> None:
    with pytest.raises(BadPopulation) as refused:
        sampled(users_of(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), "u.csv"), CATALOG.sampling)
    assert str(refused.value) == (
        "u.csv: 4 people with any use are too few for a sample\n"
        "hint: give at least 5, or leave --population-is-a-sample out if they are all there are"
    )


def test_a_price_and_a_cap_reach_the_target_margin() -> None:
    people = subscribers_of(population_of(MAX_20X, CATALOG))
    ratio = given_quantity("cost_over_list_frac", Spread("bounded", 0.05, 0.16, 0.47), HERE, CATALOG.sampling)
    price = price_that_reaches(people, ratio, 0.4)
    at_price = profit(people, price, ratio)
    np.testing.assert_allclose(at_price.margin_usd.draws / price.draws, 0.4, rtol=1e-9)
    flat = counted("price_usd", 200.0, HERE)
    cap = cap_that_reaches(people, flat, ratio, 0.4)
    use = people.people.mean_usd(cap.draws)
    binding = cap.draws < people.ceiling_usd.draws * (1 - 1e-6)
    np.testing.assert_allclose((1 - use * ratio.draws / 200)[binding], 0.4, atol=1e-6)
    assert (1 - use * ratio.draws / 200 >= 0.4 - 1e-6).all()


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_of_users_and_a_toml_of_groups_and_statistics_are_read(tmp_path: Path) -> None:
    users = read_population(write(tmp_path, "u.csv", "user,use_usd\na,10\nb,30\n")).users
    assert users is not None
    assert users.use_usd.tolist() == [10, 30]
    idle, busy = "share_frac = 0.5\nmean_usd = 0\n", "share_frac = 0.5\nmean_usd = 100\nsigma = 1\n"
    text = f"[[group]]\n{idle}[[group]]\n{busy}"
    groups = read_population(write(tmp_path, "g.toml", text)).groups
    assert groups is not None
    assert groups.mean_usd(1e12) == pytest.approx(50)
    said = read_population(
        write(
            tmp_path,
            "s.toml",
            'selection_bias = "engineers"\n[statistics]\nmean_usd = 6\np90_usd = 12\ntop_10_frac = 0.51\n',
        )
    )
    assert said.statistics == Statistics(6, {0.9: 12}, {0.1: 0.51}, None, "engineers", said.where)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("e.csv", "", "the population is empty\nhint: write a header with use_usd: each user's list value a month"),
        ("e.csv", "user,use_usd\n", "the population is empty\nhint: give one line a user with its use_usd"),
        ("n.csv", "use_usd\n-3\n", "a use is negative: -3\nhint: use is list value, at least 0"),
        ("m.csv", "use_usd,currency\n1,USD\n2,EUR\n", "mixed currencies: EUR, USD\nhint: convert to USD"),
        ("m.csv", "use_usd,currency\n1,EUR\n", "the use is in EUR, not USD\nhint: convert it to USD first"),
        (
            "u.toml",
            "[statistics]\nmode_usd = 3\n",
            'unknown statistic "mode_usd"\nhint: mean_usd, p90_usd, top_10_frac',
        ),
        (
            "g.toml",
            "[[group]]\nshare_frac = 0.4\nmean_usd = 0\n",
            "the groups' shares add up to 0.4, not 1: a group 0.4",
        ),
        ("b.toml", "group = 3\nstatistics = 4\n", "give either [statistics] or [[group]]"),
        ("k.toml", "size = 3\n", None),
        ("x.toml", "= 3", None),
    ],
)
def test_bad_population_files_are_refused_with_file_and_reason(
    tmp_path: Path, name: str, text: str, message: str | None
) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(BadPopulation) as refused:
        read_population(path)
    assert str(refused.value).startswith(str(path))
    if message is not None:
        assert str(refused.value) == f"{path}: {message}"


def test_a_bad_number_names_its_line_and_a_missing_file_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", "use_usd\n1\nmany\n")
    with pytest.raises(BadPopulation) as refused:
        read_population(path)
    assert str(refused.value) == f'{path}:3: "many" is not a number\nhint: use_usd is USD a month'
    with pytest.raises(UnreadableInput):
        read_population(tmp_path / "none.csv")


def test_the_mean_of_a_log_normal_is_what_a_million_draws_say() -> None:
    rng = np.random.default_rng(5)
    drawn = np.minimum(np.exp(np.log(0.1) + 1.28 * rng.normal(size=1_000_000)), 1)
    assert drawn.mean() == pytest.approx(float(capped_lognormal_mean_frac(np.log(0.1), 1.28)), rel=0.005)
    assert float(lognormal_mean_over_median(1.28)) == pytest.approx(
        np.exp(1.28 * rng.normal(size=4_000_000)).mean(), rel=0.02
    )
