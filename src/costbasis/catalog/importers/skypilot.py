"""SkyPilot's catalogue (``catalogs/v8/CLOUD/vms.csv``): what a cloud asks for a machine with accelerators, by hour."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath

from costbasis.catalog.importers import Imported, Told, Upstream
from costbasis.catalog.importers.reading import csv_of, safe_name
from costbasis.catalog.tables import Row
from costbasis.errors import BadImport

NAME = "skypilot"
CITES = "skypilot-org/skypilot-catalog (GitHub)"
TITLE = "SkyPilot catalogue of one cloud"
LICENCE = "Apache-2.0"
URL = ""
COMPLETE = False

_NEEDED = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region", "SpotPrice")

_ACCELERATORS = {
    "H100": "H100-SXM5-80GB",
    "H100-SXM": "H100-SXM5-80GB",
    "H100-MEGA-80GB": "H100-SXM5-80GB",
    "H200": "H200-SXM-141GB",
    "H200-SXM": "H200-SXM-141GB",
    "B200": "B200-SXM-180GB",
    "B300": "B300-SXM-270GB",
    "L40S": "L40S-48GB",
    "A100-80GB": "A100-SXM4-80GB",
    "MI300X": "MI300X-192GB",
}
"""SkyPilot's names of accelerators that the table of accelerators has, to its own."""

_DEAREST = 200
"""USD an hour for one accelerator. The dearest listed is near 15; above this it is another unit."""


def installed() -> Upstream | None:
    """Never: SkyPilot fetches its catalogue when it runs; give the file of one cloud."""
    return None


def read(raw: bytes, told: Told) -> Imported:
    """Every rent of an accelerator that is known, by region, on demand and spot.

    Errors: :class:`~costbasis.errors.BadImport` for a file that is not SkyPilot's.
    """
    found = Imported(told, NAME)
    cloud = PurePosixPath(told.citation.rpartition(" ")[2]).parent.name or "a cloud"
    rows: dict[tuple[str, ...], Row] = {}
    for number, line in csv_of(raw, NAME, _NEEDED):
        found.entries += 1
        where = f"{cloud}/vms.csv:{number}"
        try:
            for row in _rents(line, cloud, told, where):
                key = (row["accelerator"], row["pricing_type"], row["gpus_per_instance"], row["region"])
                cheaper = key not in rows or float(row["price_usd_per_gpu_hour"]) < float(
                    rows[key]["price_usd_per_gpu_hour"]
                )
                rows[key] = row if cheaper else rows[key]
        except BadImport as error:
            found.refuse(error.where or where, error)
    found.rows["rate"] = list(rows.values())
    return found


def _rents(line: Mapping[str, str], cloud: str, told: Told, where: str) -> list[Row]:
    """One row for on demand and one for spot, where the line has them. Of several sizes the cheapest is kept."""
    accelerator = _ACCELERATORS.get(line["AcceleratorName"])
    if accelerator is None:
        return []
    count = _number(line["AcceleratorCount"], where)
    if count <= 0 or count != int(count):
        raise BadImport(f"{line['AcceleratorCount']!r} accelerators", where=where)
    found = []
    for column, kind in (("Price", "on_demand"), ("SpotPrice", "spot")):
        if not line[column]:
            continue
        per_hour = _number(line[column], where) / count
        if not 0 < per_hour <= _DEAREST:
            raise BadImport(f"{per_hour:.6g} USD per accelerator-hour is no rent", where=where)
        found.append(
            {
                "accelerator": accelerator,
                "provider": safe_name(cloud.capitalize() if cloud.islower() else cloud, where),
                "price_usd_per_gpu_hour": f"{per_hour.normalize():f}",
                "price_low": "",
                "price_high": "",
                "pricing_type": kind,
                "gpus_per_instance": str(int(count)),
                "region": safe_name(line["Region"], where),
                "observed": told.observed,
                "observed_basis": "seen in the file",
                "source": told.citation,
                "confidence": "medium",
                "note": "",
            }
        )
    return found


def _number(text: str, where: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number.adjusted() > 9:
        raise BadImport(f"{text[:40]!r} is no number", where=where)
    return number
