"""``costbasis price``: what a mix of tokens costs, at list over time, at every host, on the market, to serve."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from costbasis.cli.common import shared_options
from costbasis.cli.session import Session, show, split_session
from costbasis.cli.tokens import count

if TYPE_CHECKING:
    from costbasis.catalog import Catalog
    from costbasis.reports.head import Warn
    from costbasis.usage.events import TokenCounts


@click.command("price")
@click.argument("model")
@click.option("--input", "input_text", metavar="TOKENS", help="Fresh input tokens: 1M, 250k, 1_000_000.")
@click.option("--cache-read", metavar="TOKENS", help="Input tokens read from a cache.")
@click.option("--cache-write-5m", metavar="TOKENS", help="Input tokens written to a cache for 5 minutes.")
@click.option("--cache-write-1h", metavar="TOKENS", help="Input tokens written to a cache for 1 hour.")
@click.option("--cache-write", metavar="TOKENS", help="Input tokens written to a cache, lifetime unknown.")
@click.option("--output", "output_text", metavar="TOKENS", help="Output tokens, reasoning included.")
@click.option("--context", metavar="TOKENS", help="Prompt tokens of one request [default: a coding agent's mean].")
@shared_options
def command(**params: Any) -> None:
    """What a mix of tokens of MODEL costs: list over time, every host's offer, the market, the mark-up over serving.

    Without a mix: a million tokens as a coding agent uses them. For example: costbasis price kimi-k2.5 --input 1M
    """
    session, own = split_session(params)
    price = build(session, **own)
    from costbasis.reports.price_text import price_text

    show(session, price, lambda: price_text(price, style=session.style))


def build(
    session: Session,
    *,
    model: str,
    input_text: str | None,
    cache_read: str | None,
    cache_write_5m: str | None,
    cache_write_1h: str | None,
    cache_write: str | None,
    output_text: str | None,
    context: str | None,
) -> dict[str, Any]:
    """The ``costbasis.price/1`` object.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest models, :class:`~costbasis.errors.BadArgument` for
    tokens that are no count, a mix without tokens, a day before the first known price.
    """
    from costbasis.mixprice.hosted import HostPrice, host_prices, market_of
    from costbasis.mixprice.listed import history, list_on, list_over_time
    from costbasis.mixprice.mix import amounts_of_mix, served, token_mix
    from costbasis.reports.price_object import Priced, price_object

    catalog, as_of = session.catalog, session.as_of
    given = {
        "input_tok": count(input_text, "--input"),
        "cache_read_tok": count(cache_read, "--cache-read"),
        "cache_write_5m_tok": count(cache_write_5m, "--cache-write-5m"),
        "cache_write_1h_tok": count(cache_write_1h, "--cache-write-1h"),
        "cache_write_unknown_tok": count(cache_write, "--cache-write"),
        "output_tok": count(output_text, "--output"),
    }
    name = catalog.find_model(model)
    mix = token_mix(_counts(given), count(context, "--context"), catalog)
    refuse_unknown_then(name, catalog)
    refuse_too_early(name, as_of, catalog)
    segments = list_over_time(name, mix, catalog)
    market = market_of(name, mix, as_of, catalog)
    found, listed = catalog.headline(name, as_of), list_on(segments, as_of)
    amounts = amounts_of_mix(name, mix, listed.value if listed else None, as_of, catalog)
    priced = Priced(
        model=name,
        mix=mix,
        segments=segments,
        hosts=host_prices(name, mix, as_of, market, catalog),
        headline=HostPrice(found, found.usd(mix.tokens), 0.0, True) if found else None,
        market=market,
        served=served(amounts, catalog, is_listed=listed is not None),
        changes=history(name, catalog),
    )
    return price_object(priced, catalog, as_of, _warnings(priced, as_of))


def _counts(given: dict[str, int | None]) -> TokenCounts | None:
    """The counts, or None where no class was given at all."""
    from costbasis.usage.events import TokenCounts

    known = {name: value for name, value in given.items() if value is not None}
    return TokenCounts(**known) if known else None


def refuse_unknown_then(model: str, catalog: Catalog) -> None:
    """Refuse a day of knowledge on which the book had no price of the model yet, though it has one now.

    Errors: :class:`~costbasis.errors.BadArgument` with the first day that it had.
    """
    from costbasis.catalog.book.knowledge import first_seen
    from costbasis.errors import BadArgument

    day = catalog.overlay.known_on
    if day is None or catalog.vendor(model) is not None or catalog.offers_ever(model):
        return
    first = first_seen(model)
    if first is not None and first > day:
        raise BadArgument(
            f"on {day} the book knew no price of {model}: the first one was seen on {first}",
            where="--known-on",
            hint=f"ask for {first} or later",
        )


def refuse_too_early(model: str, as_of: date, catalog: Catalog) -> None:
    """Refuse a day before the model's first known price.

    Errors: :class:`~costbasis.errors.BadArgument` with that day.
    """
    from costbasis.errors import BadArgument
    from costbasis.mixprice.hosted import first_day

    first = first_day(model, catalog)
    if first is not None and as_of < first:
        raise BadArgument(
            f"{model} has no price on {as_of}: the first one known is of {first}",
            where="--as-of",
            hint=f"ask for {first} or later",
        )


def _warnings(priced: Any, as_of: date) -> list[Warn]:
    from costbasis.reports.head import Warn

    standard = [one for one in priced.segments if one.mode == "standard"]
    warnings = []
    if standard and not any(one.holds_on(as_of) for one in standard):
        last = standard[-1]
        effect = f"no list price holds on {as_of}; the last one ended on {last.valid_to} and is used for serving"
        warnings.append(Warn("list_price_ended", 1, "", effect))
    if priced.market.predicted is not None:
        effect = "the market is predicted from the architecture and the other models' offers: see validate market"
        warnings.append(Warn("market_predicted", 1, "", effect))
    return warnings
