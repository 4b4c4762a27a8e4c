"""What was recorded, forged: by a hijacked server in transit, or by a thief on the disk. The reader's check finds each."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.config import parse
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording import sealed_clip
from device.recording.recorder import Recorder
from device.sealing.age import AgeWriter, seal
from device.sealing.age_reader import open_bytes
from device.sealing.identities import HybridIdentity
from device.sealing.recipients import parse_recipient
from device.trust.roster import Roster
from provisioning.house.genuine import check_film, read_record
from provisioning.house.house import House
from tests.provisioning.conftest import Furnished, furnish
from tests.support.door import Door, Says
from tests.support.film import VIDEO, scene
from tests.support.household import Household

Forge = Callable[[Furnished], None]


@pytest.fixture
def furnished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Furnished:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    return furnish(tmp_path / "state")


def film(furnished: Furnished, clip: int) -> Path:
    return furnished.clip(clip) / "clip.mp4.age"


def recipients(furnished: Furnished, *more: HybridIdentity) -> list[object]:
    house = House(furnished.state, [])
    names = [*house.roster_at(0).recipients, *(str(identity.recipient()) for identity in more)]
    return [parse_recipient(name) for name in names]


def forge_a_clip(furnished: Furnished) -> None:
    """Seal another film to exactly the right recipients, which are public."""
    film(furnished, 1).write_bytes(seal(os.urandom(200_000), recipients(furnished)))  # type: ignore[arg-type]


def add_a_ghost(furnished: Furnished) -> None:
    """Seal the same film to one more key than the household has."""
    plain = open_bytes(film(furnished, 1).read_bytes(), [furnished.household.card.open])
    ghost = HybridIdentity.generate()
    film(furnished, 1).write_bytes(seal(plain, recipients(furnished, ghost)))  # type: ignore[arg-type]


def swap_a_stanza(furnished: Furnished) -> None:
    """Seal the same film to a ghost in the card's place: to as many keys as the household has."""
    plain = open_bytes(film(furnished, 1).read_bytes(), [furnished.household.card.open])
    assert len(recipients(furnished)) == 1
    film(furnished, 1).write_bytes(seal(plain, [HybridIdentity.generate().recipient()]))


def swap_two_clips(furnished: Furnished) -> None:
    first, third = film(furnished, 1), film(furnished, 3)
    content = first.read_bytes()
    first.write_bytes(third.read_bytes())
    third.write_bytes(content)


def swap_two_events(furnished: Furnished) -> None:
    first, third = furnished.clip(1) / "event", furnished.clip(3) / "event"
    content = first.read_bytes()
    first.write_bytes(third.read_bytes())
    third.write_bytes(content)


