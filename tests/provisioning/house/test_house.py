"""What the CLI believes of a state directory: each fault is planted and must be found, and nothing else."""

import io
import shutil
from pathlib import Path

import msgspec
import pytest

from device.disk.epochs import EpochKey, read_epochs
from device.recording.masking import told
from device.sealing.age import AgeWriter
from device.sealing.age_reader import open_bytes
from device.sealing.recipients import parse_recipient
from device.sealing.sframe import Sealer
from device.trust.signed import Context, sign
from device.trust.statement import EVENT_METADATA
from provisioning.house.genuine import Finding, check_film, read_record
from provisioning.house.house import House, NoHouse
from tests.provisioning.conftest import Furnished, says_anew
from tests.support.epoch_files import write_epochs
from tests.support.household import TestReader


def look(furnished: Furnished, *identities: object) -> tuple[House, dict[int, Finding]]:
    house = House(furnished.state, identities or (furnished.household.card.open,))
    return house, {clip: check_film(house, read_record(house, clip)) for clip in house.numbers()}


def verdicts(found: dict[int, Finding]) -> list[str]:
    return [finding.verdict for _, finding in sorted(found.items())]


def test_an_honest_house_holds(furnished: Furnished) -> None:
    house, found = look(furnished)
    assert house.troubles == []
    assert house.notes == []
    assert verdicts(found) == ["genuine", "interrupted", "genuine"]
    assert all(finding.plaintext_bytes > 0 for finding in found.values())


def test_a_reader_opens_what_came_after_it_joined(furnished: Furnished) -> None:
    _, found = look(furnished, furnished.reader.open)
    assert verdicts(found) == ["locked", "interrupted", "genuine"]


def test_a_stranger_opens_nothing_and_sees_no_fault(furnished: Furnished) -> None:
    house, found = look(furnished, TestReader().open)
    assert house.troubles == []
    assert verdicts(found) == ["locked"] * 3
    assert not any(finding.plaintext_bytes for finding in found.values())


def test_without_a_key_what_is_public_is_verified(furnished: Furnished) -> None:
    house = House(furnished.state)
    assert house.troubles == []
    assert len(house.chain) > 10
    assert [read_record(house, clip).reason for clip in house.numbers()] == ["no key was given"] * 3


@pytest.mark.parametrize("place", [0.02, 0.5, 0.999])
def test_one_flipped_byte_in_a_film_is_found(furnished: Furnished, place: float) -> None:
    path = furnished.clip(3) / "clip.mp4.age"
    data = bytearray(path.read_bytes())
    data[int(len(data) * place)] ^= 1
    path.write_bytes(data)
    _, found = look(furnished)
    assert verdicts(found) == ["genuine", "interrupted", "destroyed"]


def test_a_film_that_was_cut_short_opens_to_its_last_good_chunk_and_is_destroyed(
    furnished: Furnished,
) -> None:
    path = furnished.clip(3) / "clip.mp4.age"
    size_bytes = path.stat().st_size
    path.write_bytes(path.read_bytes()[:200_000])
    _, found = look(furnished)
    assert found[3].verdict == "destroyed"
    assert f"its film has 200,000 bytes, and had {size_bytes:,}" in found[3].reason
    assert "196,608 bytes of it are the door's own" in found[3].reason
    assert found[3].plaintext_bytes == 3 * 65_536


def test_two_films_that_changed_places_are_found(furnished: Furnished) -> None:
    one, other = furnished.clip(1) / "clip.mp4.age", furnished.clip(3) / "clip.mp4.age"
    kept = one.read_bytes()
    shutil.copy(other, one)
    other.write_bytes(kept)
    _, found = look(furnished)
    assert verdicts(found) == ["destroyed", "interrupted", "destroyed"]
    assert not found[1].plaintext_bytes, "the exchanged film is refused before its first picture"


def test_two_events_that_changed_places_are_found(furnished: Furnished) -> None:
    one, other = furnished.clip(1) / "event", furnished.clip(3) / "event"
    kept = one.read_bytes()
    shutil.copy(other, one)
    other.write_bytes(kept)
    _, found = look(furnished)
    assert verdicts(found) == ["doubtful", "interrupted", "doubtful"]
    assert "of another door or clip" in found[1].reason


def test_a_statement_that_the_device_did_not_sign_is_found(furnished: Furnished) -> None:
    """An epoch key alone, which every reader has, must not be enough to make events."""
    house, _ = look(furnished)
    record = read_record(house, 3)
    assert record.statement is not None
    forged = sign(TestReader().sign, Context.STATEMENT, record.statement)
    epoch = read_epochs(furnished.state)[house.chain.epoch]
    key = msgspec.json.decode(open_bytes(epoch, [furnished.reader.open]), type=EpochKey)
    (furnished.clip(3) / "event").write_bytes(Sealer(key.epoch, key.key).seal(forged, EVENT_METADATA))
    _, found = look(furnished)
    assert found[3].verdict == "doubtful"
    assert "signature" in found[3].reason


def test_a_changed_event_is_found(furnished: Furnished) -> None:
    path = furnished.clip(1) / "event"
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    _, found = look(furnished)
    assert verdicts(found) == ["destroyed", "interrupted", "genuine"]


