"""What cards are drawn with: measured and cut lines of text, bars on one axis, the frame, and SVG or PNG on disk."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from math import log10
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from costbasis.errors import BadArgument
from costbasis.reports.place import refuse_place, write_to

WIDTH, HEIGHT, MARGIN = 1200, 630, 64
"""Pixels: the size that social networks and chats show whole."""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, FAINT, RULE, PAPER, BLUE = "#15202b", "#55606e", "#d5dbe1", "#ffffff", "#1f5fa8"

WHITE = "white"
"""On a coloured band, in every scheme."""

DARK = {INK: "#e8edf2", FAINT: "#a3afbb", RULE: "#3a4652", PAPER: "#15202b", BLUE: "#79b4f2"}
"""The same on a dark ground, where the viewer prefers one; a PNG has no viewer's wish and is light."""

CLASSES = {INK: "ink", FAINT: "faint", RULE: "rule", PAPER: "paper", BLUE: "blue"}

LETTERS = {0.23: "ijl'|", 0.34: "tfrI.,:;!()[]/ -·", 0.51: "ckszvxy", 0.75: "wACDGHNOQRU", 0.95: "mMW@%—…"}
"""Widths of letters of Liberation Sans, to the next step up; the others are 0.56, other capitals 0.70."""

WIDTHS = {letter: width for width, letters in LETTERS.items() for letter in letters}


def em(text: str, *, bold: bool = False) -> float:
    """Width of a text in units of its size, as a sans-serif face sets it; rather too much than too little.

    >>> em("iii") < em("nnn") < em("MMM") < em("漢字漢")
    True
    """
    width = 0.0
    for letter in text:
        if unicodedata.combining(letter):
            continue
        is_square = unicodedata.east_asian_width(letter) in "WF"
        width += WIDTHS.get(letter, 1.0 if is_square else 0.70 if letter.isupper() else 0.56)
    return width * (1.07 if bold else 1.0)


def cut(text: str, size: int, room: float, *, bold: bool = False) -> str:
    """*text* in one line of *room* pixels; what does not fit ends in an ellipsis.

    >>> cut("short", 20, 200), cut("a sentence that is too long for its place", 20, 200)
    ('short', 'a sentence that is t…')
    """
    text = " ".join(text.split())
    if size * em(text, bold=bold) <= room:
        return text
    while text and size * em(f"{text}…", bold=bold) > room:
        text = text[:-1]
    return f"{text.rstrip(' .,;:·(–')}…"


def fold(text: str, size: int, most: int, *, room: float = WIDTH - 2 * MARGIN, bold: bool = False) -> list[str]:
    """At most *most* lines of *room* pixels; the last says where it is cut; a word too long for a line is broken."""
    lines: list[str] = []
    words = [part for word in text.split() for part in _parts(word, size, room, bold)]
    for place, word in enumerate(words):
        if lines and size * em(f"{lines[-1]} {word}", bold=bold) <= room:
            lines[-1] += f" {word}"
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = cut(f"{lines[-1]} {' '.join(words[place:])}", size, room, bold=bold)
            break
    return lines or [""]


def _parts(word: str, size: int, room: float, bold: bool) -> Iterable[str]:
    if size * em(word, bold=bold) <= room:
        return [word]
    return textwrap.wrap(word, max(1, int(room / size)))


def text(
    x: float,
    y: float,
    says: str,
    size: int,
    colour: str,
    *,
    bold: bool = False,
    end: bool = False,
    middle: bool = False,
) -> str:
    """A line of text; nothing in it is markup."""
    weight = ' font-weight="700"' if bold else ""
    anchor = ' text-anchor="end"' if end else ' text-anchor="middle"' if middle else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}"{_fill(colour)}{weight}{anchor}>{escape(_clean(says))}</text>'


def _clean(says: str) -> str:
    """Without the control characters that no XML may hold."""
    return "".join(letter for letter in says if letter.isprintable())


