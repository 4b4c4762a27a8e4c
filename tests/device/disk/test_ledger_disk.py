"""The ledger on disk: durable before it counts, mended after a torn write, refused after a change."""

import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from device.disk import ledger_file
from device.disk.epochs import EpochKey, read_epochs
from device.disk.ledger_file import LedgerFile, NotThisDoor
from device.ledger import Ledger
from device.sealing.age_reader import open_bytes
from device.sealing.sframe import Opener
from device.trust.errors import LedgerBroken
from device.trust.ledger import Chain, split
from device.trust.lines import ClipDeleted, EpochBegun, Line, SignedHead, decode_private, private_metadata
from device.trust.signed import Context, verify
from tests.support.household import Household, TestReader


def opened(household: Household) -> Ledger:
    return Ledger(household.state, household.device, household.clock)


def deleted(household: Household, clip: int) -> ClipDeleted:
    return ClipDeleted(at_utc=household.clock.utc(), clip=clip, reason="age")


def lines_of(household: Household) -> list[bytes]:
    return split((household.state / "ledger").read_bytes())[0]


def test_a_start_begins_an_epoch_that_the_card_can_open(household: Household) -> None:
    opened(household).close()
    raw = lines_of(household)[1]
    line = msgspec.json.decode(raw, type=Line)
    data = read_epochs(household.state)[1]
    assert line.public == EpochBegun(1, hashlib.sha256(data).digest())
    key = msgspec.json.decode(open_bytes(data, [household.card.open]), type=EpochKey)
    opener = Opener()
    opener.add(key.epoch, key.key)
    assert line.private is not None
    body = decode_private(opener.open(line.private, private_metadata(line.seq, line.prev)))
    assert body.at_utc == household.clock.utc()


def test_a_private_body_does_not_open_in_another_place(household: Household) -> None:
    ledger = opened(household)
    ledger.note(deleted(household, 1))
    ledger.close()
    data = read_epochs(household.state)[1]
    key = msgspec.json.decode(open_bytes(data, [household.card.open]), type=EpochKey)
    opener = Opener()
    opener.add(key.epoch, key.key)
    line = msgspec.json.decode(lines_of(household)[2], type=Line)
    assert line.private is not None
    opener.open(line.private, private_metadata(line.seq, line.prev))
    with pytest.raises(ValueError, match="not what was sealed"):
        opener.open(line.private, private_metadata(line.seq + 1, line.prev))


def test_the_head_file_is_signed_and_names_the_last_line(household: Household) -> None:
    ledger = opened(household)
    ledger.note(deleted(household, 1))
    head = verify(
        household.device.public_key().public_bytes_raw(),
        Context.HEAD,
        (household.state / "head").read_bytes(),
        SignedHead,
    )
    assert (head.seq, head.hash) == (2, hashlib.sha256(lines_of(household)[2]).digest())
    ledger.close()


def test_a_torn_last_line_is_cut_off_at_the_next_start(household: Household) -> None:
    opened(household).close()
    whole = (household.state / "ledger").read_bytes()
    for torn in (b"{", whole.splitlines()[-1]):
        (household.state / "ledger").write_bytes(whole + torn)
        file = LedgerFile(household.state, household.device)
        assert (household.state / "ledger").read_bytes() == whole
        file.append(file.chain.next_line(EpochBegun(2, bytes(32)), None))
        file.close()
        assert len(lines_of(household)) == 3
        (household.state / "ledger").write_bytes(whole)


def test_a_changed_line_stops_the_start_and_changes_nothing(household: Household) -> None:
    ledger = opened(household)
    ledger.note(deleted(household, 1))
    ledger.close()
    path = household.state / "ledger"
    changed = path.read_bytes().replace(b'"epoch":1', b'"epoch":2', 1)
    path.write_bytes(changed)
    with pytest.raises(LedgerBroken):
        opened(household)
    assert path.read_bytes() == changed


def test_a_ledger_of_another_door_is_refused(household: Household, tmp_path: Path) -> None:
    other = Household(tmp_path / "other")
    with pytest.raises(NotThisDoor, match="device key"):
        LedgerFile(household.state, other.device)


def test_an_empty_ledger_is_not_a_door(household: Household) -> None:
    (household.state / "ledger").write_bytes(b"")
    with pytest.raises(NotThisDoor, match="never born"):
        opened(household)


@pytest.mark.parametrize("broken", ["fdatasync", "write"])
def test_a_line_that_is_not_durable_is_not_part_of_the_ledger(
    household: Household, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    ledger = opened(household)
    head = ledger.chain.head
    before = (household.state / "ledger").read_bytes()

    def fail(descriptor: int, data: bytes = b"") -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, broken, fail)
        with pytest.raises(OSError, match="No space"):
            ledger.note(deleted(household, 1))
    assert ledger.chain.head == head
    assert (household.state / "ledger").read_bytes() == before
    ledger.note(deleted(household, 2))
    ledger.close()
    chain = Chain()
    for raw in lines_of(household):
        chain.add(raw)
    assert len(chain) == 3


def test_every_prefix_of_the_file_opens_to_a_prefix_of_the_chain(household: Household) -> None:
    ledger = opened(household)
    for clip in range(3):
        ledger.note(deleted(household, clip))
    ledger.close()
    whole = (household.state / "ledger").read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    for size in range(ends[0], len(whole) + 1, 97):
        (household.state / "ledger").write_bytes(whole[:size])
        file = LedgerFile(household.state, household.device)
        assert len(file.chain) == sum(end <= size for end in ends)
        file.close()


def test_a_new_day_begins_a_new_epoch(household: Household) -> None:
    ledger = opened(household)
    ledger.note(deleted(household, 1))
    household.clock.pass_s(24 * 3600)
    ledger.note(deleted(household, 2))
    assert ledger.chain.epoch == 2
    ledger.close()


def test_a_new_reader_opens_the_new_epoch_and_not_the_old_one(household: Household) -> None:
    ledger = opened(household)
    reader = TestReader()
    assert ledger.change(household.adds(reader)) == 2
    new, old = ledger.epoch_file(2), ledger.epoch_file(1)
    assert new is not None
    assert old is not None
    assert msgspec.json.decode(open_bytes(new, [reader.open]), type=EpochKey).epoch == 2
    with pytest.raises(ValueError, match="not sealed"):
        open_bytes(old, [reader.open])
    ledger.close()


def test_pages_of_lines_are_whole_and_in_order(household: Household) -> None:
    ledger = opened(household)
    for clip in range(9):
        ledger.note(deleted(household, clip))
    expected = lines_of(household)
    for budget in (1, 700, 5000, 10**6):
        got: list[bytes] = []
        more = True
        while more:
            page, more = ledger.lines(len(got), budget)
            assert page
            got += page
        assert got == expected
    assert ledger.lines(len(expected), 10) == ([], False)
    ledger.close()


def test_lines_are_told_after_they_are_durable(household: Household) -> None:
    ledger = opened(household)
    seen: list[int] = []
    ledger.on_line(lambda: seen.append(len(lines_of(household))))
    ledger.note(deleted(household, 1))
    assert seen == [3]
    ledger.close()


def test_the_head_file_never_leads_the_ledger(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = opened(household)
    order: list[str] = []
    real_sync, real_write = os.fdatasync, ledger_file.write_file
    monkeypatch.setattr(os, "fdatasync", lambda fd: (order.append("line"), real_sync(fd))[1])
    monkeypatch.setattr(
        ledger_file, "write_file", lambda *a, **k: (order.append("head"), real_write(*a, **k))[1]
    )
    ledger.note(deleted(household, 1))
    assert order == ["line", "head"]
    ledger.close()
