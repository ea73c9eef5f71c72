"""A scenario: what is looked at, under which plan, with which facts set. It lives in the page's address."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from costbasis.catalog.overrides import read_overrides
from costbasis.claims.settings import PREFIX
from costbasis.errors import BadArgument

MOST_SETTINGS = 64

NAMES = ("of", "plan", "set")
"""What an address may hold."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """*of*: a subject's id ("" is the first there is). *plan*: ``vendor/id``, "none", or "" for the subject's own.

    *settings*: texts as ``--set`` takes them, one a key.
    """

    of: str = ""
    plan: str = ""
    settings: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The scenario as the query of an address, always in the same order."""
        pairs = [("of", self.of), ("plan", self.plan)]
        return urlencode([pair for pair in pairs if pair[1]] + [("set", text) for text in self.settings])


def scenario_of(pairs: Iterable[tuple[str, str]]) -> Scenario:
    """The scenario of an address' names and values; of a key that is set twice, the last.

    >>> scenario_of([("of", "sample"), ("set", "a/b.c=1"), ("set", "a/b.c=2")]).settings
    ('a/b.c=2',)

    Errors: :class:`~costbasis.errors.BadArgument` for a name that an address does not hold, a letter that cannot be
    printed (a line of its own in the scenario file, say), or too many settings;
    :class:`~costbasis.errors.BadOverride` for a setting that is none.
    """
    found: dict[str, str] = {}
    settings: dict[str, str] = {}
    for name, value in pairs:
        if name not in NAMES:
            hint = f"an address holds {', '.join(NAMES)}"
            raise BadArgument(f'"{_short(name)}" is nothing that can be asked for', where="address", hint=hint)
        if not value.isprintable():
            raise BadArgument(f'"{name}" holds a letter that cannot be printed', where="address", hint="leave it out")
        if name != "set":
            found[name] = value
            continue
        over = next(iter(read_overrides([value], None).values()))
        settings[over.key] = value.strip()
        if len(settings) > MOST_SETTINGS:
            raise BadArgument(f"more than {MOST_SETTINGS} facts are set", where="address", hint="set fewer at once")
    return Scenario(found.get("of", ""), found.get("plan", ""), tuple(settings[key] for key in sorted(settings)))


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def command_of(words: Sequence[str], scenario: Scenario, seed: int) -> str:
    """The command line that says the same."""
    settings = [part for text in scenario.settings for part in ("--set", text)]
    seeded = [] if seed == 1 else ["--seed", str(seed)]
    return f"costbasis {shlex.join([*words, *seeded, *settings])}"


def toml_of(scenario: Scenario, command: str) -> str:
    """The settings as a file for ``--scenario``. A claim's own inputs are no facts: they stay options of it."""
    lines = ["# A scenario of costbasis: facts set by a user, for --scenario.", f"# made with: {command}"]
    for text in scenario.settings:
        key, _, value = text.partition("=")
        key, value = key.strip(), value.strip()
        told = value if ".." not in value else json.dumps(value)
        is_input = key.startswith(PREFIX)
        lines.append(f"# --set {key}={value}" if is_input else f"{json.dumps(key)} = {told}")
    return "\n".join(lines) + "\n"
