"""The ladder as a picture that stands alone: SVG, or PNG with the extra ``pictures``."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from costbasis.explore.view import SAYS
from costbasis.reports.format import interval, number, share
from costbasis.reports.page import AXIS_WIDTH, ladder_bars

WIDTH, MARGIN, ROW = 1200, 48, 56
LEFT, BAR = 420, 460
"""Where the bars begin, and how wide they may be."""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, FAINT, RULE, PALE, BLUE = "#15202b", "#55606e", "#d5dbe1", "#a9c7e2", "#20639b"


def ladder_svg(answer: Mapping[str, Any], sentence: str) -> str:
    """The first rung of each basis, with its interval, under one sentence; sources of reproduction below."""
    rungs = (answer["verdict"] if answer["kind"] == "claim" else answer)["ladder"]
    bars = ladder_bars([rung for rung in rungs if not rung["from_claim"]])
    shown = list({bar["rung"]["basis"]: bar for bar in reversed(bars)}.values())[::-1]
    lines = textwrap.wrap(sentence, 92)[:4]
    top = 104 + 32 * len(lines)
    height = top + ROW * len(shown) + 84
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" font-family="{FONT}">',
        f"<title>{escape(str(answer['title']))}</title><desc>{escape(sentence)}</desc>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(MARGIN, 56, str(answer["title"])[:80], 26, FAINT, bold=True),
        *(_text(MARGIN, 96 + 32 * index, line, 25, INK) for index, line in enumerate(lines)),
    ]
    for index, bar in enumerate(shown):
        parts += _row(bar, top + ROW * index)
    made = f"{answer['reproduce']['command']} · seed {answer['seed']} · catalogue {answer['catalogue_sha256'][:8]}"
    parts.append(_text(MARGIN, height - 32, textwrap.shorten(made, 118, placeholder=" …"), 18, FAINT))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _row(bar: Mapping[str, Any], y: float) -> list[str]:
    rung, scale = bar["rung"], BAR / AXIS_WIDTH
    estimate = rung["usd"].estimate
    spread = "exact" if bar["is_exact"] else interval(estimate)
    fill = BLUE if rung["basis"] == "serving" else PALE
    return [
        _text(MARGIN, y + 8, rung["basis"], 22, INK, bold=True),
        _text(MARGIN, y + 29, SAYS.get(rung["basis"], rung["anchor"]), 16, FAINT),
        f'<line x1="{LEFT}" x2="{LEFT + BAR}" y1="{y + 8}" y2="{y + 8}" stroke="{RULE}" stroke-width="2"/>',
        f'<rect x="{LEFT + scale * bar["left"]:.1f}" y="{y - 3}" width="{scale * bar["width"]:.1f}" height="22" rx="4" '
        f'fill="{fill}"/>',
        f'<rect x="{LEFT + scale * bar["middle"] - 2:.1f}" y="{y - 6}" width="4" height="28" fill="{INK}"/>',
        _text(LEFT + BAR + 130, y + 15, f"${number(estimate.p50)}", 22, INK, bold=True, end=True),
        _text(LEFT + BAR + 146, y + 8, spread, 16, FAINT),
        _text(LEFT + BAR + 146, y + 28, f"{share(rung['cost_over_list'].estimate.p50)} of list", 16, FAINT),
    ]


def _text(x: float, y: float, text: str, size: int, colour: str, *, bold: bool = False, end: bool = False) -> str:
    weight, anchor = ' font-weight="700"' if bold else "", ' text-anchor="end"' if end else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}"{weight}{anchor}>{escape(text)}</text>'


def png_of(svg: str) -> bytes:
    """The picture as PNG.

    Errors: :class:`~costbasis.errors.BadArgument` where the picture library is not installed.
    """
    from costbasis.errors import BadArgument

    try:
        import vl_convert
    except ImportError:
        hint = "pip install 'costbasis[pictures]', or take the SVG"
        raise BadArgument("a PNG needs the picture library", where="picture.png", hint=hint) from None
    return bytes(vl_convert.svg_to_png(svg))
