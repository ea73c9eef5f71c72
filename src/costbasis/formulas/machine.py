"""What a second of an accelerator that one owns costs: capital, space, power and upkeep."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def annuity_frac(interest_frac: Value, life_s: Value, period_s: Value) -> Value:
    """Share of capital paid in each period so that it is paid back, with interest, over its life.

    Edge:

    - without interest, capital is paid back in equal parts;
    - over an endless life only the interest is paid;
    - a negative rate pays back less than the capital: it is computed, and no catalogue fact may hold one.

    Source: PyPSA ``calculate_annuity``: 7 % over 20 years is 0.0944 a year.

    >>> round(float(annuity_frac(0.07, 20.0, 1.0)), 4)
    0.0944
    >>> float(annuity_frac(0.0, 4.0, 1.0)), float(annuity_frac(0.08, np.inf, 1.0))
    (0.25, 0.08)
    """
    periods = life_s / period_s
    some = np.where(interest_frac == 0, 1, interest_frac)
    paid = some / -np.expm1(-periods * np.log1p(some))
    share: Value = np.where(interest_frac == 0, 1 / periods, paid)
    return share


def installed_usd_per_accel(purchase_usd_per_accel: Value, network_frac: Value) -> Value:
    """USD of one accelerator in its server, with its share of the network and its storage.

    *network_frac* comes on top of the server. Source: a public price list of an H100 cluster of 1,024:
    $310,000 a server of eight, $393,980 with switches, cables and optics.

    >>> round(installed_usd_per_accel(310_000 / 8, 393_980 / 310_000 - 1), 1)
    49247.5
    """
    return purchase_usd_per_accel * (1 + network_frac)


def capital_usd_per_accel_s(
    installed_usd_per_accel: Value, annuity_frac: Value, interest_frac: Value, residual_frac: Value, period_s: Value
) -> Value:
    """USD of capital a second: what is lost over the life is paid back, what is left at its end only bears interest.

    >>> capital_usd_per_accel_s(1000.0, 0.25, 0.1, 0.0, 1.0), capital_usd_per_accel_s(1000.0, 0.25, 0.1, 1.0, 1.0)
    (250.0, 100.0)
    """
    lost = (1 - residual_frac) * annuity_frac + residual_frac * interest_frac
    return installed_usd_per_accel * lost / period_s


def host_w_per_accel(tdp_w_per_accel: Value, host_over_tdp: Value) -> Value:
    """Power that a server may draw for each accelerator in it, in watts: its own, and its share of the host.

    Source: DGX H100: 10.2 kW for eight of 700 W.

    >>> round(host_w_per_accel(700.0, 10_200 / (8 * 700)))
    1275
    """
    return tdp_w_per_accel * host_over_tdp


def power_usd_per_accel_s(host_w_per_accel: Value, drawn_frac: Value, pue: Value, power_usd_per_w_s: Value) -> Value:
    """USD of electricity a second: what the server draws, times what the building adds (PUE).

    Source: DGX H100, 10.2 kW for eight at most; at 8 US cents a kilowatt-hour and PUE 1.25 that is $0.13 an hour.

    >>> round(power_usd_per_accel_s(10_200 / 8, 1.0, 1.25, 0.08 / 3.6e6) * 3600, 4)
    0.1275
    """
    return host_w_per_accel * drawn_frac * pue * power_usd_per_w_s


def space_usd_per_accel_s(host_w_per_accel: Value, space_usd_per_w_s: Value) -> Value:
    """USD of data-centre space a second: rented by the watt that the server may draw, power apart.

    Source: CBRE, H2 2024: $184.06 a kilowatt and month.

    >>> round(space_usd_per_accel_s(1275.0, 184.06 / 1000 / (30.44 * 86_400)) * 3600, 3)
    0.321
    """
    return host_w_per_accel * space_usd_per_w_s


def upkeep_usd_per_accel_s(installed_usd_per_accel: Value, upkeep_frac: Value, period_s: Value) -> Value:
    """USD of repair, spares, staff and insurance a second, as a share of what was installed in each period.

    >>> upkeep_usd_per_accel_s(1000.0, 0.03, 1.0)
    30.0
    """
    return installed_usd_per_accel * upkeep_frac / period_s


def owned_usd_per_accel_s(
    capital_usd_per_accel_s: Value,
    space_usd_per_accel_s: Value,
    power_usd_per_accel_s: Value,
    upkeep_usd_per_accel_s: Value,
) -> Value:
    """USD of one second of an accelerator that one owns, whether it works or not.

    >>> owned_usd_per_accel_s(4.0, 1.0, 2.0, 1.0)
    8.0
    """
    return capital_usd_per_accel_s + space_usd_per_accel_s + power_usd_per_accel_s + upkeep_usd_per_accel_s


def marginal_usd_per_accel_s(
    host_w_per_accel: Value,
    working_frac: Value,
    idle_frac: Value,
    pue: Value,
    power_usd_per_w_s: Value,
    capital_usd_per_accel_s: Value,
    wear_frac: Value,
) -> Value:
    """USD that a second of work adds on a machine that is held anyway: the power above idling, and wear.

    Rent, capital and space are paid either way, so off-peak one more token adds this and no more.

    >>> round(marginal_usd_per_accel_s(1275.0, 0.8, 0.2, 1.25, 0.08 / 3.6e6, 0.0003, 0.0) * 3600, 4)
    0.0765
    """
    power_usd = host_w_per_accel * (working_frac - idle_frac) * pue * power_usd_per_w_s
    return power_usd + capital_usd_per_accel_s * wear_frac
