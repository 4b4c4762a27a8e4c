"""Fixtures that every part of the house uses, and how hard property tests try."""

from pathlib import Path

import hypothesis
import pytest

from tests.support.household import Household

LONG_S = 7_200


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="run the whole fuzz: minutes to hours instead of seconds"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose before any test module is read: they ask ``tests.support.effort`` as they are."""
    # No example is late: on a busy machine each of them is, and none is wrong for it.
    hypothesis.settings.register_profile("short", deadline=None)
    hypothesis.settings.register_profile("long", max_examples=2_000, deadline=None)
    hypothesis.settings.load_profile("long" if config.getoption("long") else "short")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("long"):
        for item in items:
            item.add_marker(pytest.mark.timeout(LONG_S), append=False)


@pytest.fixture
def household(tmp_path: Path) -> Household:
    """A newborn door with its card; nobody has been added."""
    return Household(tmp_path / "state")
