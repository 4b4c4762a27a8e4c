"""Recipients: the public halves, for which a file key is wrapped.

`MLKEM768X25519` (``age1pq1…``) is the one that doorward gives to readers and to the card: it stays shut when
X25519 alone no longer does. `MLKEM768P256Tag` (``age1tagpq1…``, in `device.sealing.tagged`) is as strong, for
browsers that keep no X25519 key, and may stand beside it. `X25519` (``age1…``) is for readers of ordinary age, and
stands in no file with either: the weaker stanza would open what the stronger one was meant to keep.

Source: c2sp.org/age, "Native recipient types"; RFC 9180 (HPKE); draft-ietf-hpke-pq (MLKEM768-X25519, also
X-Wing).
"""

from typing import Final, Protocol

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.utils import Buffer

from device.sealing import bech32
from device.sealing.errors import KeyTextError, SealError
from device.sealing.key_schedule import hkdf
from device.sealing.stanza import Stanza, encode_base64
from device.sealing.tagged import MLKEM768P256Tag

X25519_KIND: Final = "X25519"
X25519_INFO: Final = b"age-encryption.org/v1/X25519"
WRAP_NONCE: Final = bytes(12)
"""Zero, because a wrap key serves one stanza and never again."""

HYBRID_KIND: Final = "mlkem768x25519"
HYBRID_INFO: Final = b"age-encryption.org/mlkem768x25519"
HYBRID_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
ENCAPSULATION_BYTES: Final = 1088 + 32
_MLKEM_BYTES: Final = 1184
_HYBRID_BYTES: Final = _MLKEM_BYTES + 32


class Recipient(Protocol):
    """Who can open: something that wraps a file key."""

    @property
    def post_quantum(self) -> bool:
        """Whether the wrapped key stays shut to a quantum computer."""

    def wrap(self, file_key: Buffer) -> Stanza:
        """Return a new stanza around `file_key` (16 bytes)."""


class X25519:
    """An ``age1…`` recipient."""

    post_quantum = False

    def __init__(self, public_key: bytes) -> None:
        """Take the 32 bytes of the public key.

        Raises:
            KeyTextError: another length.
        """
        if len(public_key) != 32:
            raise KeyTextError(f"an X25519 recipient has 32 bytes, not {len(public_key)}")
        self._raw = public_key
        self._key = X25519PublicKey.from_public_bytes(public_key)

    def wrap(self, file_key: Buffer) -> Stanza:
        """Return a stanza for this recipient, with a share that is new each time.

        Raises:
            SealError: the public key is a point of low order, with which every secret would be zero.
        """
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        try:
            secret = ephemeral.exchange(self._key)
        except ValueError as error:
            raise SealError(
                "this recipient's key is of low order: anyone could open what is sealed to it"
            ) from error
        wrap_key = hkdf(secret, share + self._raw, X25519_INFO)
        body = ChaCha20Poly1305(wrap_key).encrypt(WRAP_NONCE, file_key, None)
        return Stanza((X25519_KIND, encode_base64(share)), body)

    def __str__(self) -> str:
        return bech32.encode("age", self._raw)

    def __repr__(self) -> str:
        return f"<X25519 {self}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, X25519) and other._raw == self._raw

    def __hash__(self) -> int:
        return hash(self._raw)


class MLKEM768X25519:
    """An ``age1pq1…`` recipient: ML-KEM-768 and X25519 together; both must fall before it opens."""

    post_quantum = True

    def __init__(self, public_key: bytes) -> None:
        """Take the 1184 bytes of the ML-KEM-768 key followed by the 32 bytes of the X25519 key.

        Raises:
            KeyTextError: another length, or an ML-KEM-768 key with coefficients out of range.
        """
        if len(public_key) != _HYBRID_BYTES:
            raise KeyTextError(
                f"an mlkem768x25519 recipient has {_HYBRID_BYTES} bytes, not {len(public_key)}"
            )
        self._raw = public_key
        try:
            mlkem_key = MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_BYTES])
        except ValueError as error:
            raise KeyTextError("an mlkem768x25519 recipient holds an ML-KEM-768 key out of range") from error
        self._key = hpke.MLKEM768X25519PublicKey(
            mlkem_key, X25519PublicKey.from_public_bytes(public_key[_MLKEM_BYTES:])
        )

    def wrap(self, file_key: Buffer) -> Stanza:
        """Return a stanza for this recipient, with an encapsulation that is new each time.

        Raises:
            SealError: the X25519 half is a point of low order.
        """
        try:
            sealed = HYBRID_SUITE.encrypt(file_key, self._key, info=HYBRID_INFO)
        except ValueError as error:
            raise SealError("the X25519 half of this recipient's key is of low order") from error
        share, body = sealed[:ENCAPSULATION_BYTES], sealed[ENCAPSULATION_BYTES:]
        return Stanza((HYBRID_KIND, encode_base64(share)), body)

    def __str__(self) -> str:
        return bech32.encode("age1pq", self._raw)

    def __repr__(self) -> str:
        return f"<MLKEM768X25519 {str(self)[:24]}…>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MLKEM768X25519) and other._raw == self._raw

    def __hash__(self) -> int:
        return hash(self._raw)


def parse_recipient(text: str) -> X25519 | MLKEM768X25519 | MLKEM768P256Tag:
    """Return the recipient that an ``age1pq1…``, ``age1tagpq1…`` or ``age1…`` text stands for.

    Raises:
        KeyTextError: a damaged text, or a key of another sort (an identity above all).
    """
    hrp, raw = bech32.decode(text)
    if hrp == "age":
        return X25519(raw)
    if hrp == "age1pq":
        return MLKEM768X25519(raw)
    if hrp == "age1tagpq":
        return MLKEM768P256Tag(raw)
    if hrp.startswith("age-secret-key-"):
        raise KeyTextError(
            "this is an identity, which opens, not a recipient",
            hint="keep it secret; give the text that begins 'age1'",
        )
    raise KeyTextError(
        f"a recipient that begins '{hrp[:20]}1' is not known here",
        hint="use one that begins 'age1pq1', 'age1tagpq1' or 'age1'",
    )
