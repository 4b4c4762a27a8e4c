"""The tagged recipient, ``age1tagpq1…``: ML-KEM-768 and P-256 together, for browsers that keep no X25519 key.

As strong as mlkem768x25519, and it may stand beside it in one file. It tells one thing more: by the tag, whoever knows
the recipient sees which files are sealed to it.

    encapsulation = ML-KEM-768 ciphertext (1088) || ephemeral P-256 point (65)
    shared secret = SHA3-256(ML-KEM secret || P-256 secret || ephemeral point || recipient's point || label)
    tag           = HKDF-Extract(salt = info, encapsulation || SHA-256(recipient's point)[:4])[:4]
    body          = the file key under HPKE's key and nonce for the shared secret

`cryptography` has HPKE with ML-KEM-768 and X25519 and no other hybrid, so the parts are put together here.

Source: c2sp.org/age, "The tagged recipient types"; draft-ietf-hpke-pq, MLKEM768-P256; RFC 9180, sections 4 and 5.1; SEC 1
for points.
"""

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import Buffer

from device.sealing import bech32
from device.sealing.errors import KeyTextError
from device.sealing.stanza import Stanza, encode_base64

KIND: Final = "mlkem768p256tag"
INFO: Final = b"age-encryption.org/mlkem768p256tag"
SUITE: Final = b"HPKE" + bytes.fromhex("0050 0001 0003")  # MLKEM768-P256, HKDF-SHA256, ChaCha20Poly1305
CURVE: Final = ec.SECP256R1()
TAG_BYTES: Final = 4
POINT_BYTES: Final = 65
CIPHERTEXT_BYTES: Final = 1088
ENCAPSULATION_BYTES: Final = CIPHERTEXT_BYTES + POINT_BYTES
_LABEL: Final = b"MLKEM768-P256"
_MLKEM_BYTES: Final = 1184
_KEY_BYTES: Final = _MLKEM_BYTES + POINT_BYTES
_UNCOMPRESSED: Final = b"\x04"


class MLKEM768P256Tag:
    """An ``age1tagpq1…`` recipient: both halves must fall before it opens."""

    post_quantum = True

    def __init__(self, public_key: bytes) -> None:
        """Take the 1184 bytes of the ML-KEM-768 key followed by the 65 bytes of the P-256 point, uncompressed.

        Raises:
            KeyTextError: another length, an ML-KEM-768 key with coefficients out of range, or no point of P-256.
        """
        if len(public_key) != _KEY_BYTES:
            raise KeyTextError(f"an {KIND} recipient has {_KEY_BYTES} bytes, not {len(public_key)}")
        self._raw = public_key
        self._point = public_key[_MLKEM_BYTES:]
        try:
            self._mlkem = MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_BYTES])
        except ValueError as error:
            raise KeyTextError(f"an {KIND} recipient holds an ML-KEM-768 key out of range") from error
        try:
            self._p256 = point_of(self._point)
        except ValueError as error:
            raise KeyTextError(f"an {KIND} recipient holds no point of P-256") from error

    def wrap(self, file_key: Buffer) -> Stanza:
        """Return a stanza for this recipient, with an encapsulation that is new each time."""
        mlkem_secret, ciphertext = self._mlkem.encapsulate()
        ephemeral = ec.generate_private_key(CURVE)
        point = encoded(ephemeral.public_key())
        secret = shared_secret(mlkem_secret, ephemeral.exchange(ec.ECDH(), self._p256), point, self._point)
        key, nonce = key_schedule(SUITE, secret, INFO)
        encapsulation = ciphertext + point
        return Stanza(
            (KIND, encode_base64(tag(encapsulation, self._point)), encode_base64(encapsulation)),
            ChaCha20Poly1305(key).encrypt(nonce, file_key, None),
        )

    def __str__(self) -> str:
        return bech32.encode("age1tagpq", self._raw)

    def __repr__(self) -> str:
        return f"<MLKEM768P256Tag {str(self)[:24]}…>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MLKEM768P256Tag) and other._raw == self._raw

    def __hash__(self) -> int:
        return hash(self._raw)


def point_of(data: bytes) -> ec.EllipticCurvePublicKey:
    """Return the point of P-256 that 65 bytes stand for, in its one uncompressed form.

    The curve has a prime number of points, so a point on it that is not the identity, which has no such form, is of full
    order.

    Raises:
        ValueError: another form, a coordinate out of range, or a point beside the curve.
    """
    # cryptography takes the compressed form too, by which one key would have two texts.
    if len(data) != POINT_BYTES or not data.startswith(_UNCOMPRESSED):
        raise ValueError("a point has 65 bytes, of which the first is 04")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data)


def encoded(point: ec.EllipticCurvePublicKey) -> bytes:
    """Return the 65 bytes of a point, uncompressed."""
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def shared_secret(mlkem_secret: bytes, p256_secret: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    """Return the 32 bytes that both halves agree on; the points are given as 65 bytes.

    Of the encapsulation the point alone is hashed in: an ML-KEM ciphertext is bound by its own secret.
    """
    return hashlib.sha3_256(mlkem_secret + p256_secret + ephemeral + recipient + _LABEL).digest()


def tag(encapsulation: bytes, point: bytes) -> bytes:
    """Return the four bytes by which the owner of `point` (65 bytes) knows its stanza."""
    return hmac.digest(INFO, encapsulation + hashlib.sha256(point).digest()[:4], "sha256")[:TAG_BYTES]


def key_schedule(suite: bytes, secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Return the key (32 bytes) and the first nonce (12 bytes) of HPKE in base mode with HKDF-SHA-256."""

    def extract(salt: bytes, label: bytes, data: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + data, "sha256")

    def expand(prk: bytes, label: bytes, size_bytes: int) -> bytes:
        # One block of HKDF-Expand: nothing here is longer than a digest.
        block = size_bytes.to_bytes(2) + b"HPKE-v1" + suite + label + context + b"\x01"
        return hmac.digest(prk, block, "sha256")[:size_bytes]

    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    prk = extract(secret, b"secret", b"")
    return expand(prk, b"key", 32), expand(prk, b"base_nonce", 12)
