"""The plug is pulled before every step that reaches the disk, of a visit and of the start after it: no clip is in doubt."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from device.config import parse
from device.disk.durable import TEMP_PREFIX
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.trust.lines import ClipBegun
from device.upkeep.recovery import recover
from provisioning.house.genuine import check_film, read_record
from provisioning.house.house import House
from tests.support.film import VIDEO, scene
from tests.support.household import Household

# What a power cut leaves open is nobody's to close.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CONFIG = parse("retention: {free_bytes: 8000000}", "test")
VISIT = [item for item in scene(7) if item.at_us >= 2_000_000]


class PowerCut(BaseException):
    """Nothing that runs on a Pi catches this."""


@contextmanager
def power_until(step: int) -> Iterator[None]:
    """Let the disk take this many steps, then raise before the next one and every one after it."""
    taken = 0

    def counted(work: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            nonlocal taken
            if taken >= step:
                raise PowerCut
            taken += 1
            return work(*args, **kwargs)

        return guarded

    with pytest.MonkeyPatch.context() as patched:
        for owner, name in ((os, "fsync"), (os, "fdatasync"), (os, "write"), (os, "ftruncate")):
            patched.setattr(owner, name, counted(getattr(owner, name)))
        for name in ("rename", "unlink", "mkdir", "rmdir"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        yield


def run(household: Household, *, visit: bool) -> bool:
    """Start, record a visit, stop; return False if the power went."""
    ledger = sink = None
    try:
        ledger = Ledger(household.state, household.device, household.clock)
        spool = Spool(household.state)
        recover(spool, ledger, household.clock)
        recorder = Recorder(CONFIG, VIDEO, spool, ledger, household.clock)
        for item in VISIT if visit else ():
            recorder.take(item)
            sink = recorder._clip._sealed._sink if recorder._clip else sink
        recorder.stop()
    except PowerCut:
        return False
    finally:
        for file in (ledger, sink):
            if file is not None:
                file.close()
    return True


def assert_nothing_is_in_doubt(household: Household) -> dict[int, str]:
    house = House(household.state, [household.card.open])
    assert house.troubles == []
    verdicts = {}
    for clip in house.numbers():
        finding = check_film(house, read_record(house, clip))
        assert finding.is_sound, f"clip {clip}: {finding.reason}"
        verdicts[clip] = finding.verdict
    begun = {entry.private.clip for entry in house.entries if isinstance(entry.private, ClipBegun)}
    assert begun <= set(verdicts)
    return verdicts


def test_a_power_cut_before_any_step_of_a_visit_leaves_no_clip_in_doubt(tmp_path: Path) -> None:
    seen = set()
    step = 0
    done = False
    while not done:
        household = Household(tmp_path / str(step))
        with power_until(step):
            done = run(household, visit=True)
        assert run(household, visit=False)
        seen |= set(assert_nothing_is_in_doubt(household).values())
        assert list(household.state.glob("spool/recording/*")) == []
        assert list(household.state.glob(f"spool/*/*/{TEMP_PREFIX}*")) == []
        step += 1
    assert step > 30
    assert seen == {"genuine", "interrupted", "unrecorded"}


@pytest.mark.parametrize("cut_at", [20, 26, 35])
def test_a_start_that_is_cut_itself_is_finished_by_the_next(tmp_path: Path, cut_at: int) -> None:
    step = 0
    done = False
    while not done:
        household = Household(tmp_path / str(step))
        with power_until(cut_at):
            run(household, visit=True)
        with power_until(step):
            done = run(household, visit=False)
        assert run(household, visit=False)
        assert_nothing_is_in_doubt(household)
        step += 1
