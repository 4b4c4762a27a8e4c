"""A desk on a household's state, asked as the server asks it; and the statements that people sign."""

import hashlib
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, messages, replies
from device.desk.tickets import Channel
from device.disk.spool import Spool
from device.ledger import Ledger
from device.sealing.identities import TaggedIdentity
from device.trust.commands import asking
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
    ReaderConfirmed,
    ReaderRemoved,
    ReaderRenamed,
    Removal,
    Renaming,
    Replacement,
)
from device.trust.ledger import split
from device.trust.lines import PrivateBody
from device.trust.signed import Context, sign
from provisioning.house.history import History
from tests.support.household import Card, Household, TestReader

HERE = Channel(1, 1)


class Door:
    """A desk with its ledger and spool, and a phone that asks it."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.ledger = Ledger(household.state, household.device, household.clock)
        self.spool = Spool(household.state)
        self.brightness = household.state.parent / "brightness"
        self.brightness.write_text("0\n")
        self.desk = household.desk(self.ledger, self.spool, self.brightness)

    @property
    def born_sha256(self) -> bytes:
        return hashlib.sha256(self.household.born_line).digest()

    def nonce(self) -> bytes:
        hello = messages.decode_down(self.desk.answer(HERE, messages.encode(messages.Hello(1))))
        assert isinstance(hello, messages.HelloReply)
        return hello.nonce

    def send(self, signed: bytes, channel: Channel = HERE) -> messages.Down:
        return messages.decode_down(self.desk.answer(channel, messages.encode(messages.Command(7, signed))))

    def ask(
        self, reader: TestReader, body: commands.CommandBody, channel: Channel = HERE
    ) -> replies.ReplyBody:
        """Return the body of the signed reply to a reader's command."""
        reply = self.send(reader.command(self.ledger.chain, self.nonce(), body), channel)
        assert isinstance(reply, messages.Reply), reply
        payload = self.household.reply(reply.signed)
        assert payload.head.hash == self.ledger.chain.head.hash
        return payload.body

    def clip(self, data: bytes = b"ciphertext") -> int:
        clip, descriptor = self.spool.begin()
        os.write(descriptor, data)
        os.close(descriptor)
        self.spool.write_event(clip, b"event" * 1000)
        self.spool.publish(clip, self.household.clock.utc().date())
        return clip

    def bodies(self) -> list[PrivateBody]:
        """Return all that the record tells of, as the card opens it."""
        history = History(self.household.card.open)
        for epoch in range(1, self.ledger.chain.epoch + 1):
            data = self.ledger.epoch_file(epoch)
            assert data is not None
            history.learn_epoch(data)
        lines, _ = split((self.household.state / "ledger").read_bytes())
        return [body for line in lines if (body := history.entry(line).private) is not None]

    def restart(self) -> None:
        """Stop and start: what was in RAM only is gone."""
        self.ledger.close()
        self.ledger = Ledger(self.household.state, self.household.device, self.household.clock)
        self.spool = Spool(self.household.state)
        self.desk = self.household.desk(self.ledger, self.spool, self.brightness)

    def join(self, label: str = "Hallway phone", *, tagged: bool = False) -> TestReader:
        """Return a reader who joined with the card; a tagged one has keys of the other kind."""
        reader = TestReader(label)
        if tagged:
            reader.open = TaggedIdentity.generate()
        body = self.ask(reader, asking(self.household.adds(reader)))
        assert isinstance(body, replies.Changed), body
        return reader

    def change(self, reader: TestReader, change: Change, channel: Channel = HERE) -> str:
        """Ask for a change and return how it went: ``changed``, or the code of the refusal."""
        down = self.send(reader.command(self.ledger.chain, self.nonce(), asking(change)), channel)
        if isinstance(down, messages.Farewell):
            return "farewell"
        if isinstance(down, messages.Error):
            return down.code
        assert isinstance(down, messages.Reply)
        body = self.household.reply(down.signed).body
        return body.code if isinstance(body, replies.Refused) else "changed"


class Says:
    """Statements about one door."""

    def __init__(self, door: bytes) -> None:
        self.door = door

    def invited(self, by: TestReader, key: Ed25519PrivateKey) -> Invited:
        invite = Invite(self.door, by.public.sign, key.public_key().public_bytes_raw())
        return Invited(sign(by.sign, Context.INVITE, invite))

    def applied(self, key: Ed25519PrivateKey, reader: TestReader) -> Applied:
        return Applied(sign(key, Context.ADMISSION, Admission(self.door, reader.public)))

    def confirmed(self, by: TestReader, applied: Applied) -> ReaderConfirmed:
        return ReaderConfirmed(self.confirmation(by, applied.admission))

    def confirmation(self, by: TestReader, blob: bytes) -> bytes:
        said = Confirmation(self.door, by.public.sign, hashlib.sha256(blob).digest())
        return sign(by.sign, Context.CONFIRMATION, said)

    def removed(self, by: TestReader, reader: TestReader) -> ReaderRemoved:
        return ReaderRemoved(
            sign(by.sign, Context.REMOVAL, Removal(self.door, by.public.sign, reader.public.sign))
        )

    def renamed(self, by: TestReader, reader: TestReader, label: str) -> ReaderRenamed:
        said = Renaming(self.door, by.public.sign, reader.public.sign, label)
        return ReaderRenamed(sign(by.sign, Context.RENAMING, said))

    def replacement(self, by: TestReader, card: Card) -> bytes:
        admit = card.admit.public_key().public_bytes_raw()
        said = Replacement(self.door, by.public.sign, admit, str(card.open.recipient()))
        return sign(by.sign, Context.REPLACEMENT, said)

    def proposed(self, by: TestReader, card: Card) -> CardProposed:
        return CardProposed(self.replacement(by, card))

    def objected(self, by: TestReader, blob: bytes) -> CardObjected:
        said = Objection(self.door, by.public.sign, hashlib.sha256(blob).digest())
        return CardObjected(sign(by.sign, Context.OBJECTION, said))

    def replaced(self, blob: bytes, confirmation: bytes | None = None) -> CardReplaced:
        return CardReplaced(blob, confirmation)


def as_reader(card: Card) -> TestReader:
    """Return the card as somebody who signs commands, under a name of its own."""
    return TestReader(f"Hand {card.admit.public_key().public_bytes_raw().hex()[:12]}", card.admit)
