"""The card at work from the owner's computer: grants, removal, another card, reset, and what this computer remembers."""

import asyncio
import io
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import replies
from device.disk.state import State, StateError, take_lock
from device.ledger import Ledger
from device.sealing import bech32
from device.sealing.age_reader import open_bytes, read_header
from device.sealing.errors import NotARecipientError
from device.sealing.identities import TaggedIdentity
from device.trust.commands import asking
from device.trust.household import Admission, Applied, Invite, Invited
from device.trust.ledger import Chain
from device.trust.lines import Stopped
from device.trust.signed import Context, sign
from provisioning.card.card import read_card_file
from provisioning.cli import run
from provisioning.demo.demo import Options, Stage, staged
from provisioning.house.granting import GrantText
from provisioning.house.house import House
from provisioning.house.words import words
from provisioning.reader.reader import DoorClient, DoorError, ReaderKeys
from tests.provisioning.conftest import Furnished
from tests.support.household import TestReader


def grant(furnished: Furnished, *more: str) -> int:
    out = str(furnished.state.parent / "history.grant")
    command = ["grant", str(furnished.state), "-i", str(furnished.card_file), "-o", out]
    return run([*command, *(more or ("--to", furnished.reader.label))])


def test_a_grant_opens_what_came_before_a_reader_and_for_nobody_else(furnished: Furnished) -> None:
    assert grant(furnished) == 0
    sealed = (furnished.state.parent / "history.grant").read_bytes()
    text = msgspec.json.decode(open_bytes(sealed, [furnished.reader.open]), type=GrantText)
    key = next(key.key for key in text.clips if key.clip == 1)
    film = (furnished.clip(1) / "clip.mp4.age").read_bytes()
    with pytest.raises(NotARecipientError):
        open_bytes(film, [furnished.reader.open])
    assert open_bytes(film, file_key=key)[4:8] == b"ftyp"
    with pytest.raises(NotARecipientError):
        open_bytes(sealed, [TestReader().open])


def test_a_grant_to_a_reader_of_the_tagged_kind_opens_for_it(furnished: Furnished) -> None:
    household, iphone = furnished.household, TestReader("iPhone")
    iphone.open = TaggedIdentity.generate()
    with closing(Ledger(furnished.state, household.device, household.clock)) as ledger:
        ledger.change(household.adds(iphone))
    assert grant(furnished, "--to", "iPhone") == 0
    sealed = (furnished.state.parent / "history.grant").read_bytes()
    text = msgspec.json.decode(open_bytes(sealed, [iphone.open]), type=GrantText)
    assert [key.clip for key in text.clips] == [1, 2, 3]
    with pytest.raises(NotARecipientError):
        open_bytes(sealed, [furnished.reader.open])


def test_a_grant_of_chosen_clips_has_those_alone(furnished: Furnished) -> None:
    assert grant(furnished, "--to", furnished.reader.label, "--clip", "3") == 0
    sealed = (furnished.state.parent / "history.grant").read_bytes()
    text = msgspec.json.decode(open_bytes(sealed, [furnished.reader.open]), type=GrantText)
    assert [key.clip for key in text.clips] == [3]


def test_a_grant_changes_no_clip(furnished: Furnished) -> None:
    with (furnished.clip(1) / "clip.mp4.age").open("rb") as file:
        before = read_header(file).header_sha256
    grant(furnished)
    with (furnished.clip(1) / "clip.mp4.age").open("rb") as file:
        assert read_header(file).header_sha256 == before


