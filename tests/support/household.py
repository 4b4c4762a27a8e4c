"""A door, its card and its readers for tests: real keys, a real state directory, a clock that tests drive."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.allowance.spending import Spending
from device.camera.protocol import VideoFormat
from device.contract import commands, messages
from device.contract.settings import Settings
from device.desk.desk import Desk
from device.desk.looks import Service
from device.disk.grants import Grants
from device.disk.spool import Spool
from device.door.light import Light
from device.door.voice import Voice
from device.ledger import Ledger
from device.sealing.identities import HybridIdentity, TaggedIdentity
from device.trust.condition import Condition
from device.trust.household import Admission, Reader, ReaderAdded
from device.trust.ledger import Chain
from device.trust.lines import Born
from device.trust.signed import Context, sign, verify
from device.watch.watch import Watch


class DrivenClock:
    """Both clocks, moved by the test alone."""

    def __init__(self) -> None:
        self.now_us = 0
        self.now_utc = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def monotonic_us(self) -> int:
        return self.now_us

    def utc(self) -> datetime:
        return self.now_utc

    def pass_s(self, seconds: float) -> None:
        self.now_us += round(seconds * 1_000_000)
        self.now_utc += timedelta(seconds=seconds)


@dataclass
class Card:
    """Both halves of a house card."""

    admit: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    open: HybridIdentity = field(default_factory=HybridIdentity.generate)

    def admission(self, door: bytes, reader: Reader) -> bytes:
        return sign(self.admit, Context.ADMISSION, Admission(door, reader))


@dataclass
class TestReader:
    """A reader with both private halves."""

    __test__ = False

    label: str = "Hallway phone"
    sign: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    open: HybridIdentity | TaggedIdentity = field(default_factory=HybridIdentity.generate)

    @property
    def public(self) -> Reader:
        return Reader(self.label, self.sign.public_key().public_bytes_raw(), str(self.open.recipient()))

    def command(self, chain: Chain, nonce: bytes, body: commands.CommandBody, **changed: object) -> bytes:
        """Return a signed command; ``changed`` replaces fields of its payload before it is signed."""
        head = messages.Head(chain.head.seq, chain.head.hash)
        payload = messages.CommandPayload(chain.roster.door, nonce, head, self.public.sign, body)
        return sign(self.sign, Context.COMMAND, msgspec.structs.replace(payload, **changed))


class Household:
    """A newborn door on disk and everybody's keys."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.device = Ed25519PrivateKey.generate()
        self.card = Card()
        self.met: tuple[Condition, ...] = ()
        self.voice: Voice | None = Voice()
        self.clock = DrivenClock()
        state.mkdir(exist_ok=True)
        (state / "device.key").write_bytes(self.device.private_bytes_raw())
        self.be_born()

    def be_born(self) -> None:
        """Write line 0 for the keys as they are now."""
        born = Born(
            "Front door",
            self.device.public_key().public_bytes_raw(),
            self.card.admit.public_key().public_bytes_raw(),
            str(self.card.open.recipient()),
        )
        self.born_line = Chain().next_line(born, None)
        self.door = hashlib.sha256(born.device).digest()
        (self.state / "ledger").write_bytes(self.born_line + b"\n")

    def admission(self, reader: TestReader) -> bytes:
        return self.card.admission(self.door, reader.public)

    def desk(self, ledger: Ledger, spool: Spool, brightness: Path | None = None) -> Desk:
        """Return the desk of this door."""
        service = Service(ledger, spool, Grants(self.state), self.clock)
        light = Light(brightness)
        watch = Watch(self.state, Settings(), VideoFormat(640, 368, 15))
        return Desk(
            ledger,
            service,
            Spending(ledger, self.state, self.clock),
            self.device,
            self.clock,
            light,
            watch,
            lambda: self.met,
            b"an authority",
            self.voice,
        )

    def adds(self, reader: TestReader) -> ReaderAdded:
        """Return the change by which the card adds a reader."""
        return ReaderAdded(self.admission(reader))

    def reply(self, signed: bytes) -> messages.ReplyPayload:
        """Return the payload of a reply, its signature checked."""
        return verify(
            self.device.public_key().public_bytes_raw(), Context.REPLY, signed, messages.ReplyPayload
        )
