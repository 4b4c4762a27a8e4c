"""The proof of an exported clip: small, and enough to check the film without the household.

It holds the device's key and the statement that the device signed, which names the SHA-256 of the film. It proves that the
film is what the holder of that key sealed; it cannot prove whose door that is, nor that the clock was right.

Source: docs/FORMAT.md, "Proof".
"""

import hashlib
from typing import Final

import msgspec

from device.contract.forms import UNREADABLE
from device.contract.misfit import misfit
from device.recording import masking
from device.trust.signed import Context, verify
from device.trust.statement import Statement
from provisioning.errors import ProvisioningError
from provisioning.house.genuine import Record
from provisioning.house.house import House

FORM: Final = "doorward/v1/proof"


class NoProof(ProvisioningError, ValueError):
    """A clip has no proof, or a proof does not hold."""


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in a ``.proof`` file. ``statement`` is the signed blob."""

    form: str
    device: bytes
    statement: bytes


def prove(house: House, record: Record) -> bytes:
    """Return the proof of a clip whose record holds.

    Raises:
        NoProof: it does not hold, or the door never finished it and so never signed its film.
    """
    if record.verdict != "genuine":
        raise NoProof(
            f"clip {record.clip} is {record.verdict}" + (f": {record.reason}" if record.reason else ""),
            hint="only a finished clip that holds can be proven; 'clips open' opens others",
        )
    return msgspec.json.encode(Proof(FORM, house.chain.roster.device, record.signed)) + b"\n"


def read_proof(data: bytes) -> tuple[Proof, Statement]:
    """Return a proof and its statement, the signature checked.

    Raises:
        NoProof: it cannot be read.
        TrustError: the signature is wrong.
    """
    try:
        proof = msgspec.json.decode(data, type=Proof)
    except UNREADABLE as error:
        sentence, key = misfit(error)
        raise NoProof(
            f"the proof cannot be read: {f'its {key} ' if key else ''}{sentence}",
            hint="its name ends with .mp4.proof",
        ) from error
    if proof.form != FORM:
        raise NoProof(f"this is no proof that we know ({proof.form!r})")
    return proof, verify(proof.device, Context.STATEMENT, proof.statement, Statement)


def check_proof(data: bytes, film_sha256: bytes) -> tuple[Proof, Statement]:
    """Return a proof and its statement, which both hold for this film.

    Args:
        data: what stands in the ``.proof`` file.
        film_sha256: of the whole MP4.

    Raises:
        NoProof: the proof cannot be read, contradicts itself, or is of another film.
        TrustError: the signature is wrong.
    """
    proof, statement = read_proof(data)
    if statement.door != hashlib.sha256(proof.device).digest():
        raise NoProof("the proof contradicts itself: its statement names another door than its key's")
    if not masking.fit(statement):
        raise NoProof(
            "the proof contradicts itself: the masks that it lists are not those that its digest stands for"
        )
    if statement.state != "sealed" or statement.plaintext_sha256 is None:
        raise NoProof("the proof names no film: the door signed that it has none, or had not finished it")
    if film_sha256 != statement.plaintext_sha256:
        raise NoProof(
            "the film is not the one that the proof is of: one of them was changed, or they do not belong together",
            hint="compare with the two files as they were exported",
        )
    return proof, statement
