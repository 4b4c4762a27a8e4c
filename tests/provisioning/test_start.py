"""A command imports what it needs when it runs, and nothing else: nobody waits for what they did not call."""

import subprocess
import sys

import click
import pytest

from provisioning.cli import COMMANDS, doorward

HEAVY = {"aiohttp", "av", "cryptography", "cv2", "fpdf", "numpy", "rich", "segno"}
PROGRAM = (
    "import sys; from provisioning.cli import run; run(sys.argv[1:]);"
    "print('loaded', *{name.partition('.')[0] for name in sys.modules})"
)


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    last = done.stdout.splitlines()[-1].split()
    assert last[0] == "loaded"
    return set(last[1:]) & HEAVY


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_the_version_and_the_help_load_nothing_heavy(asked: str):
    assert loaded(asked) == set()


def test_clips_are_listed_without_eyes(furnished):
    seen = loaded(
        "clips", "list", str(furnished.state), "-i", str(furnished.state.parent / "state-card" / "card.txt")
    )
    assert seen & {"av", "cv2", "fpdf", "numpy", "segno"} == set()
    assert "rich" in seen, "the table was printed"


def test_every_command_is_there_and_called_what_the_help_calls_it():
    context = click.Context(doorward)
    for name in COMMANDS:
        assert doorward.get_command(context, name).name == name
    assert doorward.get_command(context, "nonsense") is None
