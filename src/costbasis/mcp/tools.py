"""The tools: what each is for, what it takes, what it gives back, and the function that it calls."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import costbasis
from costbasis.api.result import Result
from costbasis.cli.replaying import command_named
from costbasis.errors import BadArgument

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "a day: 2026-03-31"}
TOKENS: Schema = {"type": ["integer", "string"], "description": "tokens: 1000000, 250k, 1M"}
NUMBER: Schema = {"type": "number"}

ESTIMATE: Schema = {
    "type": ["object", "null"],
    "properties": {part: {"type": ["number", "null"]} for part in ("p10", "p50", "p90", "mean")},
    "description": "median and 80 % interval; null is unknown, not 0",
}
MONEY: Schema = {"type": ["string", "null"], "description": "exact US dollars as a decimal"}
TABLE: Schema = {"type": "array", "items": {"type": "object"}}

FACTS: dict[str, Schema] = {
    "as_of": DAY | {"description": "look facts up as of this day"},
    "set": {"type": "object", "additionalProperties": TEXT, "description": 'facts to override: {"key": "low..high"}'},
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: *call* makes its answer of the arguments, which *takes* (with *needs*) has checked before."""

    name: str
    says: str
    takes: Mapping[str, Schema]
    needs: tuple[str, ...]
    gives: Mapping[str, Schema]
    call: Callable[..., Result]
    drops: tuple[str, ...] = ()
    """Fields of the answer that are too long to lead an agent on."""
    under: Mapping[str, Schema] = field(default_factory=lambda: FACTS)
    """What it may be asked under besides."""

    @property
    def input_schema(self) -> Schema:
        """JSON schema of the arguments."""
        return {
            "type": "object",
            "properties": {**self.takes, **self.under},
            "required": list(self.needs),
            "additionalProperties": False,
        }

    @property
    def output_schema(self) -> Schema:
        """JSON schema of the answer: its main fields; there may be others of the command's JSON."""
        head = dict.fromkeys(("schema", "as_of", "version", "catalogue_sha256"), TEXT)
        more = {
            "seed": {"type": "integer"},
            "warnings": TABLE,
            "command": {"type": "string", "description": "prints this answer whole, with --json"},
            "left_out": {"type": "object", "additionalProperties": {"type": "integer"}},
        }
        return {
            "type": "object",
            "properties": head | more | dict(self.gives),
            "required": [*head, "seed", "warnings", "command", *self.gives],
        }


def _usage(paths: list[str] | None = None, **options: Any) -> Result:
    return costbasis.usage(paths, order="most", **options)


def _explain(of: str, pointer: str) -> Result:
    """Where a number of a command comes from; none that would ask a warehouse, as no tool opens a connection.

    Errors: :class:`~costbasis.errors.BadArgument` for such a command, and those of ``explain``.
    """
    if command_named(of)[0] == "value":
        hint = f"costbasis explain --of {shlex.quote(of)} {pointer} does, in a terminal"
        raise BadArgument('"value" asks a warehouse, which no tool does', where="explain: of", hint=hint)
    return costbasis.explain(of, pointer)


BY = ["day", "week", "month", "session", "project", "model", "agent", "host", "block"]

TOOLS = (
    Tool(
        "usage",
        "What the coding agents on this machine used and what it was worth: tokens and USD at list (exact), market and "
        "serving (estimates), grouped. Rows come largest first. Give paths to read other logs.",
        {
            "by": {"type": "string", "enum": BY, "description": "what a row is (default: day)"},
            "since": DAY, "until": DAY,
            "last": {"type": "integer", "minimum": 1, "description": "only the last so many rows of time"},
            "tz": TEXT | {"description": "IANA time zone of days"},
            "agent": TEXT, "model": TEXT, "project": TEXT,
            "paths": {"type": "array", "items": TEXT, "description": "logs to read in place of this machine's"},
        },
        (),
        {"by": TEXT, "rows": TABLE, "total": {"type": "object"}, "unpriced": TABLE, "skipped": {"type": "object"}},
        _usage,
    ),
    Tool(
        "price",
        "What a mix of tokens of a model costs: list price now and over time, every host's offer, the market, what it "
        "costs to serve, and list over serving.",
        {
            "model": TEXT,
            "input": TOKENS, "cache_read": TOKENS, "cache_write_5m": TOKENS, "cache_write_1h": TOKENS, "output": TOKENS,
            "context": TOKENS | {"description": "prompt tokens of one request"},
        },
        ("model",),
        {"model": TEXT, "mix": {"type": "object"}, "list_now_usd": MONEY, "list": TABLE, "offers": TABLE,
         "market": {"type": "object"}, "serving_usd": ESTIMATE, "list_over_serving": ESTIMATE},
        costbasis.price,
    ),
    Tool(
        "serving",
        "What a million fresh input, cached input and output tokens of a model cost to serve on a machine, with an "
        "80 % interval, and how certain that is.",
        {
            "model": TEXT, "on": TEXT | {"description": "the machine: 8xh200-sxm"},
            "isl": NUMBER | {"description": "input tokens of a request"},
            "osl": NUMBER | {"description": "output tokens of a request"},
            "cached_share": NUMBER | {"minimum": 0, "exclusiveMaximum": 1},
            "precision": TEXT | {"description": "bf16, fp8, fp4 or int4"},
            "tpot": TEXT | {"description": "most time per output token: 50ms"},
            "usd_per_accel_hour": TEXT | {"description": "hire of one accelerator: 1.5..3"},
        },
        ("model",),
        {"model": TEXT, "deployment": {"type": "object"}, "usd_per_mtok": {"type": "object"}, "drivers": TABLE},
        costbasis.serving,
        drops=("inputs",),
    ),
    Tool(
        "plan",
        "Whether a subscription plan (vendor/id, such as anthropic/max_20x) pays and for whom; says so where public "
        "data do not decide.",
        {
            "plan": TEXT, "party": TEXT | {"description": "who earns the price: model owner, reseller or investor"},
            "utilisation": TEXT | {"description": "mean use over the plan's ceiling, if known: 0.05..0.2"},
            "cost_over_list": TEXT | {"description": "cost of a dollar of list value, if known: 0.1..0.25"},
        },
        ("plan",),
        {"plan": TEXT, "party": TEXT, "answer": TEXT, "price_usd": ESTIMATE, "margin_usd": ESTIMATE},
        costbasis.plan,
    ),
    Tool(
        "check",
        "Judge a public claim about what tokens cost: on which basis it is true, for whom, how sure. A claim that "
        "ships (such as forbes-5000), or the path of a claim file.",
        {"claim": TEXT},
        ("claim",),
        {"claim": TEXT, "answer": {}, "verdict": TEXT, "confidence": {}, "central": {"type": ["number", "null"]},
         "matches_basis": {"type": "array", "items": TEXT}},
        costbasis.check,
        drops=("inputs",),
    ),
    Tool(
        "explain",
        "Where a number comes from: the tree of the number at a JSON pointer of an answer, down to sources with date "
        "and trust. Take the command from the answer's field command.",
        {"of": TEXT | {"description": "a command: price claude-opus-4-6 --input 1M"},
         "pointer": TEXT | {"description": "a JSON pointer in its answer: /serving_usd"}},
        ("of", "pointer"),
        {"of": TEXT, "pointer": TEXT, "tree": {"type": "object"}},
        _explain,
        under={},
    ),
)  # fmt: skip
