"""The JavaScript that pages carry is the file that was recorded, and fits a page."""

from __future__ import annotations

from hashlib import sha256

import pytest

from costbasis.reports.assets import VEGA_BUNDLE, VEGA_BUNDLE_SHA256, asset, asset_path, csp_hash, inline


def test_the_bundle_is_the_recorded_file() -> None:
    assert sha256(asset_path(VEGA_BUNDLE).read_bytes()).hexdigest() == VEGA_BUNDLE_SHA256


def test_the_bundle_can_stand_in_a_page_and_leaves_room_for_it() -> None:
    script = inline(asset(VEGA_BUNDLE))
    assert len(script.encode()) < 1_000_000
    assert "window.vegaEmbed=" in script


def test_a_script_that_ends_its_own_element_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be inlined"):
        inline('const x = "</SCRIPT>";')


def test_a_script_is_let_in_by_its_own_hash() -> None:
    assert csp_hash("a") != csp_hash("b")


@pytest.mark.slow
def test_the_bundle_is_what_vl_convert_writes() -> None:
    from costbasis.reports.assets.__main__ import bundle

    assert sha256(bundle().encode()).hexdigest() == VEGA_BUNDLE_SHA256
