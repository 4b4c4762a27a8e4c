"""What the README has people type is what the commands take."""

import re
import shlex

import click
import pytest

from provisioning.cli import doorward
from tests.support.rooms import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
TYPED = [line for block in BLOCKS for line in block.splitlines() if line.startswith("doorward ")]
TYPED += [f"doorward demo {rest}" for rest in re.findall(r"scripts/demo (--[^`#\n]*)", README)]
WHOLE = [line for line in TYPED if "…" not in line and "|" not in line]
CUT = "…"


def parsed(line: str) -> click.Context:
    """Return the command that a line calls, with its arguments as it takes them; no file is looked at.

    Raises:
        click.UsageError: it does not take them.
    """
    words = shlex.split(line.partition(" > ")[0], comments=True)[1:]
    command: click.Command = doorward
    context = click.Context(doorward)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"there is no command {words[0]}")
        command, words = found, words[1:]
        context = click.Context(command, parent=context)
    values, rest, _ = command.make_parser(context).parse_args(words)
    given = {name for name, value in values.items() if value and isinstance(value, str | list | tuple)}
    missing = [each.name for each in command.params if each.required and each.name not in given]
    if missing or rest:
        raise click.UsageError(f"missing {missing}, too many {rest}")
    return context


@pytest.mark.parametrize("line", WHOLE)
def test_a_line_that_is_to_be_typed_is_one_that_the_command_takes(line: str) -> None:
    parsed(line)


@pytest.mark.parametrize(
    "line", ["doorward clips shut DIR", "doorward card --nome x", "doorward verify", "doorward page -o a b"]
)
def test_a_line_that_no_command_takes_is_seen_to_be_one(line: str) -> None:
    with pytest.raises(click.UsageError):
        parsed(line)


@pytest.mark.parametrize("line", [line for line in TYPED if line not in WHOLE])
def test_a_line_that_is_cut_short_names_a_command(line: str) -> None:
    command: click.Command | None = doorward
    for word in shlex.split(line, comments=True)[1:]:
        if not isinstance(command, click.Group) or word == CUT:
            break
        names = re.findall("[a-z-]+", word)
        command = command.get_command(click.Context(command), names[0])
        assert command is not None, f"there is no command {word}"


def test_the_readme_says_where_the_command_is_before_it_is_used() -> None:
    assert README.index(".venv/bin/doorward") < README.index(TYPED[0])


def test_what_is_typed_was_found_at_all() -> None:
    assert len(WHOLE) > 15
    assert any(line.startswith("doorward demo --lan") for line in WHOLE)
