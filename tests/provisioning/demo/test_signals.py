"""A demo that is ended from outside ends where it waits."""

import asyncio
import signal
from collections.abc import Iterator

import pytest

from provisioning.demo.signals import STOPPING, Ending


@pytest.fixture
def ending() -> Iterator[Ending]:
    before = {number: signal.getsignal(number) for number in STOPPING}
    yield Ending()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_ends_work_where_it_waits_and_what_it_opened_is_closed(
    ending: Ending, number: signal.Signals
) -> None:
    said = []

    async def work() -> None:
        said.append("opened")
        signal.raise_signal(number)  # as between a connection that is open and the hands that will close it
        said.append("held")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            said.append("closed")

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(ending.ends(work()))
    assert said == ["opened", "held", "closed"]


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_between_two_instructions_raises_nothing_there(
    ending: Ending, number: signal.Signals
) -> None:
    """As while a loop is made, whose half would be found and told by whoever collects it."""
    assert not ending.wait(0)
    ending.obey()
    signal.raise_signal(number)
    assert ending.wait(0)
    with pytest.raises(KeyboardInterrupt):
        ending.obey()


def test_work_that_begins_after_the_signal_ends_before_it_opens_anything(ending: Ending) -> None:
    said = []

    async def work() -> None:
        said.append("opened")

    signal.raise_signal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(ending.ends(work()))
    assert said == []


def test_a_signal_after_the_work_is_done_meets_no_closed_loop(ending: Ending) -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert asyncio.run(ending.ends(work())) == 7
    signal.raise_signal(signal.SIGTERM)
    assert ending.wait(0)
