"""Fixtures that every part of the house uses."""

from pathlib import Path

import pytest

from tests.support.household import Household


@pytest.fixture
def household(tmp_path: Path) -> Household:
    """A newborn door with its card; nobody has been added."""
    return Household(tmp_path / "state")
