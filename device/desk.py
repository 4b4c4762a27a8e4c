"""The desk: takes door messages, and answers what a reader of the household may have.

    message → parsed → command verified → ledger line durable → reply signed

The order is the promise: nothing that shows a picture leaves before the line that says so is on the disk. Whoever is not a
verified reader gets an unsigned error that tells nothing of the house, not even the head.

One thread at a time.
"""

from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.clock import Clock
from device.contract import messages
from device.contract.messages import (
    Admit,
    Admitted,
    AskClip,
    AskDay,
    AskDays,
    AskEpochs,
    AskHead,
    AskLedger,
    Command,
    CommandPayload,
    Down,
    Hello,
    HelloReply,
    ReplyBody,
    Watch,
)
from device.ledger import Ledger
from device.sealing.errors import SealError
from device.sealing.recipients import parse_recipient
from device.spool import BEGUN, EVENT, Spool
from device.tickets import Channel, Tickets
from device.trust.commands import CommandRefused, sign_reply, verify_command
from device.trust.lines import Admission, ClipHandedOut, DayListed, utc
from device.trust.nonces import Nonces
from device.trust.signed import Context, payload_of, sign

# Sealed bytes in one reply: they are base64 twice over (reply, then door message) and must stay below 131,072.
PAGE_BYTES: Final = 49_152


class Desk:
    """Answers door messages of all channels."""

    def __init__(self, ledger: Ledger, spool: Spool, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._ledger = ledger
        self._spool = spool
        self._key = key
        self._clock = clock
        self._nonces = Nonces()
        self._tickets = Tickets()
        self._watching: set[Channel] = set()

    def answer(self, channel: Channel, data: bytes) -> bytes:
        """Return the door message that answers ``data`` on ``channel``."""
        try:
            message = messages.decode_up(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return messages.encode(
                messages.Error(None, "bad_message", "the door does not know this kind of message")
            )
        return messages.encode(self._answer(channel, message))

    def closed(self, channel: Channel) -> None:
        """Forget a channel, its tickets and its watching."""
        self._tickets.forget(channel)
        self._watching.discard(channel)

    def notices(self) -> list[tuple[Channel, bytes]]:
        """Return a notice of the present head for every channel that watches."""
        if not self._watching:
            return []
        head = self._ledger.chain.head
        payload = messages.NoticePayload(
            self._ledger.roster.door, messages.Head(head.seq, head.hash), utc(self._clock.utc())
        )
        notice = messages.encode(messages.Notice(sign(self._key, Context.NOTICE, payload)))
        return [(channel, notice) for channel in self._watching]

    def redeem(self, ticket: str, connection: int) -> tuple[int, int] | None:
        """Return descriptor and size of the clip that a ticket stands for; the caller closes it."""
        clip = self._tickets.clip(ticket, connection, self._clock.monotonic_us())
        return None if clip is None else self._spool.open_clip(clip)

    def _answer(self, channel: Channel, message: messages.Up) -> Down:
        now_us = self._clock.monotonic_us()
        match message:
            case Hello(id=number):
                born, _ = self._ledger.lines(0, 1)
                return HelloReply(number, born[0], self._nonces.mint(now_us))
            case Command(id=number, signed=signed):
                try:
                    claim = verify_command(signed, self._ledger.chain, self._nonces, now_us)
                except CommandRefused as refusal:
                    if refusal.code != "unknown_head":
                        return messages.Error(number, refusal.code, str(refusal))
                    body: ReplyBody = messages.Refused(refusal.code, str(refusal))
                else:
                    body = self._serve(channel, claim, now_us)
                signed_reply = sign_reply(
                    self._key,
                    self._ledger.chain,
                    signed,
                    self._nonces.mint(now_us),
                    utc(self._clock.utc()),
                    body,
                )
                return messages.Reply(number, signed_reply)

    def _serve(self, channel: Channel, command: CommandPayload, now_us: int) -> ReplyBody:
        try:
            match command.body:
                case Admit(admission=admission):
                    return self._admit(admission)
                case AskHead():
                    return messages.HeadBody()
                case Watch():
                    self._watching.add(channel)
                    return messages.Watching()
                case AskLedger(from_=start):
                    lines, more = self._ledger.lines(start, PAGE_BYTES)
                    return messages.Lines(from_=start, lines=lines, more=more)
                case AskEpochs(from_=start):
                    return self._epochs(start)
                case AskDays():
                    return messages.Days([messages.DayCount(day, clips) for day, clips in self._spool.days()])
                case AskDay(day=day, after=after):
                    return self._day(day, after, command.reader)
                case AskClip(clip=clip):
                    return self._hand_out(clip, channel, command.reader, now_us)
        except OSError as error:
            return messages.Refused("storage", f"the door could not write or read its card: {error.strerror}")

    def _admit(self, admission: bytes) -> ReplyBody:
        try:
            parse_recipient(payload_of(admission, Admission).reader.recipient)
        except SealError as error:
            # An unfit recipient on the roster would make every later clip fail to seal.
            return messages.Refused("bad_admission", f"the new reader's recipient is unfit: {error}")
        return Admitted(self._ledger.add_reader(admission))

    def _epochs(self, start: int) -> ReplyBody:
        files: list[messages.EpochFile] = []
        size_bytes = 0
        last = self._ledger.chain.epoch
        for epoch in range(max(start, 1), last + 1):
            data = self._ledger.epoch_file(epoch) or b""
            if files and size_bytes + len(data) > PAGE_BYTES:
                return messages.Epochs(files, more=True)
            files.append(messages.EpochFile(epoch, data))
            size_bytes += len(data)
        return messages.Epochs(files, more=False)

    def _day(self, day: str, after: int, reader: bytes) -> ReplyBody:
        now_utc = utc(self._clock.utc())
        clips = self._spool.clips(day)
        if day == now_utc.date().isoformat():
            clips = sorted({*clips, *self._spool.unfinished()})
        events: list[messages.SealedEvent] = []
        size_bytes = 0
        more = False
        for clip in (number for number in clips if number > after):
            event, begun = self._spool.sealed(clip, EVENT), self._spool.sealed(clip, BEGUN)
            size_bytes += len(event or b"") + len(begun or b"")
            if events and size_bytes > PAGE_BYTES:
                more = True
                break
            events.append(messages.SealedEvent(clip, event, begun))
        self._ledger.note(DayListed(at_utc=now_utc, day=day, after=after, reader=reader))
        return messages.DayEvents(day, events, more)

    def _hand_out(self, clip: int, channel: Channel, reader: bytes, now_us: int) -> ReplyBody:
        opened = self._spool.size_bytes(clip)
        if opened is None:
            running = clip in self._spool.unfinished()
            sentence = (
                "this clip is still being recorded" if running else "there is no such clip, or it gave way"
            )
            return messages.Refused("not_ready" if running else "no_such_clip", sentence)
        self._ledger.note(ClipHandedOut(at_utc=utc(self._clock.utc()), clip=clip, reader=reader))
        return messages.Ticket(self._tickets.issue(clip, channel, now_us), opened, messages.TICKET_S)
