"""Where a command's file goes: every command that writes one is walked, past everything that may stand at its place."""

import contextlib
import io
import os
import stat
from pathlib import Path

import click
import pytest

from provisioning.cli import run
from provisioning.commands.command import OutputType
from tests.provisioning.test_command_tree import LEAVES

OUTPUTS = [
    (path, param.opts[-1])
    for path, command in LEAVES.items()
    for param in command.params
    if isinstance(param.type, OutputType)
]


def line(path: str, tmp_path: Path, option: str, out: str) -> list[str]:
    """Return a command line with everything that is required, all of it there, and one output somewhere."""
    there = tmp_path / "there"
    there.mkdir(exist_ok=True)
    file = there / "file"
    file.write_text("x")
    words = path.split()
    for param in LEAVES[path].params:
        if isinstance(param, click.Option) and param.opts[-1] == option:
            words += [option, out]
        elif param.required:
            value = _value(param, there, file, tmp_path)
            words += [value] if isinstance(param, click.Argument) else [param.opts[-1], value]
    return words


def _value(param: click.Parameter, there: Path, file: Path, tmp_path: Path) -> str:
    if isinstance(param.type, OutputType):
        return str(tmp_path / f"free-{param.name}")
    if isinstance(param.type, click.Path):
        return str(
            file if param.type.file_okay and not (param.type.dir_okay and param.type.exists) else there
        )
    return {"url": "https://door.local", "name": "Front"}.get(param.name or "", "1")


def everything(directory: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in directory.rglob("*")
    }


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))


@pytest.mark.parametrize(("path", "option"), OUTPUTS)
def test_no_command_replaces_a_file_unasked_nor_anything_that_is_no_file(
    path: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("the only copy")
    (tmp_path / "directory").mkdir()
    (tmp_path / "link").symlink_to(taken)
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    os.mkfifo(tmp_path / "pipe")
    with contextlib.suppress(PermissionError):
        os.mknod(tmp_path / "disk", stat.S_IFBLK | 0o600, os.makedev(7, 250))
    line(path, tmp_path, option, "")
    before = everything(tmp_path)
    refusals = {
        "taken": "is there already", "link": "is there already", "directory": "is a directory", "circle": "in a circle",
        "nowhere/file": "there is no directory", "taken/file": "Not a directory", "disk": "is no plain file",
    }  # fmt: skip  # a list, read as one
    for name, says in refusals.items():
        if name == "disk" and not (tmp_path / name).exists():
            continue
        for force in ([], ["--force"]):
            if force and says == "is there already":
                continue
            out = str(tmp_path / name)
            assert run([*line(path, tmp_path, option, out), *force]) == 1, name
            told = capsys.readouterr().err
            assert told.startswith(f"error: {out}"), told
            assert says in told
            assert "hint: " in told
            assert everything(tmp_path) == before


@pytest.mark.parametrize(("path", "option"), OUTPUTS)
def test_no_command_writes_over_what_it_reads_nor_two_files_into_one(
    path: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = [
        param
        for param in LEAVES[path].params
        if param.required and isinstance(param.type, click.Path) and param.type.file_okay
    ]
    others = [param for param in LEAVES[path].params if isinstance(param.type, OutputType)]
    if inputs:
        out = str(tmp_path / "there" / "file")
        assert run([*line(path, tmp_path, option, out), "--force"]) == 1
        assert "is read by this command" in capsys.readouterr().err
        assert Path(out).read_text() == "x"
    for other in others:
        if other.opts[-1] != option:
            words = line(path, tmp_path, option, str(tmp_path / "one"))
            words += [other.opts[-1], str(tmp_path / "one")]
            assert run(words) == 1
            assert "cannot take two files" in capsys.readouterr().err
