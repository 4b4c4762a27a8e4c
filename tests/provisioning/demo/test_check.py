"""What somebody without a door and without a key learns from an exported film and its proof."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from device.trust.signed import Context, sign
from provisioning.cli import run
from provisioning.commands import page
from provisioning.house.proof import FORM, Proof, read_proof
from provisioning.house.words import words
from tests.provisioning.conftest import Furnished

Exported = tuple[Path, Path]


@pytest.fixture
def exported(furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Exported:
    out = tmp_path / "visit.mp4"
    command = ["clips", "export", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)]
    assert run(command) == 0
    assert words(_device(furnished)) in capsys.readouterr().out
    return out, tmp_path / "visit.mp4.proof"


def _device(furnished: Furnished) -> bytes:
    return furnished.household.device.public_key().public_bytes_raw()


def check(film: Path, proof: Path) -> int:
    return run(["clips", "check", str(film), str(proof)])


def test_a_film_and_its_proof_hold(
    furnished: Furnished, exported: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(*exported) == 0
    told = capsys.readouterr().out
    assert f"Sealed by the device whose key reads {words(_device(furnished))}." in told
    assert "bell after" in told
    assert told.endswith("This cannot tell whose door that is, nor the true time.\n")


def test_one_changed_bit_of_the_film_is_noticed(
    exported: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    film, proof = exported
    content = bytearray(film.read_bytes())
    content[len(content) // 2] ^= 1
    film.write_bytes(content)
    assert check(film, proof) == 1
    shown = capsys.readouterr()
    assert "is not the one that the proof is of" in shown.err
    assert "Sealed by" not in shown.out


@pytest.mark.parametrize("field", ["device", "statement"])
def test_one_changed_bit_of_the_proof_is_noticed(exported: Exported, field: str) -> None:
    film, path = exported
    proof, _ = read_proof(path.read_bytes())
    value = bytearray(getattr(proof, field))
    value[-9] ^= 1
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(proof, **{field: bytes(value)})))
    assert check(film, path) == 1


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff", b'{"form":"doorward/v2/proof","device":"","statement":""}', b"[" * 9999]
)
def test_what_is_no_proof_gets_a_sentence(
    exported: Exported, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    film, proof = exported
    proof.write_bytes(content)
    assert check(film, proof) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_film_and_proof_the_wrong_way_round_get_a_hint(
    exported: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    film, proof = exported
    assert check(proof, film) == 1
    assert "hint: its name ends with .mp4.proof" in capsys.readouterr().err


def test_a_statement_for_another_key_than_the_proofs_is_refused(
    furnished: Furnished, exported: Exported
) -> None:
    film, path = exported
    _, statement = read_proof(path.read_bytes())
    elsewhere = msgspec.structs.replace(statement, door=bytes(32))
    signed = sign(furnished.household.device, Context.STATEMENT, elsewhere)
    path.write_bytes(msgspec.json.encode(Proof(FORM, _device(furnished), signed)))
    assert check(film, path) == 1


def test_a_clip_that_was_never_finished_is_no_proof(furnished: Furnished, exported: Exported) -> None:
    film, path = exported
    _, statement = read_proof(path.read_bytes())
    assert statement.plaintext_sha256 == hashlib.sha256(film.read_bytes()).digest()
    for spoilt in (
        msgspec.structs.replace(statement, state="interrupted"),
        msgspec.structs.replace(statement, plaintext_sha256=None),
    ):
        signed = sign(furnished.household.device, Context.STATEMENT, spoilt)
        path.write_bytes(msgspec.json.encode(Proof(FORM, _device(furnished), signed)))
        assert check(film, path) == 1


def test_a_proof_is_readable_json(exported: Exported) -> None:
    assert set(json.loads(exported[1].read_text())) == {"form", "device", "statement"}


def test_the_page_is_saved_whole(tmp_path: Path) -> None:
    out = tmp_path / "open.html"
    if run(["page", "--out", str(out)]) == 1:
        pytest.skip("the page is not built: run scripts/build_page.py")
    assert out.read_text().startswith("<!doctype html>")
    assert out.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.glob("*open*")] == ["open.html"]


def test_a_page_that_was_not_built_is_not_half_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "NAME", "absent.html")
    assert run(["page", "--out", str(tmp_path / "open.html")]) == 1
    assert "hint: run scripts/demo" in capsys.readouterr().err
    assert not list(tmp_path.glob("*open*"))
