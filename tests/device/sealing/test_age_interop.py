"""Others open what we seal, we open what others seal, and a killed process leaves what it sealed."""

import io
import os
import shutil
import signal
import subprocess
import sys

import pyrage
import pytest

from device.sealing.age import AgeWriter, seal
from device.sealing.age_reader import open_bytes, open_stream
from device.sealing.errors import Truncated
from device.sealing.identities import HybridIdentity, X25519Identity
from device.sealing.stream import CHUNK_BYTES, SEALED_CHUNK_BYTES

PHONE = X25519Identity.generate()
SIZES = pytest.mark.parametrize(
    "size_bytes", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]
)


@pytest.fixture
def age_tool():
    path = shutil.which("age")
    if path is None:
        pytest.skip("the age tool is not installed (apt install age)")
    return path


@pytest.fixture
def phone_file(tmp_path):
    path = tmp_path / "phone.txt"
    path.write_text(PHONE.secret_text() + "\n")
    return path


@SIZES
def test_pyrage_opens_what_we_seal(size_bytes):
    plaintext = os.urandom(size_bytes)
    others = [X25519Identity.generate().recipient() for _ in range(3)]
    sealed = seal(plaintext, [*others, PHONE.recipient()])
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(PHONE.secret_text())]) == plaintext


@SIZES
def test_we_open_what_pyrage_seals(size_bytes):
    plaintext = os.urandom(size_bytes)
    recipient = pyrage.x25519.Recipient.from_str(str(PHONE.recipient()))
    for _ in range(5):  # its grease stanzas are random: several files, several shapes
        assert open_bytes(pyrage.encrypt(plaintext, [recipient]), [PHONE]) == plaintext


def test_we_and_pyrage_derive_the_same_recipient():
    identity = pyrage.x25519.Identity.generate()
    ours = X25519Identity.generate()
    assert str(pyrage.x25519.Identity.from_str(ours.secret_text()).to_public()) == str(ours.recipient())
    assert str(identity.to_public()).startswith("age1")


@SIZES
def test_the_age_tool_opens_what_we_seal(size_bytes, age_tool, phone_file, tmp_path):
    plaintext = os.urandom(size_bytes)
    sealed = tmp_path / "clip.age"
    sealed.write_bytes(seal(plaintext, [PHONE.recipient()]))
    done = subprocess.run([age_tool, "-d", "-i", phone_file, sealed], capture_output=True, check=True)
    assert done.stdout == plaintext


@SIZES
def test_we_open_what_the_age_tool_seals(size_bytes, age_tool):
    plaintext = os.urandom(size_bytes)
    done = subprocess.run(
        [age_tool, "-r", str(PHONE.recipient())], input=plaintext, capture_output=True, check=True
    )
    assert open_bytes(done.stdout, [PHONE]) == plaintext


def test_the_age_tool_keeps_the_whole_chunks_of_a_cut_file_too(age_tool, phone_file, tmp_path):
    plaintext = os.urandom(3 * CHUNK_BYTES)
    sealed = tmp_path / "cut.age"
    sealed.write_bytes(seal(plaintext, [PHONE.recipient()])[:-1])
    done = subprocess.run([age_tool, "-d", "-i", phone_file, sealed], capture_output=True)
    assert done.returncode != 0
    assert plaintext.startswith(done.stdout)
    parts = open_stream(io.BytesIO(sealed.read_bytes()), [PHONE])
    assert next(parts) + next(parts) == plaintext[: 2 * CHUNK_BYTES]
    with pytest.raises(Truncated):
        next(parts)


def test_the_age_tool_opens_hybrid_files_where_it_knows_them(age_tool, tmp_path):
    version = subprocess.run([age_tool, "--version"], capture_output=True, text=True, check=True).stdout
    numbers = version.strip().lstrip("v").split(".")
    if not numbers[0].isdigit() or tuple(int(n) for n in numbers[:2]) < (1, 3):
        pytest.skip(f"age {version.strip()} does not know mlkem768x25519; 1.3.0 and later do")
    card = HybridIdentity.generate()
    (tmp_path / "card.txt").write_text(card.secret_text() + "\n")
    done = subprocess.run(
        [age_tool, "-d", "-i", tmp_path / "card.txt"],
        input=seal(b"ring", [card.recipient()]),
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"ring"


WRITE_FOR_EVER = """
import sys
from device.sealing.age import AgeWriter
from device.sealing.recipients import parse_recipient
with open(sys.argv[1], "wb", buffering=0) as out:
    writer, n = AgeWriter(out, [parse_recipient(sys.argv[2])]), 0
    while True:
        writer.write(n.to_bytes(4) * 2500)
        n += 1
        print(n, flush=True)
"""


def test_a_process_killed_while_it_writes_leaves_every_whole_chunk(tmp_path):
    card, path = HybridIdentity.generate(), tmp_path / "clip.mp4.age"
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, path, str(card.recipient())], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        for _ in range(100):
            written = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    sealed, out = path.read_bytes(), io.BytesIO()
    with pytest.raises(Truncated):
        out.writelines(open_stream(io.BytesIO(sealed), [card]))
    plaintext = out.getvalue()
    assert (
        plaintext
        == b"".join(n.to_bytes(4) * 2500 for n in range(len(plaintext) // 10_000 + 1))[: len(plaintext)]
    )
    # All but what waited for the rest of its chunk when the process had reported its hundredth write.
    assert len(plaintext) >= written * 10_000 - CHUNK_BYTES
    assert len(plaintext) % CHUNK_BYTES == 0
    assert len(sealed) // SEALED_CHUNK_BYTES == len(plaintext) // CHUNK_BYTES


def test_many_recipients_each_open_one_file():
    readers = [HybridIdentity.generate() for _ in range(12)]
    out = io.BytesIO()
    writer = AgeWriter(out, [reader.recipient() for reader in readers])
    writer.write(b"ring")
    writer.close()
    for reader in readers:
        assert open_bytes(out.getvalue(), [reader]) == b"ring"
