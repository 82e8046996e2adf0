"""The bundle of the installed package fits into a page."""

from __future__ import annotations

import pytest

from allennlp_heads.reports.page.library import vega_bundle

pytest.importorskip("vl_convert")


def test_the_bundle_is_small_and_cannot_end_its_element() -> None:
    bundle = vega_bundle()
    assert len(bundle) < 1_200_000
    assert "</script" not in bundle and "<!--" not in bundle
    assert "window.vegaEmbed=" in bundle
    assert vega_bundle() is bundle
