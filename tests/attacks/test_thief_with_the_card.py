"""Who takes the Pi's card sees exactly what docs/THREAT_MODEL.md admits, also after a household's coming and going.

Clips, kill -9s and pulled plugs are in tests/system/test_seizure.py; here is what people did, and what the file system tells.
"""

import base64
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.config import Retention
from device.contract import commands, replies
from device.contract.settings import Settings, Zone
from device.disk.epochs import read_epochs
from device.disk.reset import reset
from device.disk.spool import Spool
from device.disk.state import State, StateError
from device.ledger import Ledger
from device.sealing import bech32
from device.sealing.age import seal
from device.sealing.age_reader import open_bytes
from device.sealing.identities import HybridIdentity
from device.sealing.recipients import parse_recipient
from device.trust.commands import asking
from device.upkeep.upkeep import Upkeep
from tests.support.door import Door, Says, as_reader
from tests.support.household import Card, Household, TestReader
from tests.support.seizure import scan

# What lies in a state directory, and what each shows to whoever reads it: nothing else may be written there.
SHOWN = {
    r"device\.key": "the device's signing key, which opens nothing",
    r"ledger": "names and public keys of the household and of its invites; how many lines there are",
    r"head": "the device's signature over the last line",
    r"epochs": "how many epochs there were, and to how many keys each is sealed",
    r"grants/[0-9a-f]{16}": "how many grants a reader was given",
    r"authority\.pem": "the house CA, which is public",
    r"settings": "zones, masks, quiet hours: what the device must know before anybody is there",
    r"settings\.set": "that somebody once set them",
    r"allowance": "how much was written for readers lately, in steps of a hundred looks",
    r"reserve": "zeros",
    r"lock": "nothing",
    r"running": "for how many quarters of an hour the door ran, and which clips there were at some of them",
    r"spool/number": "the number of the newest clip",
    r"spool/\d{4}-\d\d-\d\d/\d{6}/(clip\.mp4\.age|event|begun)": "how many clips, their days and sizes, when they were written",
}


def _seed(identity: HybridIdentity) -> bytes:
    return bech32.decode(identity.secret_text())[1]


