"""Tables: whole in a pipe, readable on 80 and 60 columns and on fewer, no figure cut, no line drawn."""

import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from provisioning import printer
from provisioning.cli import run
from provisioning.layout import Column, Row, lay_out, wrap
from tests.provisioning.conftest import Furnished

COLUMNS: Sequence[Column] = (("clip", "right"), ("when", "left"), ("where", "text"), ("bytes", "right"))
ROWS: Sequence[Row] = (
    (("7", "2026-11-26 17:42:35 CET", "“Path” 12 %", "1,048,576"), ""),
    (("1234", "2026-11-26 17:42:35 CET", "“The gate beside the garage” 3 %, “Street” 1 %", "9"), "red"),
)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def lines(width: int | None) -> list[str]:
    return [line for line, _ in lay_out(COLUMNS, ROWS, width)]


def test_a_pipe_gets_every_cell_whole_in_columns() -> None:
    assert lines(None) == [
        "clip  when                     where                                               bytes",
        "   7  2026-11-26 17:42:35 CET  “Path” 12 %                                     1,048,576",
        "1234  2026-11-26 17:42:35 CET  “The gate beside the garage” 3 %, “Street” 1 %          9",
    ]


def test_eighty_columns_wrap_what_is_text_and_nothing_else() -> None:
    told = lines(70)
    assert told[1:] == [
        "   7  2026-11-26 17:42:35 CET  “Path” 12 %                   1,048,576",
        "1234  2026-11-26 17:42:35 CET  “The gate beside the garage”          9",
        "                               3 %, “Street” 1 %",
    ]


def test_too_few_columns_stack_each_row() -> None:
    assert lines(45) == [
        "clip   7",
        "when   2026-11-26 17:42:35 CET",
        "where  “Path” 12 %",
        "bytes  1,048,576",
        "",
        "clip   1234",
        "when   2026-11-26 17:42:35 CET",
        "where  “The gate beside the garage” 3 %,",
        "       “Street” 1 %",
        "bytes  9",
    ]


@given(
    st.lists(
        st.tuples(
            st.text("0123456789,", max_size=9), st.text("ab 漢é“”", max_size=60), st.text("x y", max_size=40)
        ),
        max_size=5,
    ),
    st.integers(30, 120),
)
def test_nothing_is_cut_and_no_line_is_wider_than_the_terminal(
    cells: list[tuple[str, str, str]], width: int
) -> None:
    columns: Sequence[Column] = (("figure", "right"), ("name", "text"), ("state", "text"))
    told = [line for line, _ in lay_out(columns, [(row, "") for row in cells], width)]
    assert all(cell_len(line) <= width for line in told)
    for figure, *texts in cells:
        assert not figure or any(figure in line for line in told)
        for text in texts:
            assert sum(line.count("a") for line in told) >= text.count("a")


@given(st.text("ab c漢", max_size=80), st.integers(2, 20))
def test_wrapping_loses_no_letter(text: str, width: int) -> None:
    told = wrap(text, width)
    assert "".join(told).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= width for line in told)


@pytest.mark.parametrize("width", [200, 80, 60, 40])
def test_the_list_of_clips_is_readable_on_every_terminal(
    furnished: Furnished, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    terminal = Terminal()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr("sys.stdout", terminal)
    assert run(["clips", "list", str(furnished.state), "-i", str(furnished.card_file)]) == 0
    told = terminal.getvalue()
    assert all(cell_len(line) <= width for line in told.splitlines()), told
    assert told.count(" UTC") == 3
    assert "interrupted" in told
    assert not set("│┃━─┏╷…") & set(told)


def test_the_list_of_clips_is_plain_in_a_pipe(
    furnished: Furnished, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TZ", "UTC")
    assert run(["clips", "list", str(furnished.state), "-i", str(furnished.card_file)]) == 0
    told = capsys.readouterr().out
    assert len(told.splitlines()) == 5, "a title, headings, one line a clip"
    assert "\x1b" not in told
    assert told.isprintable() or set(told) - {"\n"} == {letter for letter in told if letter.isprintable()}


def test_progress_is_on_a_terminals_standard_error_alone(
    furnished: Furnished, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["verify", str(furnished.state), "-i", str(furnished.card_file)]
    assert run(command) == 0
    assert capsys.readouterr().err == ""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    assert run(command) == 0
    assert "reading the record" in terminal.getvalue()
    assert "verifying" in terminal.getvalue()
    assert "verifying" not in capsys.readouterr().out


def test_a_time_says_which_of_two_hours_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import time
    from datetime import UTC, datetime

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        first, second = (printer.moment(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (first, second) == ("2026-10-25 02:30:00 CEST", "2026-10-25 02:30:00 CET")


def test_progress_turns_in_signs_that_the_terminal_has(
    furnished: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    terminal.encoding = "latin-1"
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    assert run(["verify", str(furnished.state), "-i", str(furnished.card_file)]) == 0
    assert "verifying" in terminal.getvalue()
    terminal.getvalue().encode("latin-1")
