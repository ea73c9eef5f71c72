"""Parties: each is a row, each side is a basis or made of bases, and the matrix agrees with the bases to the cent."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from costbasis.bases import engine
from costbasis.catalog import Catalog, load_catalog
from costbasis.errors import MixedBases
from costbasis.parties import MATRIX, PARTIES, basis_of_party, party_of_basis, stakes
from costbasis.quantity import Quantity, Source, counted
from costbasis.usage.typical import typical_use

CATALOG = load_catalog()
DAY = date(2026, 3, 9)
USE = typical_use("claude-opus-4-6", 5_000.0, DAY, CATALOG)
BASES = engine.value(USE, CATALOG)
PLAN = counted("price_usd", 200.0, Source("a plan", trust="A", status="counted"))


def by_party(
    catalog: Catalog = CATALOG, plan: Quantity | None = PLAN
) -> dict[str, tuple[Quantity, Quantity, Quantity]]:
    found = {}
    for stake in stakes(engine.value(USE, catalog), plan, catalog):
        if stake.pays_usd is not None and stake.earns_usd is not None and stake.net_usd is not None:
            found[stake.party.name] = (stake.pays_usd, stake.earns_usd, stake.net_usd)
    return found


def test_every_party_says_what_it_pays_earns_and_why() -> None:
    names = [party.name for party in MATRIX]
    assert names == [
        "subscriber",
        "API buyer",
        "reseller",
        "model owner",
        "investor",
        "cloud channel",
        "open-weight host",
        "self-hoster",
    ]
    assert all(party.pays_basis and len(party.why) > 20 for party in MATRIX)
    assert [party.name for party in PARTIES] == names[:4]
    assert party_of_basis("realised") == ["reseller"]


def test_a_party_without_a_row_is_an_error_with_the_way_to_add_one() -> None:
    with pytest.raises(MixedBases) as refused:
        basis_of_party("landlord")
    assert str(refused.value) == (
        'no cost basis is known for the party "landlord"\nhint: add a row to catalog/data/party.csv'
    )


def test_what_is_left_is_what_is_earned_less_what_is_paid_in_every_draw() -> None:
    for pays, earns, net in by_party().values():
        np.testing.assert_allclose(net.draws, earns.draws - pays.draws, rtol=1e-12)


def test_the_plain_sides_are_the_bases_themselves() -> None:
    found = by_party()
    assert found["reseller"][0].estimate == BASES["realised"].total.estimate
    assert found["model owner"][0].estimate == BASES["serving"].total.estimate
    assert found["investor"][0].estimate == BASES["loaded"].total.estimate
    assert found["subscriber"][1].estimate.p50 == pytest.approx(5_000)
    assert found["open-weight host"][1].estimate == BASES["market"].total.estimate


@pytest.mark.slow
def test_a_host_keeps_the_audited_margin_and_a_channel_its_share() -> None:
    _, earns, net = by_party()["open-weight host"]
    margin = CATALOG.quantity("margin/open-host.gross_margin_frac").draws
    np.testing.assert_allclose(net.draws / earns.draws, margin, rtol=1e-9)
    channel = by_party(load_catalog(overrides=["channel/cloud.gross_profit_share_frac=0.5"]))["cloud channel"]
    serving = BASES["serving"].total.draws
    np.testing.assert_allclose(channel[2].draws, 0.5 * (5_000 - serving), rtol=1e-9)


@pytest.mark.slow
def test_credits_and_an_own_model_lower_a_reseller_s_bill() -> None:
    plain = by_party()["reseller"][0].estimate.mean
    credit = by_party(load_catalog(overrides=["reseller/default.credits_frac=0.2"]))["reseller"][0].estimate.mean
    own = by_party(load_catalog(overrides=["reseller/default.own_model_share_frac=0.5"]))["reseller"][0].estimate.mean
    assert credit == pytest.approx(plain * 0.8)
    assert own == pytest.approx((plain + BASES["market"].total.estimate.mean) / 2, rel=1e-6)


@pytest.mark.slow
def test_a_busier_machine_of_one_s_own_costs_less() -> None:
    idle, busy = (
        by_party(load_catalog(overrides=[f"hosting/own.busy_frac={share}"]))["self-hoster"][0].estimate.p50
        for share in (0.05, 0.5)
    )
    assert idle == pytest.approx(10 * busy)


def test_without_a_plan_its_sides_are_undetermined_and_the_others_stand() -> None:
    answers = {stake.party.name: stake.answer for stake in stakes(BASES, None, CATALOG)}
    assert answers["model owner"] == answers["reseller"] == answers["investor"] == "cannot be determined"
    assert answers["cloud channel"] == "yes"


def test_loaded_is_more_than_serving_and_only_known_where_the_accounts_are() -> None:
    assert (BASES["loaded"].total.draws > BASES["serving"].total.draws).all()
    google = engine.value(typical_use("gemini-2.5-pro", 1_000.0, DAY, CATALOG), CATALOG)
    assert "serving" in google
    assert "loaded" not in google
