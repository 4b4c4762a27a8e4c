"""A hijacked server, ready to attack; a whole one, ready for guests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provisioning.card.certs import issue
from server.arrivals import accepting, connections
from tests.support.hijacked import Attack, hijacked
from tests.support.household import Household
from tests.support.whole_server import IDLE_S, House, opened


@pytest.fixture
async def attack(household: Household) -> AsyncIterator[Attack]:
    async with hijacked(household) as attack:
        yield attack


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("house") / "tls"
    issue(directory, "localhost")
    return directory


@pytest.fixture
async def house(
    household: Household, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """One that waits for everybody for as long as a test takes."""
    monkeypatch.setattr(accepting, "HANDSHAKE_S", 100.0)
    async with opened(household, certificates) as house:
        yield house


@pytest.fixture
async def hasty_house(
    household: Household, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """One that waits for nobody longer than half a second."""
    monkeypatch.setattr(connections, "IDLE_S", IDLE_S)
    monkeypatch.setattr(accepting, "HANDSHAKE_S", IDLE_S)
    async with opened(household, certificates) as house:
        yield house
