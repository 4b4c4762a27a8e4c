"""Signed blobs: what no signature may be good for."""

import msgspec
import pytest

from device.trust.errors import TrustError
from device.trust.signed import Context, verify


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    word: str


NEUTRAL = (1).to_bytes(32, "little")
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


@pytest.mark.parametrize("key", [NEUTRAL, ORDER_8])
def test_no_constant_signature_is_good_for_every_message(key: bytes) -> None:
    """With such a key, R neutral and S zero fit every message, or every eighth, where a verifier does not look at the key."""
    constant = NEUTRAL + bytes(32)
    for number in range(64):
        blob = constant + msgspec.json.encode(Word(str(number)))
        with pytest.raises(TrustError, match="judge alike"):
            verify(key, Context.COMMAND, blob, Word)