@pytest.fixture
def lived(household: Household) -> tuple[Household, dict[str, bytes], dict[str, bytes]]:
    """A household after much coming and going; the secrets of it, and the plaintexts."""
    door = Door(household)
    phone, tablet, guest, laptop = (door.join(name) for name in ("Phone", "Tablet", "Guest", "Laptop"))
    says, invite, new, lost = Says(household.door), Ed25519PrivateKey.generate(), TestReader("New"), Card()
    applied = says.applied(invite, new)
    for who, change in (
        (phone, says.invited(phone, invite)), (new, applied), (tablet, says.confirmed(tablet, applied)),
        (phone, says.removed(phone, guest)), (phone, says.renamed(phone, tablet, "Kitchen tablet")),
        (phone, says.proposed(phone, lost)),
    ):  # fmt: skip  # what happened, a line each
        assert door.change(who, change) == "changed"
    live = door.ask(phone, commands.Live())
    assert isinstance(live, replies.LiveBegan)
    live_key = open_bytes(live.file, [phone.open])
    door.ask(phone, commands.LiveEnd())
    given = b'{"form":"doorward/v1/grant","door":"","epochs":[],"clips":[{"clip":1,"key":"c2VjcmV0c2VjcmV0IQ=="}]}'
    file = seal(given, [parse_recipient(laptop.public.recipient)])
    assert isinstance(door.ask(phone, commands.Grant(laptop.public.sign, 1, file)), replies.Granted)
    zone = Zone("The secret garden", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    assert isinstance(door.ask(phone, commands.Set(Settings(zones=(zone,)))), replies.Noted)
    door.clip()
    replacement = says.replacement(as_reader(household.card), new_card := Card())
    assert door.change(as_reader(household.card), says.replaced(replacement)) == "changed"
    door.ledger.close()
    secrets = {"invite": invite.private_bytes_raw(), "live key": base64.b64decode(live_key.split(b'"')[-2])}
    for name, card in (("old card", household.card), ("new card", new_card), ("lost card", lost)):
        secrets |= {f"Admit of {name}": card.admit.private_bytes_raw(), f"Open of {name}": _seed(card.open)}
    for reader in (phone, tablet, guest, laptop, new):
        secrets |= {
            f"{reader.label}'s sign": reader.sign.private_bytes_raw(),
            f"{reader.label}'s": _seed(reader.open),
        }
    for epoch, data in read_epochs(household.state).items():
        text = open_bytes(data, [household.card.open, new_card.open])
        secrets[f"epoch {epoch}"] = base64.b64decode(text.split(b'"')[-2])
    return household, secrets, {"grant": given}


def test_no_key_that_opens_or_admits_is_left_by_anything_that_a_household_does(
    lived: tuple[Household, dict[str, bytes], dict[str, bytes]],
) -> None:
    household, secrets, plaintexts = lived
    assert len([name for name in secrets if name.startswith("epoch")]) > 3
    assert scan(household.state, plaintexts, secrets) == []
    (household.state / "planted").write_bytes(b"x" * 9 + secrets["invite"])
    (hit,) = scan(household.state, plaintexts, secrets)
    assert hit.what == "key: invite"


def test_there_is_nothing_on_the_card_but_what_is_admitted(
    lived: tuple[Household, dict[str, bytes], dict[str, bytes]],
) -> None:
    household, _, _ = lived
    for path in household.state.rglob("*"):
        name = path.relative_to(household.state).as_posix()
        if path.is_file():
            assert any(re.fullmatch(pattern, name) for pattern in SHOWN), name


def test_when_what_happened_is_nowhere_in_the_clear(
    lived: tuple[Household, dict[str, bytes], dict[str, bytes]],
) -> None:
    """Times stand in sealed lines only; the clock of this test is of a day that nothing else here is of."""
    household, _, _ = lived
    for path in household.state.rglob("*"):
        if path.is_file():
            assert b"2026-11-23T" not in path.read_bytes(), path


@pytest.mark.skipif(
    shutil.which("debugfs", path="/usr/sbin:/sbin:/usr/bin") is None, reason="debugfs comes with e2fsprogs"
)
def test_the_file_system_tells_when_each_file_was_written_and_that_is_admitted(
    lived: tuple[Household, dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    """An image of the card, read without mounting it, as a thief's tool reads it."""
    household, _, _ = lived
    image = tmp_path / "card.img"
    tools = {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}
    subprocess.run(
        ["mke2fs", "-q", "-t", "ext4", "-d", household.state, image, "32m"], check=True, env=tools, timeout=60
    )
    files = [path for path in household.state.rglob("*") if path.is_file()]
    assert {"clip.mp4.age", "event", "ledger", "head"} <= {path.name for path in files}
    asked = "".join(f'stat "/{path.relative_to(household.state).as_posix()}"\n' for path in files)
    (tmp_path / "asked").write_text(asked)
    told = subprocess.run(
        ["debugfs", "-f", tmp_path / "asked", image],
        check=True,
        env=tools,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.split("debugfs: ")[1:]
    assert len(told) == len(files)
    for path, inode in zip(files, told, strict=True):
        seconds = {name: int(value, 16) for name, value in re.findall(r"\b(\w+time): 0x([0-9a-f]{8})", inode)}
        assert set(seconds) <= {"ctime", "atime", "mtime", "crtime"}, "and no time more"
        assert abs(seconds["mtime"] - path.stat().st_mtime) < 1
        assert f"Size: {path.stat().st_size}" in inode
        # Nothing of ours beside the bytes: an attribute would be a word that no scan of files reads.
        assert "Extended attributes" not in inode
        assert os.listxattr(path) == []
    admitted = (Path(__file__).parents[2] / "docs" / "THREAT_MODEL.md").read_text(encoding="utf-8")
    assert "the second in which each file was written" in admitted


def test_what_changes_with_the_household_has_no_time_of_its_own_after_a_quarter_of_an_hour(
    lived: tuple[Household, dict[str, bytes], dict[str, bytes]],
) -> None:
    """Each file is given a time of its own, and the door runs on: a thief finds one time on all of them."""
    household, _, _ = lived
    beside = [path for path in household.state.rglob("*") if "spool" not in path.parts[-4:]]
    assert {"ledger", "head", "epochs", "settings", "grants"} <= {path.name for path in beside}
    ledger = Ledger(household.state, household.device, household.clock)
    upkeep = Upkeep(Spool(household.state), ledger, household.clock, Retention())
    for number, path in enumerate(beside, 1):
        os.utime(path, (number * 86_400, number * 86_400))
    before_ns = {path: path.stat().st_ctime_ns for path in beside}
    household.clock.pass_s(899)
    upkeep.count(filming=False)
    assert [path.stat().st_mtime for path in beside] == [
        number * 86_400 for number in range(1, len(beside) + 1)
    ]
    household.clock.pass_s(1)
    upkeep.count(filming=True)
    for path in beside:
        found = path.stat()
        assert min(found.st_mtime_ns, found.st_atime_ns, found.st_ctime_ns) >= before_ns[path], path
    ledger.close()


def test_epochs_and_grants_have_no_file_each(household: Household) -> None:
    """A file carries a time: what comes one by one lies in one that only grows."""
    door = Door(household)
    before = {path for path in household.state.rglob("*") if "spool" not in path.parts[-4:]}
    inode = (household.state / "epochs").stat().st_ino
    phone = door.join("One more")
    door.change(phone, Says(household.door).renamed(phone, phone, "Renamed"))
    for name in ("Second", "Third", "Fourth"):
        door.join(name)
        door.ask(phone, commands.Grant(phone.public.sign, 1, b"a grant"))
    after = {path for path in household.state.rglob("*") if "spool" not in path.parts[-4:]}
    assert len(after - before) == 3, (
        "the grants of one reader, their directory, and what all readers have left today"
    )
    assert (household.state / "epochs").stat().st_ino == inode
    door.ledger.close()


def test_a_reset_that_the_plug_interrupts_has_taken_the_key_first(
    lived: tuple[Household, dict[str, bytes], dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of such a door starts no device, and the next call finishes it."""
    household, _, _ = lived

    def pulled(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as plug:
        plug.setattr(Path, "iterdir", pulled)
        with pytest.raises(KeyboardInterrupt):
            reset(household.state)
    assert not (household.state / "device.key").exists()
    with pytest.raises(StateError):
        State(household.state)
    reset(household.state)
    assert [path.name for path in household.state.iterdir()] == ["lock"]


def test_after_a_reset_the_card_has_no_roster_no_clips_and_no_keys(
    lived: tuple[Household, dict[str, bytes], dict[str, bytes]],
) -> None:
    household, _, _ = lived
    reset(household.state)
    left = [
        path.relative_to(household.state).as_posix() for path in household.state.rglob("*") if path.is_file()
    ]
    assert left == ["lock"], "an empty file, which the running of a door leaves"
    with pytest.raises(StateError):
        State(household.state)


def test_a_reborn_door_knows_neither_the_old_browsers_nor_the_old_card(
    household: Household, tmp_path: Path
) -> None:
    old = Door(household)
    phone = old.join()
    card = household.card
    old.ledger.close()
    reset(household.state)
    reborn = Household(tmp_path / "state")
    door = Door(reborn)
    before = len(door.ledger.chain)
    for who, body in (
        (phone, commands.AskDays()),
        (phone, asking(household.adds(phone))),
        (as_reader(card), commands.AskLedger(0)),
        (as_reader(card), asking(type(household.adds(phone))(card.admission(reborn.door, phone.public)))),
    ):
        down = door.send(who.command(door.ledger.chain, door.nonce(), body))
        assert type(down).__name__ == "Error", body
    assert len(door.ledger.chain) == before
