"""The command line as people and scripts meet it: what it prints, its exit code, what it leaves on the disk."""

import hashlib
import io
import json
import shutil
from pathlib import Path

import av
import pypdfium2
import pytest

from provisioning.card.card import read_card_file
from provisioning.card.certs import fingerprint
from provisioning.cli import run
from provisioning.house.proof import read_proof
from tests.provisioning.conftest import Furnished

KEEP_DEVICE = {"device.key", "ledger"}


def test_list_tells_when_what_and_whether_it_holds(
    furnished: Furnished, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["clips", "list", str(furnished.state), "-i", str(furnished.card_file)]) == 0
    printed = capsys.readouterr().out
    assert "Front door" in printed
    assert printed.count("ring") == 2
    assert "interrupted" in printed


def test_list_as_data(furnished: Furnished, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clips", "list", str(furnished.state), "-i", str(furnished.card_file), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [clip["verdict"] for clip in data] == ["genuine", "interrupted", "genuine"]
    assert {trigger["kind"] for trigger in data[0]["triggers"]} == {"motion", "ring"}
    assert (data[0]["masked"], data[0]["masks"]) == (False, [])


def test_open_writes_a_film_that_plays(furnished: Furnished, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    assert (
        run(["clips", "open", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)]) == 0
    )
    with av.open(io.BytesIO(out.read_bytes())) as container:
        assert sum(1 for _ in container.decode(video=0)) > 100
    assert out.stat().st_mode & 0o777 == 0o600


def test_an_interrupted_clip_opens_to_its_last_good_chunk(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "clip.mp4"
    assert (
        run(["clips", "open", str(furnished.state), "2", "-i", str(furnished.card_file), "-o", str(out)]) == 0
    )
    assert "cut short" in capsys.readouterr().err
    assert out.stat().st_size % 65_536 == 0


def test_the_open_half_can_be_typed(
    furnished: Furnished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(furnished.household.card.open.secret_text()))
    out = tmp_path / "clip.mp4"
    assert run(["clips", "open", str(furnished.state), "3", "-i", "-", "-o", str(out)]) == 0


def spoil(furnished: Furnished, clip: int) -> None:
    path = furnished.clip(clip) / "clip.mp4.age"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)


def test_a_film_that_does_not_hold_is_not_written_unless_one_insists(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(furnished, 1)
    before = set(tmp_path.iterdir())
    command = ["clips", "open", str(furnished.state), "1", "-i", str(furnished.card_file), "-o"]
    before = {*before, furnished.card_file}
    out = tmp_path / "clip.mp4"
    assert run([*command, str(out)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: clip 1 is not what the door recorded")
    assert "hint: --anyway" in told
    assert set(tmp_path.iterdir()) == before
    assert run([*command, str(out), "--anyway"]) == 0
    assert out.stat().st_size > 100_000


def test_export_writes_a_proof_that_fits_the_film(furnished: Furnished, tmp_path: Path) -> None:
    out = tmp_path / "clip.mp4"
    assert (
        run(["clips", "export", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)])
        == 0
    )
    proof, statement = read_proof((tmp_path / "clip.mp4.proof").read_bytes())
    assert proof.device == furnished.household.device.public_key().public_bytes_raw()
    assert statement.plaintext_sha256 == hashlib.sha256(out.read_bytes()).digest()


def test_what_cannot_be_proven_is_not_exported(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "clip.mp4"
    assert (
        run(["clips", "export", str(furnished.state), "2", "-i", str(furnished.card_file), "-o", str(out)])
        == 1
    )
    assert "clip 2 is interrupted" in capsys.readouterr().err
    spoil(furnished, 1)
    assert (
        run(["clips", "export", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)])
        == 1
    )
    assert not list(tmp_path.glob("*clip.mp4*"))


def test_verify_an_honest_door(furnished: Furnished, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(furnished.state), "-i", str(furnished.card_file)]) == 0
    printed = capsys.readouterr().out
    assert "2 genuine, 1 interrupted" in printed
    assert "Everything that could be checked holds." in printed


def test_verify_tells_every_fault_and_fails(furnished: Furnished, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(furnished, 1)
    shutil.rmtree(furnished.clip(3))
    assert run(["verify", str(furnished.state), "-i", str(furnished.card_file)]) == 1
    printed = capsys.readouterr().out
    assert "WRONG  clip 1" in printed
    assert "WRONG  clip 3" in printed
    assert "2 things do not hold." in printed


def test_verify_as_data(furnished: Furnished, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(furnished.state), "-i", str(furnished.card_file), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [clip["verdict"] for clip in data["clips"]] == ["genuine", "interrupted", "genuine"]


def test_nothing_is_written_into_a_door_that_is_read(furnished: Furnished) -> None:
    before = {path: path.stat().st_mtime_ns for path in furnished.state.rglob("*")}
    run(["verify", str(furnished.state), "-i", str(furnished.card_file)])
    run(["clips", "list", str(furnished.state), "-i", str(furnished.card_file)])
    assert {path: path.stat().st_mtime_ns for path in furnished.state.rglob("*")} == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no key"),
        ("hello", "line 1: "),
        ("AGE-SECRET-KEY-PQ-1QQQQ", "line 1: "),
    ],
)
def test_a_wrong_key_file_is_told_and_never_repeated(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, says: str
) -> None:
    path = tmp_path / "wrong.txt"
    path.write_text(content)
    assert run(["clips", "list", str(furnished.state), "-i", str(path)]) == 1
    told = capsys.readouterr().err
    assert says in told
    assert not content or content not in told


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["clips", "open", "STATE", "99", "-i", "KEY", "-o", "x.mp4"], 1, "there is no clip 99"),
        (["clips", "open", "STATE", "0", "-i", "KEY", "-o", "x.mp4"], 2, "CLIP"),
        (["clips", "open", "STATE", "1", "-i", "KEY"], 2, "--out"),
        (["clips", "list", "nowhere", "-i", "KEY"], 2, "nowhere"),
        (["clips", "list", "EMPTY", "-i", "KEY"], 1, "holds no door's ledger"),
        (["demo", "--json"], 2, "--json goes with --check"),
        (["demo", "--check", "--camera", "usb"], 2, "--check needs a camera"),
        (["demo", "--camera", "telescope"], 1, "--camera"),
        (["demo", "--port", "99999"], 2, "--port"),
        (["dance"], 2, "dance"),
        (
            ["card", "--name", "", "--state", "new", "--url", "https://a", "--out", "c.pdf"],
            1,
            "a door's name has 1 to 40",
        ),
        (["card", "--name", "Door", "--state", "new", "--url", "door", "--out", "c.pdf"], 2, "no address"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_with_a_hint(
    furnished: Furnished,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    names = {"STATE": str(furnished.state), "KEY": str(furnished.card_file), "EMPTY": str(empty)}
    before = sorted(tmp_path.iterdir())
    monkeypatch.chdir(tmp_path)
    assert run([names.get(argument, argument) for argument in arguments]) == code
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("error: ")
    assert says in told[0]
    assert told[-1].startswith("hint: ") or code == 1
    assert sorted(tmp_path.iterdir()) == before


def test_card_makes_a_door_and_both_halves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state, pdf, file = tmp_path / "state", tmp_path / "card.pdf", tmp_path / "card.txt"
    command = ["card", "--name", "Haustür", "--state", str(state), "--url", "https://door.local/"]
    assert run([*command, "--out", str(pdf), "--file", str(file)]) == 0
    assert {path.name for path in state.iterdir()} == KEEP_DEVICE
    assert pdf.read_bytes().startswith(b"%PDF")
    assert {path.stat().st_mode & 0o777 for path in (pdf, file)} == {0o600}
    card, born_sha256 = read_card_file(file)
    assert born_sha256 == hashlib.sha256((state / "ledger").read_bytes().rstrip(b"\n")).digest()
    for path in state.iterdir():
        assert card.admit_secret not in path.read_bytes()
        assert card.open.secret_text().encode() not in path.read_bytes()


def test_card_makes_an_authority_for_the_house_with_steps_for_every_phone(tmp_path: Path) -> None:
    command = ["card", "--name", "Door", "--state", str(tmp_path / "state"), "--url", "https://door.local"]
    assert run([*command, "--out", str(tmp_path / "card.pdf"), "--tls", str(tmp_path / "tls")]) == 0
    authority = (tmp_path / "card.authority.crt").read_bytes()
    assert (
        authority
        == (tmp_path / "tls" / "ca.pem").read_bytes()
        == (tmp_path / "state/authority.pem").read_bytes()
    )
    printed = pypdfium2.PdfDocument(tmp_path / "card.pdf")[0].get_textpage().get_text_range()
    told = (tmp_path / "card.authority.txt").read_text()
    for row in (fingerprint(authority)[:48], fingerprint(authority)[48:]):
        assert row in printed
        assert row in told
    for system in ("iPhone", "Android", "Windows", "macOS", "Linux", "Firefox"):
        assert system in told


def test_a_card_that_could_not_be_made_leaves_no_authority(furnished: Furnished, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    command = ["card", "--name", "Door", "--state", str(furnished.state), "--url", "https://door.local"]
    assert run([*command, "--out", str(tmp_path / "second.pdf"), "--tls", str(tmp_path / "tls")]) == 1
    assert set(tmp_path.iterdir()) == before


def test_a_card_is_never_written_over_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "card.pdf").write_bytes(b"the only copy")
    command = ["card", "--name", "Door", "--url", "https://door.local", "--out", str(tmp_path / "card.pdf")]
    assert run([*command, "--state", str(tmp_path / "state")]) == 1
    assert "is there already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["card.pdf"]


def test_a_door_is_never_born_twice_in_one_place_and_its_second_card_does_not_stay(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "second.pdf"
    command = ["card", "--name", "Door", "--url", "https://door.local", "--out", str(out)]
    assert run([*command, "--state", str(furnished.state)]) == 1
    assert "holds a door already" in capsys.readouterr().err
    assert not out.exists()


def test_version_and_help_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("doorward ")
    assert run(["clips", "export", "--help"]) == 0
    assert run([]) == 2
