"""Changes of the household: a fold of the ledger's public lines into the roster, every signature checked.

A reader joins by the card's Admit half, or by two readers together; any reader or Admit removes one; the card is replaced by
itself, or by two readers together. The proof stays in the line, so that every browser and the CLI come to the same roster
instead of believing the device. What a fold cannot see (that an invite is older than ten minutes) is the device's to refuse:
``device.trust.patience``. Nothing that the device alone can say, and no time that it counts, puts anybody or a card in force.

Source: docs/FORMAT.md, "Household".
"""

import hashlib
from dataclasses import replace
from typing import Final, TypeVar

from device.trust.errors import ChangeRefused, RefusedChange, TrustError
from device.trust.household import (
    Admission,
    Applied,
    CardObjected,
    CardProposed,
    CardReplaced,
    Change,
    Confirmation,
    Invite,
    Invited,
    Objection,
    Reader,
    ReaderAdded,
    ReaderConfirmed,
    ReaderRemoved,
    ReaderRenamed,
    Removal,
    Renaming,
    Replacement,
    Spoken,
    Statement,
)
from device.trust.keys import check_key
from device.trust.lines import Born, PublicBody
from device.trust.roster import Application, Proposal, Roster, check_free_label, check_recipient
from device.trust.signed import Context, payload_of, verify

MAX_READERS: Final = 16  # each adds 1.7 kB to every clip's header
MAX_WAITING: Final = 4  # open invites, and applications

S = TypeVar("S", bound=Statement)
P = TypeVar("P", bound=Spoken)


def fold(roster: Roster, seq: int, body: PublicBody) -> Roster:
    """Return the roster after the public body of line ``seq``.

    Raises:
        ChangeRefused: the body may not stand there; nothing after it can be trusted.
    """
    match body:
        case Born():
            raise ChangeRefused("bad_change", "a door is born once, on line 0")
        case ReaderAdded(admission=blob):
            admission = _verified(roster, roster.admit, Context.ADMISSION, blob, Admission)
            return _joined(roster, seq, admission.reader)
        case Invited(invite=blob):
            return _invited(roster, _by_reader(roster, Context.INVITE, blob, Invite))
        case Applied(admission=blob):
            return _applied(roster, seq, blob)
        case ReaderConfirmed(confirmation=blob):
            return _confirmed(roster, seq, _by_reader(roster, Context.CONFIRMATION, blob, Confirmation))
        case ReaderRemoved(removal=blob):
            return _removed(roster, seq, blob, _by_anyone(roster, Context.REMOVAL, blob, Removal))
        case ReaderRenamed(renaming=blob):
            return _renamed(roster, _by_reader(roster, Context.RENAMING, blob, Renaming))
        case CardProposed() | CardObjected() | CardReplaced():
            return _fold_card(roster, seq, body)
        case _:
            return roster


def speaker(change: Change) -> bytes:
    """Return whose key must ask for a change: the one that says it, or the one that joins by it.

    Raises:
        TrustError: the signed part cannot be read.
    """
    match change:
        case ReaderAdded(admission=blob) | Applied(admission=blob):
            return payload_of(blob, Admission).reader.sign
        case Invited(invite=blob):
            return payload_of(blob, Invite).by
        case ReaderConfirmed(confirmation=blob):
            return payload_of(blob, Confirmation).by
        case ReaderRemoved(removal=blob):
            return payload_of(blob, Removal).by
        case ReaderRenamed(renaming=blob):
            return payload_of(blob, Renaming).by
        case CardProposed(replacement=blob):
            return payload_of(blob, Replacement).by
        case CardReplaced(replacement=blob, confirmation=confirmation):
            agreed = None if confirmation is None else payload_of(confirmation, Confirmation)
            return (agreed or payload_of(blob, Replacement)).by
        case CardObjected(objection=blob):
            return payload_of(blob, Objection).by


