"""What each side of a deal amounts to on a usage: a basis as it is, the plan's price, or one made of bases."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from costbasis.bases.value import BasisValue
from costbasis.catalog import Catalog
from costbasis.formulas.billing import (
    blended_purchase_usd,
    host_serving_usd,
    net_of_channel_usd,
    realised_usd,
    self_hosted_usd,
)
from costbasis.formulas.fleet import busy_frac
from costbasis.quantity import Quantity, derive

Bases = Mapping[str, BasisValue]


def amount(side: str, bases: Bases, plan_usd: Quantity | None, catalog: Catalog) -> Quantity | None:
    """USD of a side for this usage, None where something it is made of is unknown."""
    if side == "plan":
        return plan_usd
    made = _MADE.get(side)
    return _whole(side, bases) if made is None else made(bases, catalog)


def _whole(basis: str, bases: Bases) -> Quantity | None:
    """The basis' total, where it could value all of the usage."""
    valued = bases.get(basis)
    return None if valued is None or valued.unvalued else valued.total


def _realised(bases: Bases, catalog: Catalog) -> Quantity | None:
    """Purchased tokens: realised less credits; a share of them served by a model of the reseller's own."""
    realised = _whole("realised", bases)
    if realised is None:
        return None
    credits_off = catalog.fact("reseller/default.credits_frac")
    own = catalog.quantity("reseller/default.own_model_share_frac")
    if credits_off.high:
        realised = derive(
            realised_usd, list_usd=realised, discount_frac=catalog.quantity("reseller/default.credits_frac")
        )
    if own.is_exact and own.estimate.p50 == 0:
        return realised
    market = _whole("market", bases)
    if market is None:
        return None
    blended: Quantity = derive(blended_purchase_usd, bought_usd=realised, own_usd=market, own_frac=own)
    return blended.labelled("list less discount and credits, a share on an own model")


def _net_of_channel(bases: Bases, catalog: Catalog) -> Quantity | None:
    listed, serving = _whole("list", bases), _whole("serving", bases)
    if listed is None or serving is None:
        return None
    share = catalog.quantity("channel/cloud.gross_profit_share_frac")
    net: Quantity = derive(net_of_channel_usd, list_usd=listed, serving_usd=serving, gross_profit_share_frac=share)
    return net.labelled("list less the channel's share of gross profit")


def _open_serving(bases: Bases, catalog: Catalog) -> Quantity | None:
    market = _whole("market", bases)
    if market is None:
        return None
    margin = catalog.quantity("margin/open-host.gross_margin_frac")
    served: Quantity = derive(host_serving_usd, market_usd=market, gross_margin_frac=margin)
    return served.labelled("serving the comparable open model")


def _own_hardware(bases: Bases, catalog: Catalog) -> Quantity | None:
    market = _whole("market", bases)
    if market is None:
        return None
    fleet = {
        name: catalog.quantity(f"fleet/default.{name}")
        for name in ("load_factor_frac", "slo_headroom_frac", "availability_frac")
    }
    own: Quantity = derive(
        self_hosted_usd,
        host_serving_usd=derive(
            host_serving_usd,
            market_usd=market,
            gross_margin_frac=catalog.quantity("margin/open-host.gross_margin_frac"),
        ),
        host_busy_frac=derive(busy_frac, **fleet),
        own_busy_frac=catalog.quantity("hosting/own.busy_frac"),
    )
    return own.labelled("the comparable open model on machines of one's own")


_MADE: dict[str, Callable[[Bases, Catalog], Quantity | None]] = {
    "realised": _realised,
    "net of channel": _net_of_channel,
    "open serving": _open_serving,
    "own hardware": _own_hardware,
}