def _fill(colour: str) -> str:
    named = f' class="{CLASSES[colour]}"' if colour in CLASSES else ""
    return f'{named} fill="{colour}"'


def frame(title: str, band: str, parts: Sequence[str]) -> str:
    """A card: paper, a coloured band at the top, and the parts over them."""
    dark = "".join(f".{CLASSES[light]}{{fill:{shade}}}" for light, shade in DARK.items())
    dark += f".rule{{stroke:{DARK[RULE]}}}.dash{{stroke:{DARK[FAINT]}}}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{FONT}">',
            f"<title>{escape(_clean(title))}</title>",
            f"<style>@media (prefers-color-scheme: dark){{{dark}}}</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}"{_fill(PAPER)}/>',
            f'<rect width="{WIDTH}" height="112" fill="{band}"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def line(x1: float, x2: float, y: float) -> str:
    """A thin level rule."""
    return f'<line class="rule" x1="{x1:g}" x2="{x2:g}" y1="{y:g}" y2="{y:g}" stroke="{RULE}" stroke-width="2"/>'


def footer(made: str) -> list[str]:
    """The source line: the command and the facts that make the card again."""
    return [line(MARGIN, WIDTH - MARGIN, 566), text(MARGIN, 602, cut(made, 21, WIDTH - 2 * MARGIN), 21, FAINT)]


class Scale(NamedTuple):
    """One axis for several bars, in pixels: logarithmic where every value is above zero."""

    low: float
    high: float
    left: float
    right: float
    is_log: bool

    @classmethod
    def over(cls, values: Sequence[float], left: float, right: float) -> Scale:
        """The axis that shows all *values*, with a little room at both ends."""
        if min(values) <= 0:
            room = 0.1 * max(map(abs, values)) or 1.0
            return cls(min(values) - room, max(values) + room, left, right, False)
        return cls(log10(min(values)) - 0.15, log10(max(values)) + 0.15, left, right, True)

    def place(self, value: float) -> float:
        """Pixel of a value."""
        at = log10(value) if self.is_log else value
        return self.left + (at - self.low) / (self.high - self.low) * (self.right - self.left)

    def bar(self, y: float, low: float, middle: float, high: float, colour: str, *, thick: float = 22) -> list[str]:
        """The axis line, the interval as a pale bar, and the middle as a dot."""
        found = [line(self.left, self.right, y)]
        if low != high:
            begins, ends = self.place(low), self.place(high)
            found.append(
                f'<rect x="{begins:.1f}" y="{y - thick / 2:g}" width="{ends - begins:.1f}" height="{thick:g}" '
                f'rx="{thick / 2:g}"{_fill(colour)} opacity="0.35"/>'
            )
        return [*found, f'<circle cx="{self.place(middle):.1f}" cy="{y:g}" r="{thick / 2 + 2:g}"{_fill(colour)}/>']


def check_place(out: Path) -> None:
    """A card that cannot be written is refused before the work.

    Errors: :class:`~costbasis.errors.BadArgument` for another ending than .svg and .png, or for PNG without the
    picture library; :class:`~costbasis.errors.UnreadableInput` for a folder that is not there.
    """
    if out.suffix not in (".svg", ".png"):
        raise BadArgument(f'a card is .svg or .png, not "{out.suffix}"', where=str(out), hint="name it card.svg")
    refuse_place(out)
    if out.suffix == ".png":
        _png_maker()


def write(svg: str, out: Path) -> None:
    """Write a card to *out*, as its ending says.

    Errors: those of :func:`check_place`.
    """
    check_place(out)
    data = svg.encode() if out.suffix == ".svg" else bytes(_png_maker()(svg))
    write_to(out, data)


def _png_maker() -> Callable[[str], Any]:
    try:
        import vl_convert
    except ImportError:
        raise BadArgument(
            "a PNG needs the picture library",
            where="--card",
            hint="pip install 'costbasis[pictures]', or write an .svg",
        ) from None
    maker: Callable[[str], Any] = vl_convert.svg_to_png
    return maker
