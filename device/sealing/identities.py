"""Identities: the private halves, which unwrap a file key.

Never imported by the device's own run-time: identities are born in browsers and on the card. The CLI,
provisioning and the tests use them. Their text is only ever returned by `secret_text`, so that a log or a
traceback cannot show it.

An identity is a 32-byte secret. For X25519 it is the scalar. For the two hybrids it is a seed from which SHAKE-256
draws the 64-byte ML-KEM-768 seed (d || z) and the scalar of X25519 or P-256.

Source: c2sp.org/age, "Native recipient types"; key expansion of MLKEM768-X25519 (X-Wing) and MLKEM768-P256,
draft-ietf-hpke-pq.
"""

import hashlib
import os
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from device.sealing import bech32, tagged
from device.sealing import recipients as public
from device.sealing.errors import HeaderError, KeyTextError
from device.sealing.key_schedule import hkdf
from device.sealing.stanza import Stanza

_SECRET_BYTES: Final = 32
_X25519_HRP: Final = "age-secret-key-"
_HYBRID_HRP: Final = "age-secret-key-pq-"
_P256_SEED_BYTES: Final = 128
_P256_ORDER: Final = tagged.CURVE.group_order


class X25519Identity:
    """An ``AGE-SECRET-KEY-1…``."""

    def __init__(self, secret: bytes) -> None:
        """Take the 32-byte scalar."""
        self._secret = _checked(secret)
        self._key = X25519PrivateKey.from_private_bytes(secret)
        self._public = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> "X25519Identity":
        """Return a new random identity."""
        return cls(os.urandom(_SECRET_BYTES))

    def recipient(self) -> public.X25519:
        """Return the public half."""
        return public.X25519(self._public)

    def secret_text(self) -> str:
        """Return the secret key as age writes it: for the card and a key file, never for a log."""
        return bech32.encode(_X25519_HRP, self._secret).upper()

    def unwrap(self, stanzas: Iterable[Stanza]) -> bytes | None:
        """Return the file key, or None if no stanza is for this identity.

        Raises:
            HeaderError: an X25519 stanza is malformed.
        """
        for stanza in stanzas:
            if stanza.kind != public.X25519_KIND:
                continue
            (share,) = stanza.shares(32)
            try:
                secret = self._key.exchange(X25519PublicKey.from_public_bytes(share))
            except ValueError as error:
                raise HeaderError("a stanza X25519 has a share of low order") from error
            wrap_key = hkdf(secret, share + self._public, public.X25519_INFO)
            try:
                return ChaCha20Poly1305(wrap_key).decrypt(public.WRAP_NONCE, stanza.body, None)
            except InvalidTag:
                continue
        return None


class HybridIdentity:
    """An ``AGE-SECRET-KEY-PQ-1…``."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32-byte seed."""
        self._seed = _checked(seed)
        expanded = hashlib.shake_256(seed).digest(64 + 32)
        mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        self._x25519 = x25519
        self._key = hpke.MLKEM768X25519PrivateKey(mlkem, x25519)
        self._public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> "HybridIdentity":
        """Return a new random identity."""
        return cls(os.urandom(_SECRET_BYTES))

    def recipient(self) -> public.MLKEM768X25519:
        """Return the public half."""
        return public.MLKEM768X25519(self._public)

    def secret_text(self) -> str:
        """Return the secret key as age writes it: for the card and a key file, never for a log."""
        return bech32.encode(_HYBRID_HRP, self._seed).upper()

    def unwrap(self, stanzas: Iterable[Stanza]) -> bytes | None:
        """Return the file key, or None if no stanza is for this identity.

        Raises:
            HeaderError: an mlkem768x25519 stanza is malformed.
        """
        for stanza in stanzas:
            if stanza.kind != public.HYBRID_KIND:
                continue
            (share,) = stanza.shares(public.ENCAPSULATION_BYTES)
            try:
                # HPKE reports a share of low order as a wrong key, but such a stanza was made to deceive.
                self._x25519.exchange(X25519PublicKey.from_public_bytes(share[-32:]))
            except ValueError as error:
                raise HeaderError("a stanza mlkem768x25519 has a share of low order") from error
            try:
                return public.HYBRID_SUITE.decrypt(share + stanza.body, self._key, info=public.HYBRID_INFO)
            except InvalidTag:
                continue
        return None


