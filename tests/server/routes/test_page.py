"""The page as it is built: one map, read once, and nothing in it that a page has no use for."""

import re

import pytest

from server.routes.page import Asset, PageMissing, load_page


def test_the_built_page_is_whole_and_names_nothing_that_is_missing() -> None:
    page = load_page()
    html = page["/"].body.decode()
    named = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert named
    for path in named:
        assert path in page, path
    assert not any(path.endswith(".map") for path in page)


def test_the_page_loads_nothing_from_elsewhere_and_holds_no_inline_script() -> None:
    html = load_page()["/"].body.decode()
    assert "http" not in html
    assert not re.search(r"<script(?![^>]*src=)", html)
    assert "style=" not in html
    assert "<style" not in html


def test_a_file_that_no_page_needs_stops_the_server() -> None:
    with pytest.raises(PageMissing, match=r"holds notes\.txt"):
        Asset.of("notes.txt", b"hello")


def test_gzip_is_kept_only_where_it_saves() -> None:
    assert Asset.of("a.js", b"x" * 1000).packed is not None
    assert Asset.of("a.js", b"x").packed is None
    assert Asset.of("a.png", b"x" * 1000).packed is None