def cut_a_clip(furnished: Furnished) -> None:
    content = film(furnished, 1).read_bytes()
    film(furnished, 1).write_bytes(content[: len(content) // 2])


def splice_two_clips(furnished: Furnished) -> None:
    """Put the chunks of one film behind the header of another."""
    first, third = film(furnished, 1).read_bytes(), film(furnished, 3).read_bytes()
    film(furnished, 1).write_bytes(first[:-70_000] + third[-70_000:])


def flip_a_bit(furnished: Furnished) -> None:
    content = bytearray(film(furnished, 1).read_bytes())
    content[-100] ^= 1
    film(furnished, 1).write_bytes(content)


def edit_an_event(furnished: Furnished) -> None:
    path = furnished.clip(1) / "event"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def remove_a_clip(furnished: Furnished) -> None:
    shutil.rmtree(furnished.clip(1))


@pytest.mark.parametrize(
    "forge",
    [
        forge_a_clip, add_a_ghost, swap_a_stanza, swap_two_clips, swap_two_events, cut_a_clip, splice_two_clips, flip_a_bit,
        edit_an_event, remove_a_clip,
    ],
)  # fmt: skip  # a list of forgeries
def test_a_forged_recording_is_doubted_and_never_called_genuine(furnished: Furnished, forge: Forge) -> None:
    house = House(furnished.state, [furnished.household.card.open])
    assert check_film(house, read_record(house, 1)).verdict == "genuine"
    forge(furnished)
    house = House(furnished.state, [furnished.household.card.open])
    finding = check_film(house, read_record(house, 1))
    assert finding.verdict in ("missing", "destroyed", "doubtful")
    assert not finding.is_sound
    assert finding.reason


@pytest.mark.parametrize("forge", [forge_a_clip, add_a_ghost, swap_a_stanza, swap_two_clips])
def test_a_forged_film_is_refused_before_its_first_frame(furnished: Furnished, forge: Forge) -> None:
    forge(furnished)
    house = House(furnished.state, [furnished.household.card.open])
    assert check_film(house, read_record(house, 1)).plaintext_bytes == 0


def test_a_ghost_to_whom_the_door_itself_sealed_is_counted(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the device can have its own begin line name the header: the household's number is in the ledger."""
    ghost = HybridIdentity.generate().recipient()
    for haunted in (False, True):
        with monkeypatch.context() as patched:
            if haunted:
                patched.setattr(sealed_clip, "AgeWriter", lambda sink, fit: AgeWriter(sink, [*fit, ghost]))
            ledger = Ledger(household.state, household.device, household.clock)
            recorder = Recorder(
                parse("retention: {free_bytes: 8000000}", "test"),
                VIDEO,
                Spool(household.state),
                ledger,
                household.clock,
            )
            for item in scene(5):
                recorder.take(item)
            recorder.stop()
            ledger.close()
    house = House(household.state, [household.card.open])
    assert check_film(house, read_record(house, 1)).verdict == "genuine"
    finding = check_film(house, read_record(house, 2))
    assert (finding.verdict, finding.plaintext_bytes) == ("doubtful", 0)
    assert "sealed to 2 keys" in finding.reason


class Backward:
    """A ledger whose household is the one of before: what a thief with the device's key would have the recorder ask."""

    def __init__(self, ledger: Ledger, roster: Roster) -> None:
        self._ledger, self.roster = ledger, roster

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)


def test_a_clip_that_the_door_sealed_for_a_household_of_the_past_is_doubted(household: Household) -> None:
    """As many keys as the household had, the device's own lines and signature: and one of them is a former reader's."""
    door, config = Door(household), parse("retention: {free_bytes: 8000000}", "test")
    phone, guest = door.join("Phone"), door.join("Guest")
    before = door.ledger.roster
    assert door.change(phone, Says(household.door).removed(phone, guest)) == "changed"
    for ledger in (door.ledger, Backward(door.ledger, before)):
        recorder = Recorder(config, VIDEO, door.spool, ledger, household.clock)  # type: ignore[arg-type]
        for item in scene(5):
            recorder.take(item)
        recorder.stop()
    door.ledger.close()
    house = House(household.state, [household.card.open])
    assert check_film(house, read_record(house, 1)).verdict == "genuine"
    finding = check_film(house, read_record(house, 2))
    assert (finding.verdict, finding.plaintext_bytes) == ("doubtful", 0)
    assert "a household that was past" in finding.reason
    assert open_bytes(next(household.state.glob("spool/*/000002/clip.mp4.age")).read_bytes(), [guest.open])


def test_a_past_rewritten_with_the_devices_own_key_is_told_by_what_a_reader_remembers(
    furnished: Furnished,
) -> None:
    """A thief with the card holds the device's key: the new ledger verifies, and is not the one that was seen."""
    house = House(furnished.state, [furnished.household.card.open])
    seen = house.chain.head
    ledger = furnished.state / "ledger"
    ledger.write_bytes(b"".join(line + b"\n" for line in ledger.read_bytes().splitlines()[:-2]))
    forged = House(furnished.state, [furnished.household.card.open])
    assert isinstance(furnished.household.device, Ed25519PrivateKey)
    assert not forged.chain.holds(seen.seq, seen.hash)
