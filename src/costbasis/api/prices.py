"""The Python API on what needs no usage: a price, a cost to serve, a claim, an explanation."""

from __future__ import annotations

from typing import Unpack

from costbasis.api.asking import Facts, Place, Range, ask
from costbasis.api.result import Result

Tokens = int | str
"""A count of tokens, or as the command takes it: "250k", "1M"."""


class Mix(Facts, total=False):
    """A mix of tokens, class by class, and the facts to price it under. *cache_write*: of unknown lifetime."""

    input: Tokens
    cache_read: Tokens
    cache_write_5m: Tokens
    cache_write_1h: Tokens
    cache_write: Tokens
    output: Tokens


def price(model: str, *, context: Tokens | None = None, **mix: Unpack[Mix]) -> Result:
    """What a mix of tokens of *model* costs: list over time, every host's offer, the market, the mark-up over serving.

    *mix*: input=, cache_read=, cache_write_5m=, cache_write_1h=, cache_write= (of unknown lifetime) and output=, in
    tokens; without any, a million tokens as a coding agent uses them. *context*: prompt tokens of one request. The
    fields are those of ``costbasis.price/1``.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest models.

    >>> import costbasis
    >>> found = costbasis.price("claude-opus-4-6", input="1M", output=100_000, as_of="2026-03-01")
    >>> found.list_now_usd
    Decimal('7.50')
    >>> costbasis.price("claude-opus-4-6x")
    Traceback (most recent call last):
    costbasis.errors.UnknownName: unknown model "claude-opus-4-6x"; did you mean ...
    """
    return ask("price", model, context=context, **mix)


def serving(
    model: str | None = None,
    *,
    config: Place | None = None,
    on: str | None = None,
    isl: float | None = None,
    osl: float | None = None,
    cached_share: float | None = None,
    precision: str | None = None,
    tp: int | None = None,
    dp: int | None = None,
    workload: str | None = None,
    tpot: str | None = None,
    usd_per_accel_hour: Range | None = None,
    frontier: bool = False,
    **facts: Unpack[Facts],
) -> Result:
    """What a million tokens of *model* (or of a ``config.json``) cost to serve, class by class, with an interval.

    *on*: the machine ("8xh200-sxm"). *isl*, *osl*: input and output tokens of a request. *tpot*: most time per output
    token ("50ms"). The fields are those of ``costbasis.serving/1``.

    Errors: :class:`~costbasis.errors.Infeasible` where nothing that was asked can serve, with the nearest that can.

    >>> import costbasis
    >>> found = costbasis.serving("deepseek-v3", on="8xh200-sxm", tpot="50ms")
    >>> found.usd_per_mtok.cache_read.p50 < found.usd_per_mtok.input.p50 < found.usd_per_mtok.output.p50
    True
    """
    return ask(
        "serving",
        *([] if model is None else [model]),
        config=config,
        on=on,
        isl=isl,
        osl=osl,
        cached_share=cached_share,
        precision=precision,
        tp=tp,
        dp=dp,
        workload=workload,
        tpot=tpot,
        usd_per_accel_hour=usd_per_accel_hour,
        frontier=frontier,
        **facts,
    )


def check(claim: Place, **facts: Unpack[Facts]) -> Result:
    """Judge a claim: the id of a shipped one, or the path of a claim file. On which basis is it true, how sure?

    At the claim's own date, unless *as_of* says another. The fields are those of ``costbasis.verdict/1``.

    Errors: :class:`~costbasis.errors.UnknownName`, :class:`~costbasis.errors.BadClaim` with the line at fault.

    >>> import costbasis
    >>> found = costbasis.check("forbes-5000")
    >>> found.verdict, found.matches_basis[0]
    ('right_number_wrong_basis', 'list')
    """
    return ask("check", claim, **facts)


def explain(of: Result | str, pointer: str) -> Result:
    """Where a number comes from: the tree of the number at a JSON *pointer*, down to its sources.

    *of*: a result, or the command line of one (``"report --sample"``, which is run again).

    Errors: :class:`~costbasis.errors.BadArgument` for a pointer that leads to no number, with some that do.

    >>> import costbasis
    >>> tree = costbasis.explain(costbasis.price("claude-opus-4-6", input="1M"), "/list_now_usd").tree
    >>> tree.name, tree.unit
    ('list_usd', 'usd')
    """
    return of.explain(pointer) if isinstance(of, Result) else ask("explain", pointer, of=of)