def test_a_grant_for_nobody_names_who_there_is(
    furnished: Furnished, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grant(furnished, "--to", "Stranger") == 1
    assert "there are: “Hallway phone”" in capsys.readouterr().err
    assert not (furnished.state.parent / "history.grant").exists()


def verify(furnished: Furnished) -> int:
    return run(["verify", str(furnished.state), "-i", str(furnished.card_file)])


def test_a_past_that_was_rewritten_is_told_by_what_this_computer_remembers(
    furnished: Furnished, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever holds the device key can write a ledger that verifies; it cannot hold the line that was seen."""
    assert verify(furnished) == 0
    shutil.rmtree(furnished.state / "spool")
    (furnished.state / "epochs").unlink()
    (furnished.state / "head").unlink()
    chain = Chain()
    lines = [furnished.household.born_line]
    for _ in range(20):
        chain.add(lines[-1])
        lines.append(
            chain.next_line(None, Stopped(at_utc=furnished.household.clock.utc()), lambda text, _: text)
        )
    for ledger, says in ((lines[:4], "which now ends at line 3"), (lines, "its past was rewritten")):
        (furnished.state / "ledger").write_bytes(b"".join(line + b"\n" for line in ledger))
        assert verify(furnished) == 1
        assert says in capsys.readouterr().out


def test_a_ledger_that_grew_is_remembered_anew(furnished: Furnished) -> None:
    assert verify(furnished) == 0
    assert verify(furnished) == 0


def test_reset_leaves_nothing_and_no_door(furnished: Furnished) -> None:
    assert run(["reset", str(furnished.state), "--yes"]) == 0
    assert [path.name for path in furnished.state.iterdir()] == ["lock"]
    with pytest.raises(StateError, match="holds no door"):
        State(furnished.state)


def test_reset_asks_first(furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    before = sorted(furnished.state.rglob("*"))
    assert run(["reset", str(furnished.state)]) == 1
    assert sorted(furnished.state.rglob("*")) == before


def test_a_running_door_is_not_reset(furnished: Furnished, capsys: pytest.CaptureFixture[str]) -> None:
    lock = take_lock(furnished.state)
    assert run(["reset", str(furnished.state), "--yes"]) == 1
    os.close(lock)
    assert "already running" in capsys.readouterr().err
    assert (furnished.state / "device.key").exists()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", port)) as stage:
        yield stage


def card_file(door: Stage) -> str:
    return str(door.state.parent / "state-card" / "card.txt")


async def joins(door: Stage, keys: ReaderKeys, card: Path) -> DoorClient:
    held, born_sha256 = read_card_file(card)
    client = DoorClient(door.url, keys, born_sha256)
    async with client:
        await client.pair(held.admit_key())
    return client


@pytest.mark.slow
def test_the_card_lists_and_removes_a_reader(door: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    keys = ReaderKeys("Lost phone")
    client = asyncio.run(joins(door, keys, Path(card_file(door))))
    common = ["--url", door.url, "--card", card_file(door)]
    assert run(["readers", "list", *common]) == 0
    heading, joined = (
        "What changed in the household, the newest last:",
        "  “Lost phone” was added with the card",
    )
    title, headings, reader, *told = capsys.readouterr().out.splitlines()
    assert title == "Who belongs to the household, the card aside:"
    assert headings.split() == ["number", "name", "words", "of", "its", "key"]
    assert reader.split(maxsplit=1)[0] == "1"
    assert [part.strip() for part in reader.split("  ") if part.strip() not in ("", "1")] == [
        "“Lost phone”",
        words(keys.public.sign),
    ]
    assert told == [heading, joined]
    assert run(["readers", "list", *common, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["readers"] == [
        {"number": 1, "name": "Lost phone", "words": words(keys.public.sign), "key": keys.public.sign.hex()}
    ]
    assert data["changes"] == [joined.strip()]
    assert run(["readers", "remove", "Lost phone", *common]) == 0
    assert run(["readers", "remove", "Lost phone", *common]) == 1
    assert "there are: nobody" in capsys.readouterr().err
    assert run(["readers", "list", *common]) == 0
    gone = "  “Lost phone” was removed by the card"
    nobody = "Nobody but the card belongs to the household."
    assert capsys.readouterr().out.splitlines() == [nobody, heading, joined, gone]

    async def still_there() -> None:
        async with client:
            await client.follow_ledger()

    with pytest.raises(DoorError, match="this computer was removed from the household with the card on "):
        asyncio.run(still_there())


@pytest.mark.slow
def test_the_card_lists_who_asks_and_turns_them_away(door: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    phone, guest, invite = ReaderKeys("Phone"), ReaderKeys("Salesman"), Ed25519PrivateKey.generate()

    async def is_asked() -> None:
        async with await joins(door, phone, Path(card_file(door))) as inside:
            roster = inside.chain.roster
            key = invite.public_key().public_bytes_raw()
            said = Invite(roster.door, phone.public.sign, key)
            await inside.ask(asking(Invited(sign(phone.sign, Context.INVITE, said))), replies.Changed)
        blob = sign(invite, Context.ADMISSION, Admission(roster.door, guest.public))
        _, born_sha256 = read_card_file(Path(card_file(door)))
        async with DoorClient(door.url, guest, born_sha256) as outside:
            await outside.ask(asking(Applied(blob)), replies.Changed)

    asyncio.run(is_asked())
    common = ["--url", door.url, "--card", card_file(door)]
    assert run(["readers", "list", *common]) == 0
    told = capsys.readouterr().out
    assert told.index("Who asks to join:") < told.index("“Salesman”")
    assert run(["readers", "list", *common, "--json"]) == 0
    (waits,) = json.loads(capsys.readouterr().out)["asking"]
    assert run(["readers", "remove", str(waits["number"]), *common]) == 0
    assert run(["readers", "list", *common]) == 0
    told = capsys.readouterr().out
    assert "Who asks" not in told
    assert "“Salesman” was turned away by the card" in told
    assert run(["readers", "remove", "Phone", *common]) == 0


@pytest.mark.slow
def test_a_new_card_admits_and_the_old_one_no_longer(door: Stage, tmp_path: Path) -> None:
    new = tmp_path / "new.txt"
    command = ["replace-card", "--url", door.url, "--card", card_file(door), "--name", "Demo door"]
    assert run([*command, "--out", str(tmp_path / "new.pdf"), "--file", str(new)]) == 0
    asyncio.run(joins(door, ReaderKeys("Tablet"), new))
    with pytest.raises(DoorError, match="signature"):
        asyncio.run(joins(door, ReaderKeys("Thief"), Path(card_file(door))))
    assert run([*command, "--out", str(tmp_path / "second.pdf")]) == 1


@pytest.mark.slow
def test_a_card_for_a_lost_one_is_dead_until_the_household_agrees(
    door: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, text = tmp_path / "new.txt", tmp_path / "newcard.txt"
    command = ["new-card", "--url", door.url, "--name", "Demo door", "--out", str(tmp_path / "new.pdf")]
    assert run([*command, "--text", str(text), "--file", str(new)]) == 0
    assert words(House(door.state, []).chain.roster.device) in capsys.readouterr().out
    card, born_sha256 = read_card_file(new)
    assert born_sha256 == door.born_sha256
    prefix, keys = bech32.decode(text.read_text().strip())
    assert (prefix, keys[:32]) == ("newcard", card.admit_key().public_key().public_bytes_raw())
    assert bech32.encode("age1pq", keys[32:]) == str(card.open.recipient())
    with pytest.raises(DoorError, match="signature"):
        asyncio.run(joins(door, ReaderKeys("Early"), new))
    assert run([*command, "--text", str(text)]) == 1, "a card is never written over"


def test_a_door_that_is_not_there_gets_no_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, text = tmp_path / "new.pdf", tmp_path / "newcard.txt"
    command = [
        "new-card",
        "--url",
        "http://localhost:9",
        "--name",
        "x",
        "--out",
        str(out),
        "--text",
        str(text),
    ]
    assert run(command) == 1
    assert "error:" in capsys.readouterr().err
    assert not out.exists()
    assert not text.exists()
