"""This computer as a reader: it joins with the card, changes what the door watches, and the household sees who did."""

import io
import json
import math
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from device.contract.settings import MAX_SETTINGS_BYTES, Settings, Zone
from device.trust.lines import SettingsChanged
from provisioning.cli import run
from provisioning.demo.demo import Options, Stage, staged
from provisioning.house.house import House
from provisioning.house.keys import read_identities
from provisioning.reader.member import MOST_TRIES, Member, NoMember
from provisioning.reader.reader import DoorError

pytestmark = pytest.mark.slow

ZONES = {
    "zones": [{"name": "Path", "points": [[0, 0.5], [1, 0.5], [1, 1]], "sensitivity": 2, "ignored": False}]
}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", port)) as stage:
        yield stage


@pytest.fixture(scope="module")
def key(door: Stage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("key") / "laptop.key"
    card = str(door.state.parent / "state-card" / "card.txt")
    assert run(["join", "--url", door.url, "--card", card, "--name", "Laptop", "-o", str(out)]) == 0
    assert run(["join", "--url", door.url, "--card", card, "--name", "Laptop", "-o", str(out)]) == 1, (
        "never over a key"
    )
    return out


def settings(door: Stage, key: Path, *what: str) -> int:
    return run(["settings", *what, "--url", door.url, "--key", str(key)])


def shown(door: Stage, key: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    assert settings(door, key, "show", "--json") == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def test_the_key_file_is_private_and_opens_what_is_sealed_to_it(key: Path, door: Stage) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    house = House(door.state, read_identities(key))
    assert [reader.label for reader in house.chain.roster.readers] == ["Laptop"]
    assert house.history.epoch_keys


def test_zones_are_set_shown_and_written_down(
    key: Path, door: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "zones.json"
    file.write_text(json.dumps(ZONES))
    assert settings(door, key, "set", str(file)) == 0
    told = shown(door, key, capsys)
    assert told["zones"] == ZONES["zones"]
    house = House(door.state, read_identities(key))
    changes = [entry.private for entry in house.entries if isinstance(entry.private, SettingsChanged)]
    assert changes[-1].what == ("zones",)
    assert changes[-1].reader == Member.read(key, door.url, None).keys.public.sign


def test_snooze_privacy_and_back(key: Path, door: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert settings(door, key, "snooze", "30") == 0
    assert shown(door, key, capsys)["snoozed_until_utc"] is not None
    assert settings(door, key, "wake") == 0
    assert settings(door, key, "privacy", "on") == 0
    told = shown(door, key, capsys)
    assert (told["snoozed_until_utc"], told["privacy"]) == (None, True)
    assert settings(door, key, "privacy", "off") == 0
    assert shown(door, key, capsys)["privacy"] is False


def test_a_hush_and_its_end_leave_the_chimes_hours_alone(
    key: Path, door: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hours = [{"days": [4, 5], "from": "22:00", "to": "07:00"}]
    file = tmp_path / "hush.json"
    file.write_text(json.dumps({"hush": {"hours": hours}}))
    assert settings(door, key, "set", str(file)) == 0
    assert settings(door, key, "hush", "60") == 0
    told = shown(door, key, capsys)["hush"]
    assert isinstance(told, dict)
    assert told["hours"] == hours
    left = datetime.fromisoformat(told["until_utc"]) - datetime.now(UTC)
    assert timedelta(minutes=50) < left <= timedelta(minutes=60)
    assert settings(door, key, "show") == 0
    sentences = capsys.readouterr().out
    assert "The chime is silent until " in sentences
    assert (
        "The chime is silent from 22:00 to 07:00 by the door's clock, beginning on Friday, Saturday."
        in sentences
    )
    assert settings(door, key, "unhush") == 0
    assert shown(door, key, capsys)["hush"] == {"hours": hours, "until_utc": None}


def test_the_settings_in_force_are_told_in_sentences_and_a_table(
    key: Path, door: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "told.json"
    quiet = [{"days": [5, 6], "from": "22:00", "to": "07:30"}]
    street = {"name": "Street", "points": [[0, 0], [1, 0], [1, 0.2]], "ignored": True}
    masks = [[[0, 0], [0.1, 0], [0.1, 0.1]]]
    file.write_text(json.dumps({"zones": [*ZONES["zones"], street], "quiet": quiet, "masks": masks}))
    assert settings(door, key, "set", str(file)) == 0
    capsys.readouterr()
    assert settings(door, key, "show") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:4] == [
        "Privacy is off.",
        "There is no snooze.",
        "Quiet from 22:00 to 07:30 by the door's clock, beginning on Saturday, Sunday.",
        "1 part of the picture is painted black.",
    ]
    assert [line.split() for line in told[4:]] == [
        ["Zones:"],
        ["zone", "movement", "in", "it", "sensitivity", "corners"],
        ["“Path”", "counts", "2", "3"],
        ["“Street”", "is", "ignored", "3"],
    ]


@pytest.mark.parametrize("way", ["-", "UTF-16"])
def test_settings_come_from_standard_input_and_from_any_editor(
    key: Path, door: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    file, text = tmp_path / "settings.json", json.dumps({"privacy": False})
    file.write_bytes(text.encode("utf-16"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert settings(door, key, "set", "-" if way == "-" else str(file)) == 0


def test_what_cannot_be_meant_is_refused_by_the_door_and_changes_nothing(
    key: Path, door: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shown(door, key, capsys)
    file = tmp_path / "bad.json"
    crossed = [[0, 0], [1, 1], [1, 0], [0, 1]]
    for content in (
        '{"zones":[]',
        '{"zone":[]}',
        json.dumps({"masks": [crossed]}),
        '{"quiet":[{"days":[9],"from":"1","to":"2"}]}',
    ):
        file.write_text(content)
        assert settings(door, key, "set", str(file)) == 1
        assert "error:" in capsys.readouterr().err
    assert shown(door, key, capsys) == before
    assert settings(door, key, "snooze", "0") == 2


def test_what_somebody_else_sets_meanwhile_is_not_undone(key: Path, door: Stage) -> None:
    """A snooze reads, changes and writes all of them; a mask that is set between the two stays."""
    member = Member.read(key, door.url, None)
    mask = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2))
    until_utc = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    asked = 0

    def snoozed(held: Settings) -> Settings:
        nonlocal asked
        asked += 1
        if asked == 1:
            _in_another_thread(
                lambda: member.change(lambda held: msgspec.structs.replace(held, masks=(mask,)))
            )
        return msgspec.structs.replace(held, snoozed_until_utc=until_utc)

    member.change(snoozed)
    assert asked == 2
    now = member.settings()
    assert (now.masks, now.snoozed_until_utc) == ((mask,), until_utc)
    member.change(lambda _: Settings())


def test_whoever_is_overtaken_again_and_again_is_told(key: Path, door: Stage) -> None:
    member = Member.read(key, door.url, None)
    asked = 0

    def overtaken(held: Settings) -> Settings:
        nonlocal asked
        asked += 1
        _in_another_thread(
            lambda: member.change(lambda held: msgspec.structs.replace(held, privacy=not held.privacy))
        )
        return held

    with pytest.raises(DoorError, match="again and again"):
        member.change(overtaken)
    assert asked == MOST_TRIES
    member.change(lambda _: Settings())


def _in_another_thread(work: Callable[[], None]) -> None:
    """Run what has an event loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def test_settings_that_fit_into_no_message_are_told_before_they_are_sent(
    key: Path, door: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ring = tuple((0.5 + math.cos(turn / 10) / 3, 0.5 + math.sin(turn / 10) / 3) for turn in range(60))
    file = tmp_path / "many.json"
    file.write_bytes(msgspec.json.encode(Settings(zones=tuple(Zone(f"zone {n}", ring) for n in range(6)))))
    assert settings(door, key, "set", str(file)) == 1
    told = capsys.readouterr().err
    assert "360 corners take" in told
    assert f"{MAX_SETTINGS_BYTES:,} fit into one message" in told
    assert "hint: draw with fewer corners" in told


def test_times_that_a_door_cannot_mean_are_named(
    key: Path, door: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "times.json"
    for content, says in (
        ('{"snoozed_until_utc":"2030-01-01T00:00:00"}', "snoozed_until_utc"),
        ('{"snoozed_until_utc":"2099-01-01T00:00:00Z"}', "31 days at most"),
        (
            '{"quiet":[{"days":[0],"from":"03:00","to":"04:00"},{"days":[0],"from":"0\u0663:00","to":"04:00"}]}',
            "quiet[1].from",
        ),
    ):
        file.write_text(content)
        assert settings(door, key, "set", str(file)) == 1
        told = capsys.readouterr().err
        assert says in told
        assert "hint: " in told


def test_a_file_that_is_no_readers_key_is_named(door: Stage, tmp_path: Path) -> None:
    for content in ("", "# Sign: zz\n# Door: 00\n", "AGE-SECRET-KEY-1QQ\n", "\xff"):
        file = tmp_path / "x.key"
        file.write_text(content, encoding="latin-1")
        with pytest.raises(NoMember):
            Member.read(file, door.url, None)
        assert settings(door, file, "show") == 1


def test_once_removed_it_changes_nothing_any_more(key: Path, door: Stage) -> None:
    card = str(door.state.parent / "state-card" / "card.txt")
    assert run(["readers", "remove", "Laptop", "--url", door.url, "--card", card]) == 0
    assert settings(door, key, "privacy", "on") == 1


def test_a_computer_joins_into_a_pipe_and_no_ghost_is_left_if_its_keys_have_no_place(
    door: Stage, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    card = str(door.state.parent / "state-card" / "card.txt")
    join = ["join", "--url", door.url, "--card", card, "--name"]
    assert run([*join, "Piped", "-o", "-"]) == 0
    out, err = capfdbinary.readouterr()
    (tmp_path / "key").write_bytes(out)
    assert Member.read(tmp_path / "key", door.url, None).keys.label == "Piped"
    assert b"belongs to the household" in err
    assert run([*join, "Ghost", "-o", "/dev/full"]) == 1
    labels = {reader.label for reader in House(door.state).chain.roster.readers}
    assert "Piped" in labels
    assert "Ghost" not in labels