class TaggedIdentity:
    """The private half of an ``age1tagpq1…``: what a browser that keeps no X25519 key holds.

    age gives such an identity no text, since its halves stay in hardware or in a browser; so there is none to show.
    """

    def __init__(self, seed: bytes) -> None:
        """Take the 32-byte seed."""
        expanded = hashlib.shake_256(_checked(seed)).digest(64 + _P256_SEED_BYTES)
        self._mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        self._p256 = ec.derive_private_key(_p256_scalar(expanded[64:]), tagged.CURVE)
        self._point = tagged.encoded(self._p256.public_key())

    @classmethod
    def generate(cls) -> "TaggedIdentity":
        """Return a new random identity."""
        return cls(os.urandom(_SECRET_BYTES))

    def recipient(self) -> tagged.MLKEM768P256Tag:
        """Return the public half."""
        return tagged.MLKEM768P256Tag(self._mlkem.public_key().public_bytes_raw() + self._point)

    def unwrap(self, stanzas: Iterable[Stanza]) -> bytes | None:
        """Return the file key, or None if no stanza is for this identity.

        Raises:
            HeaderError: an mlkem768p256tag stanza is malformed.
        """
        for stanza in stanzas:
            if stanza.kind != tagged.KIND:
                continue
            tag, encapsulation = stanza.shares(tagged.TAG_BYTES, tagged.ENCAPSULATION_BYTES)
            if tag != tagged.tag(encapsulation, self._point):
                continue
            ciphertext, point = (
                encapsulation[: tagged.CIPHERTEXT_BYTES],
                encapsulation[tagged.CIPHERTEXT_BYTES :],
            )
            try:
                p256_secret = self._p256.exchange(ec.ECDH(), tagged.point_of(point))
            except ValueError as error:
                raise HeaderError(f"a stanza {tagged.KIND} has no point of P-256") from error
            secret = tagged.shared_secret(
                self._mlkem.decapsulate(ciphertext), p256_secret, point, self._point
            )
            key, nonce = tagged.key_schedule(tagged.SUITE, secret, tagged.INFO)
            try:
                return ChaCha20Poly1305(key).decrypt(nonce, stanza.body, None)
            except InvalidTag:
                continue  # four bytes of tag are another's too, once in four thousand million
        return None


def parse_identity(text: str) -> X25519Identity | HybridIdentity:
    """Return the identity that an ``AGE-SECRET-KEY-1…`` or ``AGE-SECRET-KEY-PQ-1…`` text stands for.

    Raises:
        KeyTextError: a damaged text, or a key of another sort. The message never repeats the text.
    """
    hrp, secret = bech32.decode(text)
    if hrp == _X25519_HRP:
        return X25519Identity(secret)
    if hrp == _HYBRID_HRP:
        return HybridIdentity(secret)
    raise KeyTextError(
        "this key is not an identity",
        hint="use the text that begins 'AGE-SECRET-KEY-PQ-1' or 'AGE-SECRET-KEY-1'",
    )


def _p256_scalar(seed: bytes) -> int:
    """Return the first of the numbers of 32 bytes in `seed` that is a scalar of P-256; that none is has a chance of 2^-128."""
    numbers = (int.from_bytes(seed[at : at + 32]) for at in range(0, len(seed), 32))
    return next(number for number in numbers if 0 < number < _P256_ORDER)


def _checked(secret: bytes) -> bytes:
    if len(secret) != _SECRET_BYTES:
        raise KeyTextError(f"an identity has {_SECRET_BYTES} bytes, not {len(secret)}")
    return secret
