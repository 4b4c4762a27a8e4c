"""A hijacked server, ready to attack."""

from collections.abc import AsyncIterator

import pytest

from tests.support.hijacked import Attack, hijacked
from tests.support.household import Household


@pytest.fixture
async def attack(household: Household) -> AsyncIterator[Attack]:
    async with hijacked(household) as attack:
        yield attack
