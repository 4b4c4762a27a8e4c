"""Single-use nonces that cost the device nothing until a reader signs one.

A nonce carries its own expiry and a MAC under a key that lives in RAM, so a guest who asks for a million of them fills no table;
only a nonce inside a valid signature is remembered, until it would have expired anyway. A restart changes the key: what was
signed before it is stale.
"""

import hashlib
import hmac
import os
from typing import Final

from device.contract.messages import NONCE_S
from device.trust.errors import TrustError

_TIME_BYTES: Final = 8
_RANDOM_BYTES: Final = 8
_BODY_BYTES: Final = _TIME_BYTES + _RANDOM_BYTES


class Nonces:
    """Makes and checks nonces of 32 bytes: expiry (µs, big endian), random, MAC."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._spent: dict[bytes, int] = {}

    def mint(self, now_us: int) -> bytes:
        """Return a nonce that is good until 60 s after ``now_us`` (monotonic)."""
        body = (now_us + NONCE_S * 1_000_000).to_bytes(_TIME_BYTES, "big") + os.urandom(_RANDOM_BYTES)
        return body + self._mac(body)

    def check(self, nonce: bytes, now_us: int) -> None:
        """Check that ``nonce`` is ours, in time and not yet spent.

        Raises:
            TrustError: it is not.
        """
        body, mac = nonce[:_BODY_BYTES], nonce[_BODY_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            raise TrustError("the nonce was not made by this door since its last start")
        if int.from_bytes(body[:_TIME_BYTES], "big") < now_us:
            raise TrustError("the nonce has expired")
        if body in self._spent:
            raise TrustError("the nonce was used before: a replay")

    def spend(self, nonce: bytes, now_us: int) -> None:
        """Remember ``nonce`` as used, after the signature around it was verified."""
        self._spent = {body: until_us for body, until_us in self._spent.items() if until_us >= now_us}
        self._spent[nonce[:_BODY_BYTES]] = int.from_bytes(nonce[:_TIME_BYTES], "big")

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)[:16]
