"""SFrame: sealing of small things under a key that both sides already hold.

    frame = header (key id, counter) || AES-GCM(key, salt XOR counter, plaintext, header || metadata)

Events, thumbnails and private ledger lines are sealed under an epoch key, live fragments under a live key. A
counter must never serve twice under one key, which would give away both plaintexts and the power to forge. So
use one `Sealer` for one base key and draw a new base key at every start; a counter that is saved could come
back after a power cut. `seal` and `open_` are the pure core, for tests and for callers that keep a counter in
a better place.

The opener does not detect repeats: the ledger's order and the player's sequence numbers do.

Source: RFC 9605, sections 4.4 and 4.5. Suites 4 and 5 only: the CTR suites (1 to 3) exist for their
short tags, which nothing here needs.
"""

import enum
import threading
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from device.sealing.errors import NotARecipientError, SealBroken
from device.sealing.sframe_header import MAX_NUMBER, decode_header, encode_header

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class Suite(enum.IntEnum):
    """A cipher suite by its number in the IANA registry."""

    AES_128_GCM_SHA256_128 = 4
    AES_256_GCM_SHA512_128 = 5

    @property
    def key_bytes(self) -> int:
        """Length of the AES key."""
        return 16 if self is Suite.AES_128_GCM_SHA256_128 else 32

    @property
    def hash(self) -> hashes.HashAlgorithm:
        """The hash of the key derivation."""
        return hashes.SHA256() if self is Suite.AES_128_GCM_SHA256_128 else hashes.SHA512()


class Key:
    """The AES key and salt that a base key gives for one key id and suite.

    Attributes:
        kid: the key id, 0 to 2^64 - 1.
        suite: the cipher suite.
    """

    def __init__(self, kid: int, base_key: bytes, suite: Suite = Suite.AES_256_GCM_SHA512_128) -> None:
        """Derive key and salt.

        Raises:
            ValueError: the base key is shorter than 16 bytes, or the key id out of range (a bug in the
                caller).
        """
        if len(base_key) < 16:
            raise ValueError(f"an SFrame base key has at least 16 bytes, not {len(base_key)}")
        if not 0 <= kid <= MAX_NUMBER:
            raise ValueError(f"an SFrame key id is 0 to 2^64 - 1, not {kid}")
        self.kid = kid
        self.suite = suite
        suffix = kid.to_bytes(8) + suite.to_bytes(2)
        self._aead = AESGCM(_derive(suite, base_key, b"SFrame 1.0 Secret key " + suffix, suite.key_bytes))
        salt = _derive(suite, base_key, b"SFrame 1.0 Secret salt " + suffix, NONCE_BYTES)
        self._salt = int.from_bytes(salt)

    def encrypt(self, counter: int, plaintext: bytes, covered: bytes) -> bytes:
        """Return ciphertext and tag; `covered` is authenticated with it."""
        return self._aead.encrypt(self._nonce(counter), plaintext, covered)

    def decrypt(self, counter: int, ciphertext: bytes, covered: bytes) -> bytes:
        """Return the plaintext. cryptography's InvalidTag if anything differs."""
        return self._aead.decrypt(self._nonce(counter), ciphertext, covered)

    def _nonce(self, counter: int) -> bytes:
        return (self._salt ^ counter).to_bytes(NONCE_BYTES)


def seal(key: Key, counter: int, plaintext: bytes, metadata: bytes = b"") -> bytes:
    """Return a sealed frame. The counter must never have been used with this base key.

    Args:
        key: from both sides' base key.
        counter: 0 to 2^64 - 1.
        plaintext: any length.
        metadata: authenticated but not carried; the opener must know it.
    """
    header = encode_header(key.kid, counter)
    return header + key.encrypt(counter, plaintext, header + metadata)


def open_(key: Key, frame: bytes, metadata: bytes = b"") -> bytes:
    """Return the plaintext of a frame that was sealed under `key` with the same metadata.

    Raises:
        HeaderError: the header is malformed.
        NotARecipientError: the frame names another key id.
        SealBroken: the frame or the metadata is not what was sealed.
    """
    header = decode_header(frame)
    if header.kid != key.kid:
        raise NotARecipientError(f"the frame is sealed under key {header.kid}, not {key.kid}")
    try:
        return key.decrypt(header.counter, frame[header.size_bytes :], frame[: header.size_bytes] + metadata)
    except InvalidTag as error:
        raise SealBroken(
            f"frame {header.counter} under key {header.kid} is not what was sealed: it was changed, or it "
            "belongs elsewhere"
        ) from error


class Sealer:
    """Seals frames under one base key and counts them. Any thread may call it."""

    def __init__(self, kid: int, base_key: bytes, suite: Suite = Suite.AES_256_GCM_SHA512_128) -> None:
        """Begin at counter 0: the base key must be new, and no other `Sealer` may hold it with the same key id."""
        self._key = Key(kid, base_key, suite)
        self._next = 0
        self._lock = threading.Lock()

    @property
    def kid(self) -> int:
        """The key id that every frame names."""
        return self._key.kid

    def seal(self, plaintext: bytes, metadata: bytes = b"") -> bytes:
        """Return the next frame; its counter is spent even if the frame is never sent.

        Raises:
            RuntimeError: 2^64 frames were sealed (a bug in the caller: keys change daily).
        """
        with self._lock:
            counter = self._next
            self._next += 1
        if counter > MAX_NUMBER:
            raise RuntimeError("an SFrame key has no counter left")
        return seal(self._key, counter, plaintext, metadata)


class Opener:
    """Opens frames under the keys it was given, chosen by the frame's key id. One thread at a time."""

    def __init__(self) -> None:
        self._keys: dict[int, Key] = {}

    def add(self, kid: int, base_key: bytes, suite: Suite = Suite.AES_256_GCM_SHA512_128) -> None:
        """Learn a key; one with the same id takes its place."""
        self._keys[kid] = Key(kid, base_key, suite)

    def open(self, frame: bytes, metadata: bytes = b"") -> bytes:
        """Return the plaintext.

        Raises:
            HeaderError: the header is malformed.
            NotARecipientError: the frame names a key that was never added.
            SealBroken: the frame or the metadata is not what was sealed.
        """
        header = decode_header(frame)
        key = self._keys.get(header.kid)
        if key is None:
            raise NotARecipientError(
                f"the frame is sealed under key {header.kid}, which is not at hand",
                hint="it belongs to a time before this reader was added; another reader can grant it",
            )
        return open_(key, frame, metadata)


def _derive(suite: Suite, base_key: bytes, info: bytes, size_bytes: int) -> bytes:
    return HKDF(suite.hash, size_bytes, b"", info).derive(base_key)
