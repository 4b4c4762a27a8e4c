"""A key, a card, settings are read as any editor saves them; what is something else is told what it is."""

import codecs
import io
import os
import threading
from pathlib import Path

import pytest

from provisioning.card.card import Card, CardError, card_text, read_card_file
from provisioning.cli import run
from provisioning.house.keys import NoKey, read_identities
from provisioning.reader.member import Member, NoMember
from provisioning.reader.reader import ReaderKeys
from provisioning.texts import MAX_BYTES, NoText, read_text
from tests.provisioning.conftest import Furnished

BORN = bytes(range(32))


def saved(text: str) -> dict[str, bytes]:
    """Return a text as editors of several systems save it."""
    lines = text.replace("\n", "\r\n")
    return {
        "UTF-8": text.encode(),
        "UTF-8 with a mark": codecs.BOM_UTF8 + text.encode(),
        "Windows lines": lines.encode(),
        "old Mac lines": text.replace("\n", "\r").encode(),
        "no last line end": text.rstrip().encode(),
        "Notepad's Unicode": codecs.BOM_UTF16_LE + lines.encode("utf-16-le"),
        "UTF-16, big": codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        "UTF-16, no mark": text.encode("utf-16-le"),
        "UTF-16, big, no mark": text.encode("utf-16-be"),
        "spaces at the ends": "\n".join(f"  {line} \t" for line in text.splitlines()).encode(),
    }


HOW = list(saved(""))


@pytest.mark.parametrize("how", HOW)
def test_every_key_file_is_read_as_any_editor_saves_it(how: str, tmp_path: Path) -> None:
    path, card = tmp_path / "file", Card()
    path.write_bytes(saved(card_text(card, BORN).decode())[how])
    assert [str(identity.recipient()) for identity in read_identities(path)] == [str(card.open.recipient())]
    read, born = read_card_file(path)
    assert (read.admit_secret, read.open.secret_text(), born) == (
        card.admit_secret,
        card.open.secret_text(),
        BORN,
    )
    member = Member("http://localhost", ReaderKeys("Küche"), BORN)
    path.write_bytes(saved(member.text().decode())[how])
    again = Member.read(path, "http://localhost", None)
    assert (again.keys.label, again.born_sha256) == ("Küche", BORN)
    assert again.keys.sign.private_bytes_raw() == member.keys.sign.private_bytes_raw()


@pytest.mark.parametrize("how", HOW)
def test_each_can_come_from_standard_input(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card()
    content = saved(card_text(card, BORN).decode())[how]

    def pipe() -> Path:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="ascii"))
        return Path("-")

    assert len(read_identities(pipe())) == 1
    assert read_card_file(pipe())[0].admit_secret == card.admit_secret


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7\n", "this is a PDF"),
        (b"age-encryption.org/v1\n-> scrypt x 18\n", "sealed with age itself"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "sealed with age itself"),
        (rb"{\rtf1\ansi AGE-SECRET-KEY-PQ-1", "a formatted document"),
        (b"PK\x03\x04\x14\x00", "an archive or a document"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture"),
        (b"\x00\x00\x00\x20ftypisom", "a film"),
        (b"AGE-SECRET-KEY-PQ-1\xff\xfe", "it is not text"),
        (b"x" * (MAX_BYTES + 1), "too long"),
    ],
)
def test_what_is_no_key_file_is_told_what_it_is_and_never_repeated(
    content: bytes, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    for read, error in (
        (read_identities, NoKey),
        (read_card_file, CardError),
        (lambda file: Member.read(file, "http://localhost", None), NoMember),
    ):
        with pytest.raises(error, match=says) as told:
            read(path)
        assert str(told.value).startswith(f"{path}: ")
        assert told.value.hint
        assert "SECRET" not in str(told.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ADMIT1QQQQ", "the card's Admit half"),
        ("https://door.local/#card=ADMIT1QQQQ", "a link"),
        ("newcard1qqqq", "the text that asks for a new card"),
        ("age1pq1qqqq", "a public key"),
        ("ssh-ed25519 AAAA", "an SSH key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", "an SSH key"),
    ],
)
def test_another_line_of_the_household_is_told_what_it_is(line: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(line)
    with pytest.raises(NoKey, match=f"line 1: this is {says}, and opens nothing") as told:
        read_identities(path)
    assert "QQQQ" not in str(told.value)


def test_the_open_half_may_be_typed_in_the_rows_of_the_paper(tmp_path: Path) -> None:
    path, card, other = tmp_path / "file", Card(), Card()
    text = card.open.secret_text()
    rows = [f" {text[at : at + 16]} {text[at + 16 : at + 32]}" for at in range(0, len(text), 32)]
    path.write_text("\n".join(["# mine", *rows, "", other.open.secret_text(), ""]))
    assert [str(identity.recipient()) for identity in read_identities(path)] == [
        str(card.open.recipient()),
        str(other.open.recipient()),
    ]


def test_a_directory_or_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoText, match="Is a directory"):
        read_text(tmp_path)
    with pytest.raises(NoText, match="No such file"):
        read_text(tmp_path / "nowhere")


def test_a_key_may_come_through_a_pipe_of_the_shell(furnished: Furnished, tmp_path: Path) -> None:
    """``-i <(pass show card)``: nothing is written to a disk."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = furnished.household.card.open.secret_text()
    thread = threading.Thread(target=pipe.write_text, args=(text,), daemon=True)
    thread.start()
    assert run(["clips", "list", str(furnished.state), "-i", str(pipe)]) == 0
    thread.join()
