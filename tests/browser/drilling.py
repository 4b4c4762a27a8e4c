"""The drill as somebody does it who has the page's words and the card: run what it says, and read the two words."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from provisioning.demo.demo import Stage


def by_the_tool(command: list[str], where: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """Return a film's words after running what the page says, where its files lie."""
    subprocess.run([Path(sys.executable).with_name(command[0]), *command[1:]], cwd=where, check=True)
    told = re.search(r"Words of this film: (\w+ \w+)", capfd.readouterr().out)
    assert told is not None
    return told[1]


def by_the_saved_page(command: list[str], sealed: Path, door: Stage, chromium: Browser) -> str:
    """Return a film's words by the page that the command saves, as somebody reads them without a network."""
    subprocess.run([Path(sys.executable).with_name(command[0]), *command[1:]], cwd=sealed.parent, check=True)
    context = chromium.new_context(locale="en-GB", service_workers="block")
    context.set_offline(True)
    page = context.new_page()
    page.goto((sealed.parent / command[-1]).as_uri())
    page.get_by_label("The sealed recording").set_input_files(sealed)
    page.get_by_label("The lower half of the card").fill(door.card.open.secret_text())
    page.get_by_role("button", name="Open", exact=True).click()
    words = page.get_by_text("Words of this film: ")
    expect(words).to_be_visible()
    told = re.search(r"Words of this film: (\w+ \w+)", words.inner_text())
    context.close()
    assert told is not None
    return told[1]
