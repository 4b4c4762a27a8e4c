"""Signed commands and signed replies: what the device believes, and what a browser may believe.

A command counts only if it names this door, carries an unspent nonce of ours, is signed by a reader who belongs to
the household *now* (or by the very key that the card admits), and names a head that is in our chain: a browser that
was shown another history is told so instead of being served. The reply is signed over the command's hash, so a
server that swallows a command cannot claim success.

Source: docs/FORMAT.md, "Door messages".
"""

import hashlib
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import messages
from device.contract.messages import Admit, Code, CommandPayload, ReplyBody, ReplyPayload
from device.errors import DeviceError
from device.trust.errors import AdmissionRefused, TrustError
from device.trust.ledger import Chain
from device.trust.nonces import Nonces
from device.trust.roster import admitted
from device.trust.signed import Context, payload_of, sign, verify


class CommandRefused(DeviceError, PermissionError):
    """A command that does not count.

    Attributes:
        code: the word that the reply carries.
    """

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def verify_command(signed: bytes, chain: Chain, nonces: Nonces, now_us: int) -> CommandPayload:
    """Return the payload of a command that counts, its nonce spent.

    Args:
        signed: signed blob, context command.
        chain: the device's own chain.
        nonces: the device's own nonces.
        now_us: monotonic time.

    Raises:
        CommandRefused: it does not count; nothing changed.
    """
    try:
        claim = payload_of(signed, CommandPayload)
    except TrustError as error:
        raise CommandRefused("bad_message", str(error)) from error
    if claim.door != chain.roster.door:
        raise CommandRefused("wrong_door", "this command is for another door")
    try:
        nonces.check(claim.nonce, now_us)
    except TrustError as error:
        raise CommandRefused("bad_nonce", f"{error}; ask again") from error
    if not isinstance(claim.body, Admit) and chain.roster.reader(claim.reader) is None:
        raise CommandRefused(
            "unknown_reader", "this reader does not belong to the household, or no longer does"
        )
    try:
        verify(claim.reader, Context.COMMAND, signed, CommandPayload)
    except TrustError as error:
        raise CommandRefused("bad_signature", str(error)) from error
    nonces.spend(claim.nonce, now_us)
    if not chain.holds(claim.head.seq, claim.head.hash):
        raise CommandRefused("unknown_head", "this browser remembers a history that is not this door's")
    if isinstance(claim.body, Admit):
        _check_admission(claim.body, claim.reader, chain)
    return claim


def _check_admission(body: Admit, signer: bytes, chain: Chain) -> None:
    try:
        reader = admitted(chain.roster, body.admission)
    except AdmissionRefused as error:
        raise CommandRefused(error.code, str(error)) from error
    if reader.sign != signer:
        # Proof of possession: an admission that was overheard admits nobody but the key inside it.
        raise CommandRefused("bad_admission", "the admission is for another reader's key")


def sign_reply(
    key: Ed25519PrivateKey,
    chain: Chain,
    signed_command: bytes,
    nonce: bytes,
    at_utc: datetime,
    body: ReplyBody,
) -> bytes:
    """Return the signed blob that answers ``signed_command`` with the chain's present head."""
    head = messages.Head(chain.head.seq, chain.head.hash)
    command = hashlib.sha256(signed_command).digest()
    return sign(key, Context.REPLY, ReplyPayload(chain.roster.door, command, nonce, head, at_utc, body))
