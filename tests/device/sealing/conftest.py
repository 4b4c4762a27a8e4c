"""What the tests of sealing share: the CCTV age vectors, one test id each, and sources that dribble.

The vectors are the page's development dependency `cctv-age` (0BSD). Left out, and why:
- armored ones: doorward writes and reads the binary form only;
- those with nothing but a passphrase: doorward has no passphrases.
"""

import base64
import io
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]
CCTV_AGE = Path(os.environ.get("CCTV_AGE", REPO / "server/web/node_modules/cctv-age"))

ABSENT = "cctv-age is not installed: npm ci in server/web brings it"


@dataclass(frozen=True)
class Vector:
    """One CCTV age vector: what to feed, with which identities, and what must come of it."""

    name: str
    fields: dict[str, list[str]]
    file: bytes

    @property
    def expect(self) -> str:
        return self.fields["expect"][0]

    @property
    def identities(self) -> list[str]:
        return self.fields.get("identity", [])

    @property
    def payload_sha256(self) -> str | None:
        """Hash of all plaintext that may be released, also where opening fails later."""
        return self.fields.get("payload", [None])[0]

    @property
    def excluded(self) -> str:
        """Why this vector is not ours; empty if it is."""
        if "armored" in self.fields:
            return "armored"
        return "passphrase" if "passphrase" in self.fields and not self.identities else ""


def load_vectors() -> list[Vector]:
    index = CCTV_AGE / "index.js"
    if not index.exists():
        return []
    found = re.findall(r'^var (\w+)_default = __toBinary\("([^"]*)"\);', index.read_text(), re.MULTILINE)
    return [parse_vector(name, base64.b64decode(text)) for name, text in found]


def parse_vector(name: str, data: bytes) -> Vector:
    head, _, body = data.partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.decode().split("\n"):
        key, _, value = line.partition(": ")
        fields.setdefault(key, []).append(value)
    return Vector(name, fields, zlib.decompress(body) if "compressed" in fields else body)


VECTORS = load_vectors()


def pytest_generate_tests(metafunc):
    sound = {"success", "no match", "payload failure"}
    chosen = {
        "vector": [v for v in VECTORS if not v.excluded],
        "sound_header_vector": [v for v in VECTORS if not v.excluded and v.expect in sound],
    }
    for name in chosen.keys() & set(metafunc.fixturenames):
        ours = [pytest.param(vector, id=vector.name) for vector in chosen[name]]
        absent = pytest.param(None, id="absent", marks=pytest.mark.skip(ABSENT))
        metafunc.parametrize(name, ours or [absent])


@pytest.fixture
def all_vectors():
    if not VECTORS:
        pytest.skip(ABSENT)
    return VECTORS


class Dribble(io.RawIOBase):
    """An unbuffered file that gives at most `step` bytes a read, whatever was asked for."""

    def __init__(self, data: bytes, step: int = 1) -> None:
        self._file = io.BytesIO(data)
        self._step = step

    def readable(self):
        return True

    def readinto(self, buffer):
        part = self._file.read(min(self._step, len(buffer)))
        buffer[: len(part)] = part
        return len(part)


@pytest.fixture
def dribble():
    return Dribble