def _fold_card(roster: Roster, seq: int, body: CardProposed | CardObjected | CardReplaced) -> Roster:
    match body:
        case CardProposed(replacement=blob):
            replacement = _by_reader(roster, Context.REPLACEMENT, blob, Replacement)
            _check_new_card(roster, replacement)
            # Spent at once: what was objected to cannot be said again, by whoever kept it, and nobody joins with the key.
            return replace(roster, proposal=Proposal(seq, blob), spent=roster.spent | {replacement.admit})
        case CardObjected(objection=blob):
            _proposed(roster, _by_anyone(roster, Context.OBJECTION, blob, Objection).subject)
            return replace(roster, proposal=None)
        case CardReplaced(replacement=blob, confirmation=confirmation):
            return _card_replaced(roster, seq, blob, confirmation)


def _joined(roster: Roster, seq: int, reader: Reader) -> Roster:
    """Return the roster with a new reader; a key that was a reader before cannot come back by a replay."""
    _check_new_reader(roster, reader)
    return replace(roster, readers=(*roster.readers, reader), seq=seq, spent=roster.spent | {reader.sign})


def _check_new_reader(roster: Roster, reader: Reader) -> None:
    check_recipient(reader.recipient)
    _check_key(reader.sign, "bad_admission")
    if reader.sign in roster.spent:
        raise ChangeRefused("already_added", "this reader's key was added before")
    if len(roster.readers) >= MAX_READERS:
        raise ChangeRefused(
            "roster_full",
            f"the household is full: {MAX_READERS} readers",
            hint="remove one that is no longer used",
        )
    # Last: whoever asks a second time, since no answer came, is told that it was added, not that its name is taken.
    check_free_label(roster, reader.label)


def _invited(roster: Roster, invite: Invite) -> Roster:
    _check_key(invite.key, "bad_change")
    if invite.key in roster.spent:
        raise ChangeRefused("bad_change", "the invite's key was used before")
    # The oldest gives way: it has died of age on the device long before, if nobody used it.
    kept = list(roster.invites.items())[-(MAX_WAITING - 1) :]
    return replace(roster, invites={**dict(kept), invite.key: invite.by}, spent=roster.spent | {invite.key})


def _applied(roster: Roster, seq: int, blob: bytes) -> Roster:
    for key, inviter in roster.invites.items():
        try:
            admission = verify(key, Context.ADMISSION, blob, Admission)
        except TrustError:
            continue
        _check_door(roster, admission)
        _check_new_reader(roster, admission.reader)
        invites = {other: by for other, by in roster.invites.items() if other != key}
        waiting = list(roster.applications.items())[-(MAX_WAITING - 1) :]
        application = Application(seq, inviter, admission.reader)
        return replace(roster, invites=invites, applications={**dict(waiting), _sha256(blob): application})
    raise ChangeRefused("bad_admission", "no open invite signed this application")


def _confirmed(roster: Roster, seq: int, confirmation: Confirmation) -> Roster:
    application = roster.applications.get(confirmation.subject)
    if application is None:
        raise ChangeRefused("no_such_subject", "nobody who waits is meant by this confirmation")
    if confirmation.by == application.inviter:
        raise ChangeRefused("second_reader", "another reader than the one who invited must confirm")
    waiting = {key: other for key, other in roster.applications.items() if key != confirmation.subject}
    return _joined(replace(roster, applications=waiting), seq, application.reader)


def _removed(roster: Roster, seq: int, blob: bytes, removal: Removal) -> Roster:
    gone = removal.reader
    waiting = {
        key: one for key, one in roster.applications.items() if gone not in (one.inviter, one.reader.sign)
    }
    after = replace(roster, applications=waiting, removals=roster.removals | {gone: blob})
    if roster.reader(gone) is None:
        if waiting == roster.applications:
            raise ChangeRefused(
                "no_such_reader", "this reader does not belong to the household, or no longer does"
            )
        # Turned away for good: nobody is to wonder about the same key again, nor to let it in by what was said before.
        return replace(after, spent=roster.spent | {gone})
    proposal = roster.proposal
    return replace(
        after,
        readers=tuple(reader for reader in roster.readers if reader.sign != gone),
        seq=seq,
        invites={key: by for key, by in roster.invites.items() if by != gone},
        proposal=None if proposal is not None and proposal.replacement.by == gone else proposal,
    )


