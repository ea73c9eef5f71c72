"""Writes the Vega bundle again: ``python -m costbasis.reports.assets``; needs the ``pictures`` extra."""

from __future__ import annotations

from hashlib import sha256

import vl_convert

from costbasis.reports.assets import VEGA_BUNDLE, VEGA_BUNDLE_SHA256, VEGA_LITE, asset_path

SNIPPET = "window.vegaEmbed=vegaEmbed; window.vega=vega; window.vegaLite=vegaLite;"
"""What a page gets to call."""


def bundle() -> str:
    """The bundle as the installed vl-convert writes it."""
    return str(vl_convert.javascript_bundle(SNIPPET, vl_version=VEGA_LITE))


if __name__ == "__main__":
    text = bundle()
    asset_path(VEGA_BUNDLE).write_text(text, encoding="utf-8")
    found = sha256(text.encode("utf-8")).hexdigest()
    print(f"{VEGA_BUNDLE}: {len(text):,} characters, sha256 {found}")
    if found != VEGA_BUNDLE_SHA256:
        print("VEGA_BUNDLE_SHA256 in costbasis/reports/assets/__init__.py must change with it")
