"""Accuracy as text: one line a set, its peers under it, then the groups. It fits 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from costbasis.reports.format import number, share

GROUP_WIDTH = 34


def validation_text(result: dict[str, Any], *, style: Callable[..., str]) -> str:
    """A ``costbasis.validation/1`` object for the terminal."""
    if "kinds" in result:
        width = max(map(len, result["kinds"]), default=0)
        listed = [f"{name:<{width}}  {label}" for name, label in result["kinds"].items()]
        return "\n".join([*listed, "", "Run one: costbasis validate KIND"])
    lines = [style(result["label"], bold=True)]
    for one in (result, *result.get("sets", [])):
        lines += ["", *_set_lines(one, style)]
    lines += ["", *result.get("notes", [])]
    if "worse" in result:
        lines += [f"worse than stored: {line}" for line in result["worse"]] or ["no score is worse than stored"]
    return "\n".join(lines).rstrip()


def _set_lines(one: dict[str, Any], style: Callable[..., str]) -> Iterator[str]:
    if "mdape" not in one:  # claims and usage are counts
        counted = {name: value for name, value in one.items() if _is_count(name, value)}
        yield from (f"{name.replace('_', ' '):<{GROUP_WIDTH}} {value:>8,}" for name, value in counted.items())
        yield from (f"  missed: {miss}" for miss in one.get("misses", []))
        return
    head = f"{'':<{GROUP_WIDTH}} {'n':>5} {'median error':>13} {'bias':>7} {'in 80 %':>9}"
    yield style(f"{one['set']}", bold=True)
    yield style(head, dim=True)
    yield _score_line("costbasis", one)
    if one.get("refused"):
        yield f"  refused: {one['refused']}"
    yield from (_score_line(peer["name"], peer) for peer in one.get("peers", []))
    said = None
    for group in one.get("groups", []):
        if group["by"] != said:
            said = group["by"]
            yield style(f"by {said}", bold=True)
        yield _score_line(group["group"], group)


def _is_count(name: str, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and name != "seed"


def _score_line(name: str, row: dict[str, Any]) -> str:
    error, bias, coverage = row.get("mdape"), row.get("bias"), row.get("coverage80")
    cells = [
        "–" if error is None else share(error),
        "–" if bias is None else number(bias),
        "–" if coverage is None else share(coverage),
    ]
    return f"  {name[: GROUP_WIDTH - 2]:<{GROUP_WIDTH - 2}} {row['n']:>5} {cells[0]:>13} {cells[1]:>7} {cells[2]:>9}"