def test_a_forged_film_to_the_right_recipients_is_refused_before_its_first_picture(
    furnished: Furnished,
) -> None:
    """age authenticates no sender: whoever knows the recipients can seal a film to them."""
    path = furnished.clip(1) / "clip.mp4.age"
    sink = io.BytesIO()
    writer = AgeWriter(sink, [furnished.household.card.open.recipient()])
    writer.write(b"not what the door saw" * 10_000)
    writer.close()
    path.write_bytes(sink.getvalue())
    _, found = look(furnished)
    assert found[1].verdict == "destroyed"
    assert found[1].plaintext_bytes == 0


def test_a_clip_that_the_ledger_never_began_is_found(furnished: Furnished) -> None:
    shutil.copytree(furnished.clip(3), furnished.clip(3).with_name("000009"))
    _, found = look(furnished)
    assert found[9].verdict == "doubtful"


def test_a_clip_that_was_removed_without_a_line_is_found(furnished: Furnished) -> None:
    shutil.rmtree(furnished.clip(1))
    _, found = look(furnished)
    assert found[1].verdict == "missing"
    assert "removed without a line" in found[1].reason


def test_a_missing_film_is_found(furnished: Furnished) -> None:
    (furnished.clip(1) / "clip.mp4.age").unlink()
    _, found = look(furnished)
    assert (found[1].verdict, found[1].reason) == (
        "missing",
        "its film is missing: it was removed without a line",
    )


def test_every_edit_of_the_ledger_is_found(furnished: Furnished) -> None:
    path = furnished.state / "ledger"
    lines = path.read_bytes().splitlines(keepends=True)
    edits = {
        "a line dropped": [*lines[:4], *lines[5:]],
        "two lines swapped": [*lines[:4], lines[5], lines[4], *lines[6:]],
        "a line doubled": [*lines[:5], *lines[4:]],
        "the end cut off": lines[:-2],
        "a letter changed": [*lines[:3], lines[3].replace(b'"seq":3', b'"seq":4'), *lines[4:]],
    }
    for name, edited in edits.items():
        path.write_bytes(b"".join(edited))
        house, _ = look(furnished)
        assert house.troubles, name


def test_a_torn_last_line_is_told_and_is_no_fault(furnished: Furnished) -> None:
    with (furnished.state / "ledger").open("ab") as file:
        file.write(b'{"seq":99')
    house, _ = look(furnished)
    assert house.troubles == []
    assert "power cut" in house.notes[0]


def test_an_exchanged_epoch_file_is_found(furnished: Furnished) -> None:
    files = read_epochs(furnished.state)
    write_epochs(furnished.state, {**files, 1: files[2]})
    house, found = look(furnished)
    assert house.troubles == ["epoch 1: its file is not the one that the ledger names"]
    assert found[1].verdict == "doubtful", "the card belonged to that epoch: nothing of it may be locked"
    assert "the key of epoch 1 is missing" in found[1].reason


def test_a_head_of_another_door_is_found(furnished: Furnished) -> None:
    (furnished.state / "head").write_bytes(b"x" * 200)
    assert "signed head" in look(furnished)[0].troubles[0]


def test_a_begin_line_that_is_missing_makes_a_clip_doubtful(furnished: Furnished) -> None:
    house = House(furnished.state, [furnished.household.card.open])
    house.facts[3].begun = None
    assert read_record(house, 3).reason == "the ledger does not know that it began: it may be forged"


def test_a_ghost_stanza_is_found(furnished: Furnished) -> None:
    """A device that was made to seal to one more key shows it by the header, whatever its ledger says."""
    house = House(furnished.state, [furnished.household.card.open])
    path = furnished.clip(3) / "clip.mp4.age"
    ghost = TestReader()
    sink = io.BytesIO()
    recipients = [
        *(parse_recipient(text) for text in house.roster_at(10**9).recipients),
        ghost.open.recipient(),
    ]
    writer = AgeWriter(sink, recipients)
    writer.write(b"film" * 1000)
    writer.close()
    path.write_bytes(sink.getvalue())
    begun = house.facts[3].begun
    assert begun is not None
    house.facts[3].begun = msgspec.structs.replace(begun, header_sha256=writer.header_sha256)
    finding = check_film(house, read_record(house, 3))
    assert finding.verdict == "doubtful"
    assert finding.reason == "it is sealed to 3 keys, when the household had 2"


def test_no_door_is_no_door(tmp_path: Path) -> None:
    with pytest.raises(NoHouse, match="holds no door's ledger"):
        House(tmp_path)
    (tmp_path / "ledger").write_bytes(b"hello\n")
    with pytest.raises(NoHouse, match="the first line is not"):
        House(tmp_path)


LISTED, DIGEST = told((((0.1, 0.1), (0.3, 0.1), (0.3, 0.7)),))


def test_masks_that_fit_their_digest_hold_and_a_statement_that_does_not_list_any(
    furnished: Furnished,
) -> None:
    for masks in (LISTED, None):
        says_anew(furnished, masks=masks, masks_sha256=DIGEST)
        assert verdicts(look(furnished)[1])[2] == "genuine"


@pytest.mark.parametrize(("masks", "masks_sha256"), [((), DIGEST), (LISTED, None), (LISTED, bytes(32))])
def test_a_list_of_masks_that_is_not_its_digests_is_found(
    furnished: Furnished, masks: object, masks_sha256: bytes | None
) -> None:
    says_anew(furnished, masks=masks, masks_sha256=masks_sha256)
    _, found = look(furnished)
    assert found[3].verdict == "doubtful"
    assert "masks" in found[3].reason
