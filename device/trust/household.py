"""The forms of what changes the household: statements that people's keys sign, and the public lines that carry them.

Each line carries the proof of its own right to stand there, so that every browser and the CLI check it themselves instead
of believing the device. ``device.trust.roster`` folds them.

    reader_added        an admission, signed by the card's Admit half
    invited             an invite, signed by a reader; opens a key that may sign one admission
    applied             an admission, signed by an invite's key; adds nobody yet
    reader_confirmed    another reader's confirmation of that admission; now it adds
    reader_removed      a removal, signed by any reader or by Admit; of somebody who waits, it turns them away
    reader_renamed      a renaming, signed by any reader
    card_proposed       a replacement of the card, signed by a reader; replaces nothing yet
    card_objected       an objection to it, signed by any reader or by Admit; it is off the table
    card_replaced       a replacement by Admit itself, or the proposed one, confirmed by another reader

Source: docs/FORMAT.md, "Household".
"""

from typing import Annotated

import msgspec

Digest = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
PublicKey = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The setting and the one field that every signed statement shares: which door is meant."""

    door: Digest


class Spoken(Statement, frozen=True):
    """A statement that says whose key signs it: a reader's, or Admit where the text allows it."""

    by: PublicKey


class Reader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reader's public halves: ``sign`` is Ed25519 and its identifier, ``recipient`` an age hybrid of either kind."""

    label: str
    sign: PublicKey
    recipient: str


class Admission(Statement, frozen=True):
    """This reader may join this door."""

    reader: Reader


class Invite(Spoken, frozen=True):
    """Whoever holds the private half of ``key`` may apply once; ``by`` is the reader who signs."""

    key: PublicKey


class Confirmation(Spoken, frozen=True):
    """``by`` agrees to a signed blob with this SHA-256: an application, or a replacement of the card."""

    subject: Digest


class Removal(Spoken, frozen=True):
    """``reader`` no longer belongs to the household, or shall not, if it only asks; ``by`` is a reader or Admit."""

    reader: PublicKey


class Renaming(Spoken, frozen=True):
    """``reader`` is called ``label`` from now on."""

    reader: PublicKey
    label: str


class Replacement(Spoken, frozen=True):
    """The card's public halves shall be these; ``by`` is Admit or a reader."""

    admit: PublicKey
    open: str


class Objection(Spoken, frozen=True):
    """``by``, a reader or Admit, objects to a replacement with this SHA-256."""

    subject: Digest


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The settings that every public body shares; msgspec hands them down, behaviour there is none."""


class ReaderAdded(Body, tag="reader_added", frozen=True):
    """A reader joins by the card."""

    admission: bytes


class Invited(Body, tag="invited", frozen=True):
    """A reader invites somebody."""

    invite: bytes


class Applied(Body, tag="applied", frozen=True):
    """Somebody with an invite asks to join."""

    admission: bytes


class ReaderConfirmed(Body, tag="reader_confirmed", frozen=True):
    """A second reader lets the applicant join."""

    confirmation: bytes


class ReaderRemoved(Body, tag="reader_removed", frozen=True):
    """A reader leaves, or whoever asked to join is turned away."""

    removal: bytes


class ReaderRenamed(Body, tag="reader_renamed", frozen=True):
    """A reader is called something else."""

    renaming: bytes


class CardProposed(Body, tag="card_proposed", frozen=True):
    """A reader wants another card; it waits for another reader."""

    replacement: bytes


class CardObjected(Body, tag="card_objected", frozen=True):
    """Somebody objects; the proposal is gone."""

    objection: bytes


class CardReplaced(Body, tag="card_replaced", frozen=True):
    """Another card is in force. ``confirmation`` is None from Admit itself, and never else."""

    replacement: bytes
    confirmation: bytes | None


Change = (
    ReaderAdded
    | Invited
    | Applied
    | ReaderConfirmed
    | ReaderRemoved
    | ReaderRenamed
    | CardProposed
    | CardObjected
    | CardReplaced
)
