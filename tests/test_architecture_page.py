"""The import rules of the page's rooms, read from the code itself; the table is the one of docs/DESIGN.md."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.rooms import ROOT, order_of_rooms

HALLS = sorted(hall for hall in order_of_rooms() if "/" in hall)
BESIDE = {"css.d.ts", "app.css"}
"""Types and looks of all rooms: no code."""


def sources(hall: str) -> list[Path]:
    return sorted(path for path in (ROOT / hall).rglob("*.ts*") if path.name not in BESIDE)


def imports(path: Path) -> Iterator[Path]:
    """Yield the files of the page that a file imports, types included."""
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r'(?:from|import)\s*\(?\s*"(\.[^"]+)"', text):
        yield (path.parent / name).resolve()


def room(path: Path, hall: str) -> str:
    return path.relative_to(ROOT / hall).parts[0].partition(".")[0]


@pytest.mark.parametrize("hall", HALLS)
def test_nothing_stands_in_a_hall_of_the_page_that_the_map_does_not_show(hall: str):
    there = {path.name.partition(".")[0] for path in (ROOT / hall).iterdir() if path.name not in BESIDE}
    assert sorted(order_of_rooms()[hall]) == sorted(there)


@pytest.mark.parametrize("hall", HALLS)
def test_no_room_of_the_page_imports_what_stands_above_it(hall: str):
    order = order_of_rooms()[hall]
    upward = [
        f"{path.relative_to(ROOT)} imports {found.relative_to(ROOT)}"
        for path in sources(hall)
        for found in imports(path)
        if found.is_relative_to(ROOT / hall)
        and found.suffix != ".css"
        and order.index(room(found, hall)) > order.index(room(path, hall))
    ]
    assert upward == []


def test_no_file_of_the_page_imports_itself_in_a_circle():
    below = {
        path: {found for found in imports(path) if found.suffix != ".css"}
        for path in sources("server/web/src")
    }
    while free := {path for path, found in below.items() if not found & below.keys()}:
        below = {path: found - free for path, found in below.items() if path not in free}
    assert {str(path.relative_to(ROOT)) for path in below} == set()


def test_no_file_of_the_page_is_longer_than_anybody_reads_in_one_go():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources("server/web/src")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}
