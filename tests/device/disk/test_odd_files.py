"""What stands in the place of a file of ours: whoever held the card for a minute may have put anything there.

Every kind of odd file in every place: the door records the next visitor and answers, or says in a sentence why it cannot be
this door. Never a trace, never a wait, never a file read into memory whole, never a link followed out of the state directory.
"""

import contextlib
import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from device.config import parse
from device.contract import commands, replies
from device.disk.durable import open_file, read_file
from device.disk.reset import reset
from device.disk.state import State
from device.errors import DeviceError
from device.recording.recorder import Recorder
from device.upkeep.recovery import recover
from device.upkeep.reserve import Reserve
from tests.support.door import Door
from tests.support.film import VIDEO, scene
from tests.support.household import Household, TestReader

TERABYTE = 1 << 40
Plant = Callable[[Path], None]


def a_huge_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(TERABYTE)


def a_node(path: Path) -> None:
    if os.getuid():
        pytest.skip("only root makes device nodes")
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero: it never ends


def a_time_that_no_calendar_has(path: Path) -> None:
    path.write_bytes(b"{}")
    with contextlib.suppress(OSError):  # not every file system takes it
        os.utime(path, (0, 2**40))


KINDS: dict[str, Plant] = {
    "a directory": lambda path: (path / "deep").mkdir(parents=True),
    "a pipe": os.mkfifo,
    "a node": a_node,
    "a link": lambda path: path.symlink_to(path.parent / "elsewhere"),
    "a link that leads nowhere": lambda path: path.symlink_to("/nonexistent/anywhere"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a huge file": a_huge_file,
    "garbage": lambda path: path.write_bytes(os.urandom(3000)),
    "nothing in it": Path.touch,
    "an odd time": a_time_that_no_calendar_has,
}  # fmt: skip
DAY = "2026-11-23"
ESSENTIAL = {"device.key", "ledger", "lock", "spool"}
"""Without these it is not this door, or what it records would be nobody's: then a sentence."""
FILES = [
    "head", "settings", "settings.set", "authority.pem", "reserve", "grants/{reader}",
    "epochs", "running", "spool/number", "spool/2026-99-99",
    "spool/recording/000007/clip.mp4.age", "spool/recording/000008/begun", "spool/recording/000009/event",
    f"spool/{DAY}/000001/event", f"spool/{DAY}/000001/begun", f"spool/{DAY}/000002/clip.mp4.age",
]  # fmt: skip  # a list of places
DIRECTORIES = [
    "epochs", "running", "grants/{reader}", "spool/recording/000007",
    f"spool/{DAY}/000002", f"spool/{DAY}/٠٠٠٠٠٣", f"spool/{DAY}/0000002",
]  # fmt: skip
PLACES = {
    "files": FILES, "directories": DIRECTORIES, "the day": [f"spool/{DAY}"], "what runs": ["spool/recording"],
    "grants": ["grants"],
}  # fmt: skip


@pytest.fixture
def lived(household: Household) -> tuple[Household, TestReader]:
    """A door on which somebody belongs and something was recorded."""
    door = Door(household)
    phone = door.join()
    door.ask(phone, commands.Grant(phone.public.sign, 1, b"a grant"))
    door.clip()
    door.clip()
    door.ledger.close()
    return household, phone


def plant(household: Household, reader: TestReader, place: str, kind: Plant) -> None:
    home = hashlib.sha256(reader.public.sign).hexdigest()[:16]
    path = household.state / place.format(reader=home)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    kind(path)


def records_and_answers(household: Household, reader: TestReader) -> None:
    """Start, recover, record a visitor, and answer everything that may be asked.

    Raises:
        DeviceError, OSError: it cannot start.
    """
    state = State(household.state)
    try:
        state.key()
        state.authority()
        Reserve(household.state).ease()
        door = Door(household)
    finally:
        state.close()
    before = set(door.spool.clips(DAY))
    recover(door.spool, door.ledger, household.clock)
    config = parse("retention: {free_bytes: 8000000}", "test")
    recorder = Recorder(config, VIDEO, door.spool, door.ledger, household.clock)
    for item in scene(6):
        recorder.take(item)
    recorder.stop()
    assert set(door.spool.clips(DAY)) - before, "the visitor was recorded"
    for body in (
        commands.AskHead(), commands.AskLedger(0), commands.AskEpochs(0), commands.AskDays(), commands.AskDay(DAY, 0),
        *(commands.AskClip(clip) for clip in (1, 2, 3, 7)), commands.AskHeaders([1, 2, 3, 7]),
        commands.AskGrants(0), commands.AskSettings(), commands.AskAuthority(), commands.AskHealth(None), commands.AskSelfTest(0),
        commands.Grant(reader.public.sign, 1, b"another"),
    ):  # fmt: skip  # what can be asked
        answer = door.ask(reader, body)
        assert not isinstance(answer, replies.Refused) or answer.code in {"no_such_clip", "not_ready"}, answer
    door.ledger.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("places", PLACES)
def test_whatever_stands_in_a_files_place_the_next_visitor_is_recorded(
    lived: tuple[Household, TestReader], places: str, kind: str
) -> None:
    household, phone = lived
    for place in PLACES[places]:
        plant(household, phone, place, KINDS[kind])
    records_and_answers(household, phone)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", sorted(ESSENTIAL))
def test_without_what_makes_it_this_door_it_says_so_in_a_sentence_or_goes_on(
    lived: tuple[Household, TestReader], place: str, kind: str
) -> None:
    household, phone = lived
    plant(household, phone, place, KINDS[kind])
    try:
        records_and_answers(household, phone)
    except (DeviceError, OSError) as error:
        assert str(error), "it says why"


def test_a_file_is_read_whole_up_to_its_limit_and_not_a_byte_beyond(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    assert read_file(tmp_path / "file", 100) == b"x" * 100
    with pytest.raises(OSError, match="larger than 99 bytes"):
        read_file(tmp_path / "file", 99)


@pytest.mark.parametrize("kind", ["a directory", "a pipe", "a node", "a link", "a link to itself"])
def test_only_a_regular_file_is_opened_and_no_descriptor_stays(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").write_bytes(b"somebody else's")
    KINDS[kind](tmp_path / "odd")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count, not paths
    with pytest.raises(OSError, match=r"odd"):
        open_file(tmp_path / "odd")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_what_stood_in_the_way_is_kept_under_another_name(lived: tuple[Household, TestReader]) -> None:
    household, phone = lived
    plant(household, phone, "spool/number", KINDS["a directory"])
    records_and_answers(household, phone)
    assert [path.is_dir() for path in (household.state / "spool").glob(".aside-*/deep")] == [True]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "a node"])
def test_a_reset_takes_whatever_is_there_and_nothing_that_a_link_leads_to(
    lived: tuple[Household, TestReader], kind: str
) -> None:
    household, phone = lived
    outside = household.state.parent / "outside"
    outside.mkdir()
    (outside / "kept").write_text("ours")
    (household.state / "link").symlink_to(outside)
    for place in ("device.key", "grants", f"spool/{DAY}/000002", "odd"):
        plant(household, phone, place, KINDS[kind])
    reset(household.state)
    assert [path.name for path in household.state.iterdir()] == ["lock"]
    assert (outside / "kept").read_text() == "ours"
