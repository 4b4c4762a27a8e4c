"""Signed commands and signed replies: what the device believes, and what a browser may believe.

A command counts only if it names this door, carries an unspent nonce of ours, is signed by a reader who belongs to
the household *now* (or by the very key that the card admits), and names a head that is in our chain: a browser that
was shown another history is told so instead of being served. The reply is signed over the command's hash, so a
server that swallows a command cannot claim success.

Source: docs/FORMAT.md, "Door messages".
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import canonical, messages
from device.contract.commands import AskLedger, ChangeHousehold
from device.contract.forms import UNREADABLE
from device.contract.messages import CommandPayload, ReplyPayload
from device.contract.replies import Code, ReplyBody
from device.errors import DeviceError
from device.trust.changes import fold, speaker
from device.trust.errors import ChangeRefused, TrustError
from device.trust.household import Applied, CardObjected, CardReplaced, Change, ReaderAdded, ReaderRemoved
from device.trust.ledger import Chain
from device.trust.nonces import Nonces
from device.trust.roster import Roster
from device.trust.signed import Context, payload_of, sign, verify


class CommandRefused(DeviceError, PermissionError):
    """A command that does not count.

    Attributes:
        code: the word that the reply carries.
        to_reader: it answers a verified reader (or the card), so the device signs the refusal.
        former: sign key of a reader that was removed, who has proved to hold it.
        waits: the application of whoever has proved to have made it, by its SHA-256.
    """

    def __init__(
        self,
        code: Code,
        sentence: str,
        *,
        to_reader: bool = False,
        former: bytes | None = None,
        waits: bytes | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.to_reader = to_reader
        self.former = former
        self.waits = waits


@dataclass(frozen=True, slots=True)
class Verified:
    """A command that counts.

    Attributes:
        claim: what was signed.
        change: of the household, if it is one, and allowed by the fold.
        after: the roster with that change.
    """

    claim: CommandPayload
    change: Change | None
    after: Roster


def verify_command(signed: bytes, chain: Chain, nonces: Nonces, now_us: int) -> Verified:
    """Return a command that counts, its nonce spent.

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
        change = (
            canonical.decode(bytes(claim.body.line), Change)
            if isinstance(claim.body, ChangeHousehold)
            else None
        )
    except (TrustError, *UNREADABLE) as error:
        raise CommandRefused("bad_message", str(error)) from error
    if claim.door != chain.roster.door:
        raise CommandRefused("wrong_door", "this command is for another door")
    try:
        nonces.check(claim.nonce, now_us)
    except TrustError as error:
        raise CommandRefused("bad_nonce", f"{error}; ask again") from error
    # The signature first: whoever knows a reader's public key, as a former reader does, must not learn whether it still belongs.
    try:
        verify(claim.reader, Context.COMMAND, signed, CommandPayload)
    except TrustError as error:
        raise CommandRefused("bad_signature", str(error)) from error
    if not _may_ask(claim, change, chain.roster):
        raise CommandRefused(
            "unknown_reader",
            "this reader does not belong to the household, or no longer does",
            former=claim.reader if claim.reader in chain.roster.removals else None,
            waits=chain.roster.application_of(claim.reader),
        )
    nonces.spend(claim.nonce, now_us)
    if not chain.holds(claim.head.seq, claim.head.hash):
        raise CommandRefused(
            "unknown_head",
            "this browser remembers a history that is not this door's",
            to_reader=not isinstance(change, ReaderAdded | Applied),
        )
    return Verified(claim, change, _after(chain, claim.reader, change))


def _may_ask(claim: CommandPayload, change: Change | None, roster: Roster) -> bool:
    """Return whether a key may ask for this at all."""
    if isinstance(change, ReaderAdded | Applied):
        return True  # whoever it is: the fold checks who signed the admission
    if claim.reader == roster.admit:
        # Admit opens nothing; it learns who belongs, which it could by adding a reader, so that it can remove one.
        return isinstance(claim.body, AskLedger) or isinstance(
            change, ReaderRemoved | CardObjected | CardReplaced
        )
    return roster.reader(claim.reader) is not None


def _after(chain: Chain, signer: bytes, change: Change | None) -> Roster:
    if change is None:
        return chain.roster
    try:
        after = fold(chain.roster, len(chain), change)
        if speaker(change) != signer:
            # Proof of possession: what was overheard serves nobody but the key that it names.
            joins = isinstance(change, ReaderAdded | Applied)
            raise ChangeRefused(
                "bad_admission" if joins else "bad_change", "this is for another key to ask for"
            )
    except TrustError as error:
        code: Code = error.code if isinstance(error, ChangeRefused) else "bad_change"
        known = signer == chain.roster.admit or chain.roster.reader(signer) is not None
        raise CommandRefused(code, str(error), to_reader=known) from error
    return after


def asking(change: Change) -> ChangeHousehold:
    """Return the command body that asks for a change of the household."""
    return ChangeHousehold(msgspec.Raw(msgspec.json.encode(change)))


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
