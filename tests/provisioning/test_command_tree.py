"""One grammar for all commands: each leaf of the tree is held to it, and a new one is too."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from provisioning.cli import doorward, run
from provisioning.commands.command import Command, OutputType
from tests.provisioning.conftest import Furnished

# What each command prints: a table or a list of facts, which programs want as data too, or a sentence about what it did.
TABLES = {
    "clips list",
    "clips check",
    "verify",
    "readers list",
    "settings show",
    "tune",
    "demo",
    "doctor",
    "install",
}
SENTENCES = {
    "card", "clips open", "clips export", "grant", "readers remove", "replace-card", "new-card", "join", "settings set",
    "settings snooze", "settings wake", "settings hush", "settings unhush", "settings privacy", "page", "ring",
    "reset", "completion",
}  # fmt: skip  # a list of names, read as one


def leaves(group: click.Group = doorward, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            assert isinstance(command, Command), f"{name}: made with cls=Command"
            yield " ".join((*path, name)), command


LEAVES = dict(leaves())


def options(command: Command) -> dict[str, click.Option]:
    return {param.opts[-1]: param for param in command.params if isinstance(param, click.Option)}


def test_every_command_is_known_to_this_test() -> None:
    assert set(LEAVES) == TABLES | SENTENCES


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_has_examples_in_its_help_that_it_understands(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = LEAVES[path]
    assert run([*path.split(), "--help"]) == 0
    told = capsys.readouterr().out
    assert told.isascii(), "it is shown on every terminal"
    assert command.examples
    for example in command.examples:
        assert f"  {example}\n" in told
        words = shlex.split(example.partition(" > ")[0].partition(" | ")[0])
        assert words[: 1 + len(path.split())] == ["doorward", *path.split()]
        context = click.Context(command, info_name=path)
        parser = command.make_parser(context)
        given, rest, _ = parser.parse_args(words[1 + len(path.split()) :])
        assert rest == []
        missing = [
            param.name for param in command.params if param.required and given.get(param.name or "") is None
        ]
        assert missing == []


@pytest.mark.parametrize("path", sorted(TABLES))
def test_whatever_prints_a_table_prints_it_as_data_too(path: str) -> None:
    json_ = options(LEAVES[path]).get("--json")
    assert json_ is not None
    assert json_.is_flag


@pytest.mark.parametrize("path", LEAVES)
def test_the_same_thing_is_called_the_same_everywhere(path: str) -> None:
    command = LEAVES[path]
    found = options(command)
    for name, opts in {"--identity": ["-i", "--identity"], "--out": ["-o", "--out"]}.items():
        if name in found:
            assert found[name].opts == opts
    for option in found.values():
        if "-o" in option.opts or "-i" in option.opts:
            assert option.opts[-1] in ("--out", "--identity")
    secrets = {name: found[name] for name in ("--identity", "--card", "--key") if name in found}
    for option in secrets.values():
        assert "-" in (option.help or "").split() or "or -" in (option.help or "")
        assert option.type.convert("-", option, click.Context(command)) == Path("-")
    writes = any(isinstance(param.type, OutputType) for param in command.params) or "--out" in found
    assert ("--force" in found) == writes
    if isinstance(out := found.get("--out"), click.Option) and path != "tune":
        assert isinstance(out.type, OutputType)


def test_only_one_thing_comes_from_standard_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--url", "http://localhost:1", "--key", "-"]
    assert run(["settings", "set", "-", *at]) == 2
    assert "only one of them can come from standard input" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_learns_to_complete(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_DOORWARD_COMPLETE" in capsys.readouterr().out


def test_what_the_shell_asks_for_is_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_DOORWARD_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "doorward clips op")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit):
        run([])
    assert capsys.readouterr().out.split(",")[-1].strip() == "open"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here to be taught")
def test_bash_completes_what_it_was_taught(tmp_path: Path) -> None:
    taught = tmp_path / "taught"
    program = Path(sys.executable).with_name("doorward")
    with taught.open("wb") as file:
        subprocess.run([program, "completion", "bash"], stdout=file, check=True)
    script = f"""
        source {taught}
        complete -p doorward > /dev/null || exit 1
        COMP_WORDS=(doorward clips ex); COMP_CWORD=2
        _doorward_completion doorward
        echo "${{COMPREPLY[@]}}"
    """
    path = f"{program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env={"PATH": path}, check=True
    )
    assert done.stdout == "export\n"


def test_every_json_is_json(furnished: Furnished, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    film, key = tmp_path / "film.mp4", str(furnished.card_file)
    assert run(["clips", "export", str(furnished.state), "1", "-i", key, "-o", str(film)]) == 0
    for command in (
        ["clips", "list", str(furnished.state), "-i", key],
        ["verify", str(furnished.state), "-i", key],
        ["clips", "check", str(film)],
    ):
        capsys.readouterr()
        assert run([*command, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)
