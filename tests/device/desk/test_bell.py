"""A press reaches everybody who watches, at once and sealed; its line comes first, and nobody else can ring."""

import cv2
import numpy as np
import pytest

from device.camera.protocol import Luma
from device.contract import commands, messages, replies
from device.contract.settings import Settings
from device.desk.bell import AGAIN_US, LINE_EVERY_US, LINES, Press
from device.desk.tickets import Channel
from device.sealing.errors import SealError
from device.sealing.sframe import Opener
from device.trust.lines import Answered, Rang
from device.trust.ring import RING_METADATA, RingPayload, unpad
from device.trust.signed import Context, verify
from provisioning.house.house import House
from tests.support.door import HERE, Door, Says
from tests.support.household import Household, TestReader

THERE = Channel(1, 2)
GREY = Luma(np.full((270, 320), 128, np.uint8), 1)


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def phone(door: Door) -> TestReader:
    phone = door.join()
    assert door.ask(phone, commands.Watch()) == replies.Watching(speaks=True, listens=False)
    return phone


def press(door: Door, picture: Luma | None = GREY, after_s: float = AGAIN_US / 1e6) -> list[messages.Ring]:
    """Press the bell and return what is told, on whichever channels."""
    door.household.clock.pass_s(after_s)
    told = door.desk.ring(Press(door.household.clock.utc(), picture)) or []
    rings = [messages.decode_down(data) for _, data in told]
    assert all(isinstance(ring, messages.Ring) for ring in rings)
    return rings  # type: ignore[return-value]


def opened(door: Door, reader: TestReader, ring: messages.Ring) -> RingPayload:
    opener = Opener()
    for epoch, key in House(door.household.state, [reader.open]).history.epoch_keys.items():
        opener.add(epoch, key)
    device = door.household.device.public_key().public_bytes_raw()
    return verify(device, Context.RING, unpad(opener.open(ring.sealed, RING_METADATA)), RingPayload)


def entries(door: Door, kind: type) -> list[int]:
    house = House(door.household.state, [door.household.card.open])
    return [entry.seq for entry in house.entries if isinstance(entry.private, kind)]


def test_a_press_is_told_to_whoever_watches_with_its_line_and_its_picture(
    door: Door, phone: TestReader
) -> None:
    door.ask(door.join("Kitchen tablet"), commands.Watch(), THERE)
    told = press(door)
    assert len(told) == 2, "each page that watches"
    ring = opened(door, phone, told[0])
    assert [ring.seq] == entries(door, Rang)
    assert ring.at_utc == door.household.clock.utc()
    picture = cv2.imdecode(np.frombuffer(ring.picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert picture.shape == (180, 320)


def test_who_does_not_watch_is_not_told(door: Door, phone: TestReader) -> None:
    door.desk.closed(HERE)
    assert press(door) == []
    assert len(entries(door, Rang)) == 1, "it rang all the same"


def test_in_privacy_a_ring_is_told_without_a_picture_and_the_server_cannot_tell(
    door: Door, phone: TestReader
) -> None:
    [seen] = press(door)
    assert door.ask(phone, commands.Set(Settings(privacy=True))) == replies.Noted()
    [unseen] = press(door)
    assert opened(door, phone, unseen).picture == b""
    assert len(seen.sealed) == len(unseen.sealed)


def test_the_worst_picture_fits_into_a_ring(door: Door, phone: TestReader) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (270, 320), np.uint8)
    [ring] = press(door, Luma(noise, 1))
    assert opened(door, phone, ring).picture


def test_before_the_first_picture_it_rings_too(door: Door, phone: TestReader) -> None:
    [ring] = press(door, None)
    assert opened(door, phone, ring).picture == b""


def test_on_a_disk_that_refuses_its_line_a_ring_is_told_and_no_picture_leaves(
    door: Door, phone: TestReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(door.ledger, "note", refuse)
    [ring] = press(door)
    said = opened(door, phone, ring)
    assert (said.seq, said.picture) == (None, b"")


def test_whoever_leans_on_the_bell_rings_once_in_three_seconds_and_fills_no_record(
    door: Door, phone: TestReader
) -> None:
    assert len(press(door)) == 1
    assert press(door, after_s=AGAIN_US / 1e6 - 0.001) == [], "the same ring"
    told = [press(door) for _ in range(200)]
    assert all(len(rings) == 1 for rings in told), "each is told"
    minutes = 200 * AGAIN_US / LINE_EVERY_US
    assert LINES <= len(entries(door, Rang)) <= LINES + minutes + 1
    last = opened(door, phone, told[-2][0])
    assert (last.seq, last.picture) == (None, b""), "without a line no picture"
    assert len(press(door, after_s=120)) == 1
    assert opened(door, phone, press(door, after_s=60)[0]).seq is not None


def test_a_clock_that_goes_back_silences_no_ring(door: Door, phone: TestReader) -> None:
    press(door)
    door.household.clock.now_utc = door.household.clock.now_utc.replace(year=1990)
    [ring] = press(door)
    assert opened(door, phone, ring).at_utc.year == 1990


def test_who_was_removed_hears_of_no_ring(door: Door, phone: TestReader, household: Household) -> None:
    former = door.join("Old phone")
    door.ask(former, commands.Watch(), THERE)
    assert door.change(phone, Says(household.door).removed(phone, former)) == "changed"
    told = door.desk.ring(Press(household.clock.utc(), GREY)) or []
    assert [channel for channel, _ in told] == [HERE]
    ring = messages.decode_down(told[0][1])
    assert isinstance(ring, messages.Ring)
    with pytest.raises(SealError, match="not at hand"):
        opened(door, former, ring)


def test_i_have_it_is_a_line_that_names_the_ring_and_the_reader(door: Door, phone: TestReader) -> None:
    press(door)
    [seq] = entries(door, Rang)
    assert door.ask(phone, commands.Answer(seq)) == replies.Noted()
    house = House(door.household.state, [door.household.card.open])
    [said] = [entry.private for entry in house.entries if isinstance(entry.private, Answered)]
    assert (said.ring, said.reader) == (seq, phone.public.sign)
    [visit] = house.visits
    assert visit.answered is not None
    assert not visit.is_open


def test_a_ring_that_never_was_cannot_be_answered(door: Door, phone: TestReader) -> None:
    body = door.ask(phone, commands.Answer(len(door.ledger.chain)))
    assert isinstance(body, replies.Refused)
    assert body.code == "no_such_ring"
