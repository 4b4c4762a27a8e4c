"""A device's real socket and a reader who asks it, as the server would carry it; and a spool of clips with real headers."""

import hashlib
import os
import socket
import threading
from types import TracebackType

from device.contract import commands, messages, replies
from device.contract.link import Frame, Open, decode_down, encode, receive_packet
from device.desk.link import Link
from device.disk.spool import Spool
from device.ledger import Ledger
from device.sealing.age import AgeWriter
from device.trust.commands import asking
from device.trust.household import Change
from device.trust.lines import ClipBegun, ClipSealed
from device.trust.members import members
from device.trust.signed import Context, sign, verify
from device.trust.statement import Statement, Trigger
from provisioning.house.history import History
from tests.support.household import Household, TestReader

CHANNEL = 1
THUMBNAIL_BYTES = 7_000  # a JPEG of 320 by 184 px
FILM_BYTES = 1_000
ANSWER_S = 60


class Asked:
    """A device that serves its socket in a thread, and the server's end of it."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.ledger = Ledger(household.state, household.device, household.clock)
        self.spool = Spool(household.state)
        brightness = household.state / "brightness"
        brightness.write_text("0\n")
        path = household.state / "link"
        self._link = Link(path, household.desk(self.ledger, self.spool, brightness), {os.getuid()})
        self._thread = threading.Thread(target=self._link.run, daemon=True)
        self._thread.start()
        self._peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._peer.settimeout(ANSWER_S)
        self._peer.connect(str(path))
        self._peer.send(encode(Open(CHANNEL)))
        self._nonce = self._hello().nonce
        self._history = History(household.card.open)

    def __enter__(self) -> "Asked":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._peer.close()
        self._link.stop()
        self._thread.join()
        self._link.close()
        self.ledger.close()

    @property
    def today(self) -> str:
        """The UTC day of the door's clock."""
        return self.household.clock.utc().date().isoformat()

    def ask(self, reader: TestReader, body: commands.CommandBody) -> replies.ReplyBody:
        """Sign, send, receive, and check the reply: the device's signature, and that it answers this very command."""
        head = messages.Head(self.ledger.chain.head.seq, self.ledger.chain.head.hash)
        key = reader.sign.public_key().public_bytes_raw()
        payload = messages.CommandPayload(self.household.door, self._nonce, head, key, body)
        signed = sign(reader.sign, Context.COMMAND, payload)
        reply = self._exchange(messages.Command(2, signed))
        if not isinstance(reply, messages.Reply):
            raise TypeError(f"the device answered {reply}")
        answer = self.household.reply(reply.signed)
        if answer.command != hashlib.sha256(signed).digest():
            raise RuntimeError("a reply to another command")
        self._nonce = answer.nonce
        return answer.body

    def change(self, reader: TestReader, change: Change) -> None:
        """Change the household."""
        body = self.ask(reader, asking(change))
        if not isinstance(body, replies.Changed):
            raise TypeError(f"the device answered {body}")

    def join(self, reader: TestReader) -> None:
        """Add a reader with the card."""
        self.change(reader, self.household.adds(reader))

    def read(self, event: replies.SealedEvent) -> Statement:
        """Open an event and verify its statement."""
        epoch = self.ledger.chain.epoch
        if epoch not in self._history.epoch_keys:
            self._history.learn_epoch(self.ledger.epoch_file(epoch) or b"")
        blob = self._history.open_event(event.event or b"")
        device = self.household.device.public_key().public_bytes_raw()
        return verify(device, Context.STATEMENT, blob, Statement)

    def _hello(self) -> messages.HelloReply:
        reply = self._exchange(messages.Hello(1))
        if not isinstance(reply, messages.HelloReply):
            raise TypeError(f"the device answered {reply}")
        return reply

    def _exchange(self, message: messages.Up) -> messages.Down:
        self._peer.send(encode(Frame(CHANNEL, messages.encode(message))))
        frame = decode_down(receive_packet(self._peer)[0])
        if not isinstance(frame, Frame):
            raise TypeError(f"the device answered {frame}")
        return messages.decode_down(frame.data)


def stock(asked: Asked, clips: int) -> list[int]:
    """Record clips with real headers and lines, a short film and an event with a thumbnail's bytes; return their numbers."""
    ledger, spool, now_utc = asked.ledger, asked.spool, asked.household.clock.utc()
    recipients = members(ledger.roster).recipients
    numbers = []
    for _ in range(clips):
        clip, descriptor = spool.begin()
        with os.fdopen(descriptor, "wb", 0) as out:
            writer = AgeWriter(out, recipients)
            header = writer.header_sha256
            ledger.note(
                ClipBegun(
                    at_utc=now_utc,
                    clip=clip,
                    trigger="motion",
                    header_sha256=header,
                    roster_seq=ledger.roster.seq,
                    left_out=(),
                )
            )
            writer.write(os.urandom(FILM_BYTES))
            writer.close()
        said = Statement(
            door=asked.household.door,
            clip=clip,
            state="sealed",
            begun_utc=now_utc,
            duration_ms=10_000,
            pre_roll_ms=2_000,
            triggers=(Trigger("motion", 2_000, "path", 120),),
            width_px=1280,
            height_px=720,
            fps=15,
            codec="avc1.42c01f",
            masks_sha256=None,
            roster_seq=ledger.roster.seq,
            header_sha256=header,
            ciphertext_sha256=writer.ciphertext_sha256,
            ciphertext_bytes=writer.ciphertext_bytes,
            plaintext_sha256=writer.plaintext_sha256,
            plaintext_bytes=writer.plaintext_bytes,
            thumbnail=os.urandom(THUMBNAIL_BYTES),
            heat=bytes(576),
        )
        spool.write_event(clip, ledger.seal_statement(said))
        spool.publish(clip, now_utc.date())
        ledger.note(
            ClipSealed(
                at_utc=now_utc,
                clip=clip,
                ciphertext_sha256=writer.ciphertext_sha256,
                ciphertext_bytes=writer.ciphertext_bytes,
                state="sealed",
            )
        )
        numbers.append(clip)
    return numbers
