"""A plain ``usage`` command line read without click: what click makes of it, or nothing."""

from __future__ import annotations

import copy
from typing import Any

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from costbasis.cli.app import app
from costbasis.cli.plainly import CHOICES, FLAGS, SHARED, VALUES, defaults, params_of
from costbasis.lane import question
from costbasis.lane.question import ALIASES
from costbasis.lane.status import plan_of

OPTIONS = [*FLAGS, *VALUES, "--set", "--out", "--invoice", "--help", "--", "-", "--bas", "-bz", "-zUTC", "--no-such"]
WORDS = ["2026-03-01", "20260301", "UTC", "list", "list,market", "a b", "7", "-7", "+7", "1_0", "٣", " 3", "0x1", "1e3",
         "", "-b", "--json", "=", "a=b", "ä", "logs",
         *(word for words in CHOICES.values() for word in words)]  # fmt: skip

arguments = st.lists(
    st.one_of(
        st.sampled_from([*OPTIONS, *WORDS]),
        st.tuples(st.sampled_from(OPTIONS), st.sampled_from(WORDS)).map("=".join),
        st.tuples(st.sampled_from([*VALUES]), st.sampled_from(WORDS)),
    ),
    max_size=6,
).map(lambda parts: [word for part in parts for word in ((part,) if isinstance(part, str) else part)])


def by_click(words: list[str]) -> dict[str, Any] | None:
    """The parameters with which click calls the command; None where it does not call it."""
    group = click.Context(app)
    command = copy.copy(app.get_command(group, words[0]))
    assert command is not None
    heard: list[dict[str, Any]] = []
    command.callback = lambda **params: heard.append(params)
    try:
        command.main(words[1:], standalone_mode=False)
    except (click.ClickException, click.exceptions.Exit):
        return None
    return heard[0] if heard else None


@given(st.sampled_from(["usage", *ALIASES]), arguments)
@example("usage", ["--json", "--basis", "list"])
@example("daily", ["-s", "20260301", "--until=2026-04-01", "-b", "--last", "5", "logs", "more"])
@example("blocks", ["--by", "model", "--by", "day", "--seed=7", "-w", "sunday", "--order", "most", "--format=csv"])
@example("usage", ["--last", "7" * 19])
def test_what_is_read_plainly_is_what_click_hands_on(name: str, words: list[str]) -> None:
    read = params_of([name, *words])
    if read is not None:
        assert read == by_click([name, *words])


@pytest.mark.parametrize("name", ["usage", *ALIASES])
def test_every_option_of_the_lane_is_read_plainly_but_what_sets_facts(name: str) -> None:
    values = {*question.VALUES, *question.DAYS} - {"--set"}
    assert values == {*VALUES}
    assert {*question.FLAGS} == {*FLAGS}
    assert params_of([name]) == by_click([name]) == defaults(ALIASES.get(name, "day"))
    for option, parameter in VALUES.items():
        value = str(CHOICES.get(parameter, ["7"])[-1])
        read = params_of([name, option, value])
        assert read is not None
        assert read == by_click([name, option, value]), option


@pytest.mark.parametrize(
    "words", [[], ["--plan", "anthropic/pro"], ["--plan=anthropic/pro"], ["--plan="], ["--plan", "-"]]
)
def test_a_plain_statusline_is_what_click_hands_on(words: list[str]) -> None:
    plan = plan_of(["statusline", *words])
    assert plan is not None
    assert SHARED | {"plan": plan} == by_click(["statusline", *words])


def test_other_commands_are_not_read() -> None:
    assert params_of([]) is params_of(["report"]) is params_of(["--help"]) is None
