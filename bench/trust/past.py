"""A household's years as a ledger: a door's usual days, real keys, every line sealed and chained, no sync a line.

An epoch a day, seven clips (begun, sealed, each third handed out), the day listed twice, old clips giving way after thirty
days, and now and then a change of the household: invites, confirmations, names, one card.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.disk.durable import write_file
from device.disk.epochs import Epochs
from device.sealing.sframe import Sealer
from device.trust.household import Change
from device.trust.ledger import Chain
from device.trust.lines import (
    ClipBegun,
    ClipDeleted,
    ClipHandedOut,
    ClipSealed,
    Dated,
    DayListed,
    EpochBegun,
    PrivateBody,
    PublicBody,
    SignedHead,
    Started,
)
from device.trust.members import members
from device.trust.signed import Context, sign
from tests.support.door import Says, as_reader
from tests.support.household import Card, Household, TestReader

CLIPS_A_DAY = 7
KEPT_DAYS = 30
DAYS_A_CHANGE = 90


class Past:
    """Lines as a device would have written them, up to a number of lines.

    Attributes:
        raws: the lines without newlines.
        signatures: how many Ed25519 signatures a verifier of these lines must check, the head's not counted.
    """

    def __init__(self, household: Household, lines: int) -> None:
        self.household = household
        self.raws = [household.born_line]
        self.signatures = 0
        self._chain = Chain()
        self._chain.add(household.born_line)
        self._epochs = Epochs(household.state)
        self._now = household.clock.now_utc
        self._readers = [TestReader("Hallway phone"), TestReader("Kitchen tablet")]
        self._sealer: Sealer | None = None
        self._live(lines)
        self._write()

    @property
    def data(self) -> bytes:
        """The ledger file."""
        return b"".join(raw + b"\n" for raw in self.raws)

    def head(self) -> bytes:
        """Return the signed head."""
        head = self._chain.head
        return sign(self.household.device, Context.HEAD, SignedHead(self.household.door, head.seq, head.hash))

    def _live(self, lines: int) -> None:
        self._turn()
        for reader in self._readers:
            self._change(self.household.adds(reader))
            self._turn()
        changes, clip, day = self._changes(), 0, 0
        while len(self.raws) < lines:
            self._now += timedelta(days=1)
            day += 1
            self._turn()
            if day % DAYS_A_CHANGE == 0:
                self._change(next(changes))
                self._turn()
            for body in self._day(clip, day):
                self._note(body)
            clip += CLIPS_A_DAY
        del self.raws[lines:]
        self._chain = Chain()
        for raw in self.raws:
            self._chain.add(raw)

    def _day(self, first: int, day: int) -> Iterator[PrivateBody]:
        reader, roster_seq = self._readers[0].public.sign, self._chain.roster.seq
        for clip in range(first + 1, first + CLIPS_A_DAY + 1):
            digest = hashlib.sha256(b"%d" % clip).digest()
            yield ClipBegun(
                at_utc=self._now,
                clip=clip,
                trigger="motion",
                header_sha256=digest,
                roster_seq=roster_seq,
                left_out=(),
            )
            yield ClipSealed(
                at_utc=self._now,
                clip=clip,
                ciphertext_sha256=digest,
                ciphertext_bytes=4_000_000,
                state="sealed",
            )
            if clip % 3 == 0:
                yield ClipHandedOut(at_utc=self._now, clip=clip, reader=reader)
            if day > KEPT_DAYS:
                yield ClipDeleted(at_utc=self._now, clip=clip - CLIPS_A_DAY * KEPT_DAYS, reason="age")
        for _ in range(2):
            yield DayListed(at_utc=self._now, day=self._now.date().isoformat(), after=0, reader=reader)

    def _changes(self) -> Iterator[Change]:
        """Yield what a household changes: somebody is invited, applies, is let in, renamed, and leaves; a card once."""
        says, (phone, tablet) = Says(self.household.door), self._readers
        new = Card()
        card = as_reader(self.household.card)
        yield says.replaced(says.replacement(card, new))
        while True:
            guest, key = TestReader("Guest"), Ed25519PrivateKey.generate()
            yield says.invited(phone, key)
            applied = says.applied(key, guest)
            yield applied
            yield says.confirmed(tablet, applied)
            yield says.renamed(tablet, guest, "Grandmother's phone")
            yield says.removed(phone, guest)

    def _turn(self) -> None:
        number = self._chain.epoch + 1
        self._sealer, digest = self._epochs.begin(number, members(self._chain.roster).recipients)
        self._append(EpochBegun(number, digest), Started(at_utc=self._now, epoch=number))

    def _change(self, change: Change) -> None:
        self.signatures += 1
        self._append(change, Dated(at_utc=self._now))

    def _note(self, body: PrivateBody) -> None:
        self._append(None, body)

    def _append(self, public: PublicBody | None, private: PrivateBody) -> None:
        if self._sealer is None:
            raise RuntimeError("no epoch has begun")
        raw = self._chain.next_line(public, private, self._sealer.seal)
        self._chain.add(raw)
        self.raws.append(raw)

    def _write(self) -> None:
        write_file(self.household.state / "ledger", self.data)
        write_file(self.household.state / "head", self.head())
