"""What ``calibrate`` says: errors before and after, the constants that moved, the model effects that were learnt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from costbasis.calibration.update import Update
from costbasis.reports.format import number, share

SHOWN = 8
MOVED = 0.1
"""A constant is listed where it moved by more than this share of its own spread."""


def calibration_object(update: Update, out: Path | None) -> dict[str, Any]:
    """The fields of the ``costbasis.calibration/1`` object."""
    families = sorted({one.family for one in update.measurements})
    return {
        "rows": len(update.measurements),
        "before": _score(update.before),
        "after": _score(update.after),
        "effects": [
            {"family": family, "log_mean": mean, "log_spread": spread}
            for family in families
            for mean, spread in [update.posterior.effects[family]]
        ],
        "constants": [
            {"constant": name, "before": before, "after": after, "log_spread_before": wide, "log_spread_after": narrow}
            for name, (before, after, wide, narrow) in update.moved.items()
        ],
        "written": str(out) if out else None,
    }


def _score(errors: Any) -> dict[str, Any]:
    known = errors[np.isfinite(errors)]
    return {
        "refused": int(len(errors) - len(known)),
        "mdape": float(np.median(np.abs(np.expm1(known)))),
        "bias": float(np.median(known)),
        "p90_abs_log": float(np.quantile(np.abs(known), 0.9)),
    }


def calibration_text(result: dict[str, Any], *, style: Callable[..., str]) -> str:
    """The same for the terminal."""
    before, after = result["before"], result["after"]
    lines = [
        style(f"{result['rows']} measurements", bold=True),
        f"  {'':<16}{'median error':>13}{'bias':>8}{'p90 |log|':>11}",
        f"  {'before':<16}{share(before['mdape']):>13}{number(before['bias']):>8}{number(before['p90_abs_log']):>11}",
        f"  {'after':<16}{share(after['mdape']):>13}{number(after['bias']):>8}{number(after['p90_abs_log']):>11}",
    ]
    for effect in result["effects"]:
        slower = "slower" if effect["log_mean"] > 0 else "faster"
        size = share(abs(float(np.expm1(-effect["log_mean"]))))
        lines.append(f"  {effect['family']}: {size} {slower} than its geometry says, ± {share(effect['log_spread'])}")
    moved = sorted(result["constants"], key=_movement, reverse=True)
    listed = [one for one in moved[:SHOWN] if _movement(one) > MOVED]
    if listed:
        lines += ["", style("constants that moved most, of their own uncertainty", bold=True)]
        lines += [
            f"  {one['constant']:<26} {one['before']:>10.3g} → {one['after']:<10.3g} "
            f"± {share(one['log_spread_before'])} → {share(one['log_spread_after'])}"
            for one in listed
        ]
    for warning in result.get("warnings", []):
        lines.append(f"not used: {warning['count']} rows: {warning['kind']}")
    lines.append(f"written: {result['written']}" if result["written"] else "not written: name a file with --out")
    return "\n".join(lines)


def _movement(one: dict[str, Any]) -> float:
    return float(abs(np.log(one["after"] / one["before"])) / max(one["log_spread_before"], 1e-9))
