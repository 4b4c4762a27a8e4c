"""The seizure scan: what a thief could read in everything that the device wrote (PROPERTIES, row 1).

A hit is 32 bytes of known plaintext, a key that opens or admits in any common spelling, or an offset from which a
decoder yields a picture. Bare magic numbers occur in ciphertext by chance and are no hit until something decodes.
"""

import base64
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WINDOW = 32
_MAGIC = (b"ftyp", b"moof", b"\x00\x00\x01\x67", b"\x00\x00\x01\x65", b"\xff\xd8\xff", b"\x89PNG")
_LONGEST = 4_000_000
_STARTS_BEFORE = {b"ftyp": 4, b"moof": 4, b"\x00\x00\x01\x67": 1, b"\x00\x00\x01\x65": 1}

Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Hit:
    """One thing that a thief could read."""

    file: str
    offset: int
    what: str


def scan(directory: Path, plaintexts: Mapping[str, bytes], secrets: Mapping[str, bytes]) -> list[Hit]:
    """Return every hit in every file below ``directory``, names of files included."""
    hits: list[Hit] = []
    known = {name: np.unique(_words(data)) for name, data in plaintexts.items() if len(data) >= WINDOW}
    spelled = [(name, form) for name, secret in secrets.items() for form in _spellings(secret)]
    for path in sorted(directory.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        name = str(path.relative_to(directory))
        for secret, form in spelled:
            at = data.find(form)
            if at >= 0 or form in name.encode():
                hits.append(Hit(name, at, f"key: {secret}"))
        if len(data) >= WINDOW:
            words = _words(data)
            for what, theirs in known.items():
                hits += [
                    Hit(name, at, f"plaintext: {what}")
                    for at in _shared(data, words, plaintexts[what], theirs)
                ][:3]
        hits += [Hit(name, at, "a picture decodes") for at in _pictures(data)]
    return hits


def _words(data: bytes) -> Words:
    """Return the 8 bytes at every offset as one number each."""
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, np.uint8), 8)
    return np.ascontiguousarray(windows).view(np.uint64).ravel()


def _shared(data: bytes, words: Words, plain: bytes, known: Words) -> Iterator[int]:
    """Yield offsets in ``data`` at which 32 bytes of ``plain`` stand, runs of one byte aside."""
    last = len(words) - (WINDOW - 8)
    if last <= 0:
        return
    among = known[np.minimum(np.searchsorted(known, words), len(known) - 1)] == words
    candidates = among[:last] & among[8 : last + 8] & among[16 : last + 16] & among[24 : last + 24]
    for at in np.flatnonzero(candidates):
        window = data[at : at + WINDOW]
        if len(set(window)) > 4 and window in plain:
            yield int(at)


def _spellings(secret: bytes) -> Iterable[bytes]:
    """Yield the forms in which programs write a key: raw, hexadecimal, base32, base64 wherever in a longer text it stands."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield base64.b32encode(secret).rstrip(b"=")
    if secret.isascii():
        yield secret.lower()
        yield secret.upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before, skipped in ((0, 0), (1, 2), (2, 3)):
            whole = (before + len(secret)) * 8 // 6
            yield encode(bytes(before) + secret)[skipped:whole]


def _pictures(data: bytes) -> Iterator[int]:
    for magic in _MAGIC:
        at = data.find(magic)
        while at >= 0:
            start = max(0, at - _STARTS_BEFORE.get(magic, 0))
            if _decodes(data[start : start + _LONGEST]):
                yield at
                break
            at = data.find(magic, at + 1)


def _decodes(data: bytes) -> bool:
    for form in (None, "h264", "mjpeg"):
        try:
            with av.open(io.BytesIO(data), format=form) as container:
                for frame in container.decode(video=0):
                    return frame.width >= 16
        except (av.FFmpegError, IndexError, ValueError):
            continue
    return False