def _renamed(roster: Roster, renaming: Renaming) -> Roster:
    check_free_label(roster, renaming.label, whose=renaming.reader)
    if roster.reader(renaming.reader) is None:
        raise ChangeRefused(
            "no_such_reader", "this reader does not belong to the household, or no longer does"
        )
    readers = tuple(
        Reader(renaming.label, reader.sign, reader.recipient) if reader.sign == renaming.reader else reader
        for reader in roster.readers
    )
    return replace(roster, readers=readers)


def _card_replaced(roster: Roster, seq: int, blob: bytes, confirmation: bytes | None) -> Roster:
    claim = payload_of(blob, Replacement)
    if claim.by == roster.admit:
        # Nobody may speak the card's word for it, which a confirmation would let any reader who overheard it do.
        if confirmation is not None:
            raise ChangeRefused("bad_change", "the card's own word needs no confirmation, and takes none")
        replacement = _by_anyone(roster, Context.REPLACEMENT, blob, Replacement)
        _check_new_card(roster, replacement)
    else:
        replacement = _proposed(roster, _sha256(blob)).replacement
        if confirmation is None:
            raise ChangeRefused("second_reader", "another reader must agree to the new card")
        agreed = _by_reader(roster, Context.CONFIRMATION, confirmation, Confirmation)
        _proposed(roster, agreed.subject)
        if agreed.by == replacement.by:
            raise ChangeRefused("second_reader", "another reader than the one who proposed must agree")
    return replace(
        roster,
        admit=replacement.admit,
        open=replacement.open,
        seq=seq,
        spent=roster.spent | {replacement.admit},
        proposal=None,
    )


def _check_new_card(roster: Roster, replacement: Replacement) -> None:
    check_recipient(replacement.open)
    _check_key(replacement.admit, "bad_change")
    if replacement.admit in roster.spent or replacement.open in roster.recipients:
        raise ChangeRefused("bad_change", "the new card's keys were used before: make a new one")


def _proposed(roster: Roster, subject: bytes) -> Proposal:
    proposal = roster.proposal
    if proposal is None or proposal.subject != subject:
        raise ChangeRefused("no_such_subject", "no such replacement of the card waits")
    return proposal


def _by_reader(roster: Roster, context: Context, blob: bytes, kind: type[P]) -> P:
    """Return a statement that a present reader signed."""
    by = payload_of(blob, kind).by
    if roster.reader(by) is None:
        raise ChangeRefused("unknown_reader", "who signed this does not belong to the household")
    return _verified(roster, by, context, blob, kind)


def _by_anyone(roster: Roster, context: Context, blob: bytes, kind: type[P]) -> P:
    """Return a statement that a present reader or Admit signed."""
    by = payload_of(blob, kind).by
    if by == roster.admit:
        return _verified(roster, by, context, blob, kind)
    return _by_reader(roster, context, blob, kind)


def _verified(roster: Roster, key: bytes, context: Context, blob: bytes, kind: type[S]) -> S:
    try:
        statement = verify(key, context, blob, kind)
    except TrustError as error:
        raise ChangeRefused("bad_admission" if kind is Admission else "bad_change", str(error)) from error
    _check_door(roster, statement)
    return statement


def _check_key(key: bytes, code: RefusedChange) -> None:
    try:
        check_key(key)
    except TrustError as error:
        raise ChangeRefused(code, str(error)) from error


def _check_door(roster: Roster, statement: Statement) -> None:
    if statement.door != roster.door:
        raise ChangeRefused("wrong_door", "this was signed for another door")


def _sha256(blob: bytes) -> bytes:
    return hashlib.sha256(blob).digest()
