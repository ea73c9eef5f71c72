"""JavaScript that pages carry with them, so that they need no network: read here, never fetched.

``vega-bundle.js`` is Vega, Vega-Lite and Vega-Embed in one file, as ``vl_convert.javascript_bundle()`` of
vl-convert-python 1.9.0.post1 writes it (``python -m costbasis.reports.assets`` makes it again). It defines
``window.vega``, ``window.vegaLite`` and ``window.vegaEmbed``. Its licences are named in NOTICE.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

VEGA_BUNDLE = "vega-bundle.js"

VEGA_BUNDLE_SHA256 = "3425bd951a44d478d0505c6b5d1e8d57656b6e9a4da7bfe88a718ce61d76e572"
"""SHA-256 of the committed file; a test compares."""

VEGA_LITE = "6.4"
"""The Vega-Lite version that the bundle holds and that specs are written for."""


def asset(name: str) -> str:
    """The text of a file of this folder."""
    return (files(__name__) / name).read_text(encoding="utf-8")


def asset_path(name: str) -> Path:
    """Where a file of this folder lies, for a server that hands it out."""
    return Path(str(files(__name__) / name))


def inline(script: str) -> str:
    """*script* for the inside of a ``<script>`` element, in a scope of its own.

    The bundle declares one-letter names at its top: without the scope they would meet those of the next script.

    >>> inline("const o = 1;")
    '(function(){\\nconst o = 1;\\n})();'

    Errors: ValueError for a text that would end the element.
    """
    if "</script" in script.lower():
        raise ValueError("a script that holds </script cannot be inlined")
    return f"(function(){{\n{script}\n}})();"


def csp_hash(script: str) -> str:
    """The source expression that lets a content security policy run just this inline script.

    >>> csp_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{b64encode(sha256(script.encode('utf-8')).digest()).decode('ascii')}'"
