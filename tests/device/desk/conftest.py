"""A door whose desk is asked, and two readers of its household."""

import pytest

from tests.support.door import Door, Says
from tests.support.household import Household, TestReader


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def says(household: Household) -> Says:
    return Says(household.door)


@pytest.fixture
def phone(door: Door) -> TestReader:
    return door.join()


@pytest.fixture
def tablet(door: Door) -> TestReader:
    return door.join("Kitchen tablet")
