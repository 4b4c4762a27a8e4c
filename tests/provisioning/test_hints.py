"""What hints tell people to type is there to be typed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from provisioning.cli import doorward

ROOT = Path(__file__).parents[2]


def options(command: click.Command) -> set[str]:
    own = {name for parameter in command.params for name in parameter.opts}
    if not isinstance(command, click.Group):
        return own
    context = click.Context(command)
    return own.union(
        *(options(command.get_command(context, name)) for name in command.list_commands(context))
    )


def told() -> Iterator[tuple[str, str]]:
    """Yield each option in a string of the command's code, and the file it stands in."""
    for path in sorted((ROOT / "provisioning").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", node.value):
                    yield option, path.name


def test_every_option_that_a_sentence_names_is_one():
    there = options(doorward) | {"--help"}
    named = dict(told())
    assert {"--ca"} <= set(named)
    assert {option: name for option, name in named.items() if option not in there} == {}
