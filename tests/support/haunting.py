"""Ways to deceive a household, for whoever holds the device's key too: its lines, its signature, its seals."""

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from device.disk.epochs import read_epochs
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording import sealed_clip
from device.sealing.age import AgeWriter, seal
from device.sealing.identities import HybridIdentity
from device.sealing.sframe import Opener, Sealer
from device.trust.signed import Context, sign, verify
from device.trust.statement import EVENT_METADATA, Statement
from device.upkeep.recovery import recover
from tests.support.household import TestReader
from tests.support.past import Past, record


def haunted(past: Past, change: Callable[[list[Any]], Sequence[Any]]) -> None:
    """Have the changed device record clip 7 whole, sealed to whom it likes; its own lines and signature hold."""
    household = past.household
    household.state = past.state
    ledger, spool = Ledger(past.state, household.device, household.clock), Spool(past.state)
    recover(spool, ledger, household.clock)
    kept = sealed_clip.AgeWriter
    sealed_clip.AgeWriter = lambda sink, fit: AgeWriter(sink, list(change(list(fit))))  # type: ignore[assignment, misc]
    try:
        record(household, ledger, spool)
    finally:
        sealed_clip.AgeWriter = kept  # type: ignore[misc]
        ledger.close()


def a_ghost_in_the_cards_place(past: Past) -> None:
    haunted(past, lambda fit: [fit[0], HybridIdentity.generate().recipient()])


def a_ghost_in_alices_place(past: Past) -> None:
    haunted(past, lambda fit: [HybridIdentity.generate().recipient(), fit[1]])


def a_ghost_beside_the_household(past: Past) -> None:
    haunted(past, lambda fit: [*fit, HybridIdentity.generate().recipient()])


def alice_is_left_out(past: Past) -> None:
    haunted(past, lambda fit: fit[1:])


def two_stanzas_for_alice(past: Past) -> None:
    haunted(past, lambda fit: [fit[0], fit[0]])


def says_anew(past: Past, clip: int, **changed: object) -> None:
    """Have a clip's event signed and sealed by the device anew, changed."""
    epoch = max(read_epochs(past.state))
    key = past.epoch_key(epoch)
    blob = sign(
        past.household.device, Context.STATEMENT, msgspec.structs.replace(_said(past, clip), **changed)
    )
    past.event(clip).write_bytes(Sealer(epoch, key).seal(blob, EVENT_METADATA))


def _said(past: Past, clip: int) -> Statement:
    opener = Opener()
    for epoch in read_epochs(past.state):
        opener.add(epoch, past.epoch_key(epoch))
    blob = opener.open(past.event(clip).read_bytes(), EVENT_METADATA)
    device = past.household.device.public_key().public_bytes_raw()
    return verify(device, Context.STATEMENT, blob, Statement)


def the_statement_names_another_film(past: Past) -> None:
    """Another film, and a statement that fits it: the ledger alone tells."""
    recipients = [past.alice.open.recipient(), past.household.card.open.recipient()]
    plain = os.urandom(200_000)
    data = seal(plain, recipients)
    past.film(3).write_bytes(data)
    says_anew(
        past,
        3,
        ciphertext_sha256=hashlib.sha256(data).digest(),
        ciphertext_bytes=len(data),
        plaintext_sha256=hashlib.sha256(plain).digest(),
    )


def the_statement_names_another_content(past: Past) -> None:
    says_anew(past, 3, plaintext_sha256=bytes(32))


def the_statement_names_another_end(past: Past) -> None:
    says_anew(past, 3, ciphertext_sha256=bytes(32))


def the_beginning_is_never_told(past: Past) -> None:
    """A whole recording, its statement and its end on the record: only the line in which it began is not."""
    kept = sealed_clip.SealedClip._begun_line
    sealed_clip.SealedClip._begun_line = lambda _: None  # type: ignore[method-assign]
    try:
        haunted(past, list)
    finally:
        sealed_clip.SealedClip._begun_line = kept  # type: ignore[method-assign]


def the_statement_says_interrupted(past: Past) -> None:
    says_anew(past, 3, state="interrupted")


def the_statement_says_unrecorded(past: Past) -> None:
    says_anew(past, 3, state="unrecorded")
    past.film(3).unlink()


def the_statement_is_not_the_devices(past: Past) -> None:
    household = past.household
    kept, household.device = household.device, TestReader().sign
    said = _said_by(past, kept)
    try:
        epoch = max(read_epochs(past.state))
        blob = sign(household.device, Context.STATEMENT, said)
        past.event(3).write_bytes(Sealer(epoch, past.epoch_key(epoch)).seal(blob, EVENT_METADATA))
    finally:
        household.device = kept


def _said_by(past: Past, device: Any) -> Statement:
    kept, past.household.device = past.household.device, device
    try:
        return _said(past, 3)
    finally:
        past.household.device = kept
