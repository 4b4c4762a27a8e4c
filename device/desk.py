"""The desk: takes door messages, and answers what a reader of the household may have.

    message → parsed → command verified → ledger line durable → reply signed

The order is the promise: nothing that shows a picture leaves before the line that says so is on the disk. Whoever is not a
verified reader gets an unsigned error that tells nothing of the house, not even the head. A reader who is removed loses
everything with that very line: channels, tickets, live.

One thread.
"""

import logging

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.clock import Clock
from device.contract import commands, messages, replies
from device.contract.forms import UNREADABLE
from device.door.light import Light, LightError
from device.ledger import Ledger
from device.live import Live, Turn
from device.pages import MAX_SIGNED_BYTES
from device.sealing.fitness import unfit
from device.service import Service
from device.setting import Setting
from device.spending import Spending
from device.tickets import Channel
from device.trust.commands import CommandRefused, Verified, sign_reply, verify_command
from device.trust.errors import ChangeRefused
from device.trust.lines import DrillPassed, LiveBegan, LiveEnded, utc
from device.trust.members import check_fitness
from device.trust.nonces import Nonces
from device.trust.patience import Patience
from device.trust.signed import Context, sign
from device.watch import Watch

logger = logging.getLogger(__name__)


class Desk:
    """Answers door messages of all channels."""

    def __init__(
        self,
        ledger: Ledger,
        service: Service,
        spending: Spending,
        key: Ed25519PrivateKey,
        clock: Clock,
        light: Light,
        settings: Watch,
        authority: bytes | None = None,
    ) -> None:
        """Open the desk; ``authority`` is the certificate of the house's own, if it has one."""
        self._ledger = ledger
        self._service = service
        self._spending = spending
        self._key = key
        self._clock = clock
        self._light = light
        self._setting = Setting(ledger, clock, settings)
        self._authority = authority
        self._nonces = Nonces()
        self._patience = Patience()
        self._live = Live()
        self._watching: dict[Channel, bytes] = {}
        self._outbox: list[tuple[Channel, bytes]] = []
        # Kept here: whoever says hello must not have the recorder wait for the ledger's lock.
        self._born = ledger.lines(0, 1)[0][0]

    @property
    def live(self) -> Live:
        """Who watches, and what seals for them."""
        return self._live

    def answer(self, channel: Channel, data: bytes) -> bytes:
        """Return the door message that answers ``data`` on ``channel``."""
        try:
            message = messages.decode_up(data)
        except UNREADABLE:
            return messages.encode(
                messages.Error(None, "bad_message", "the door does not know this kind of message")
            )
        return messages.encode(self._answer(channel, message))

    def closed(self, channel: Channel) -> None:
        """Forget a channel, its tickets and its watching."""
        self._service.closed(channel)
        self._watching.pop(channel, None)
        try:
            self._end_live({channel})
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace

    def notices(self) -> list[tuple[Channel, bytes]]:
        """Return what waits to be told: live keys, and a notice of the present head for every channel that watches."""
        told, self._outbox = self._outbox, []
        if not self._watching:
            return told
        head = self._ledger.chain.head
        payload = messages.NoticePayload(
            self._ledger.roster.door, messages.Head(head.seq, head.hash), utc(self._clock.utc())
        )
        notice = messages.encode(messages.Notice(sign(self._key, Context.NOTICE, payload)))
        return [*told, *((channel, notice) for channel in self._watching)]

    def redeem(self, ticket: str, connection: int) -> tuple[int, int] | None:
        """Return descriptor and size of the clip that a ticket stands for; the caller closes it."""
        return self._service.redeem(ticket, connection, self._clock.monotonic_us())

    def _answer(self, channel: Channel, message: messages.Up) -> messages.Down:
        now_us = self._clock.monotonic_us()
        match message:
            case messages.Hello(id=number):
                return messages.HelloReply(number, self._born, self._nonces.mint(now_us))
            case messages.Command(id=number, signed=signed):
                try:
                    command = verify_command(signed, self._ledger.chain, self._nonces, now_us)
                    if isinstance(command.claim.body, commands.AskLedger):
                        # A line between these lines and the head that the reply promises would look withheld.
                        with self._ledger.still():
                            lines = self._service.lines(command.claim.body.from_)
                            return messages.Reply(number, self._signed_reply(signed, now_us, lines))
                    body = self._paid(channel, command, now_us)
                except CommandRefused as refusal:
                    if not refusal.to_reader:
                        return messages.Error(number, refusal.code, str(refusal))
                    body = replies.Refused(refusal.code, str(refusal))
                except ChangeRefused as refusal:
                    body = replies.Refused(refusal.code, str(refusal))
                except OSError as error:
                    body = replies.Refused(
                        "storage", f"the door could not write or read its card: {error.strerror}"
                    )
                return messages.Reply(number, self._signed_reply(signed, now_us, body))

    def _paid(self, channel: Channel, command: Verified, now_us: int) -> replies.ReplyBody:
        """Serve a command that was paid for; a refusal costs nothing."""
        self._spending.pay(command)
        try:
            body = self._serve(channel, command, now_us)
        except (CommandRefused, ChangeRefused):
            self._spending.give_back(command)
            raise
        if isinstance(body, replies.Refused):
            self._spending.give_back(command)
        return body

    def _signed_reply(self, signed: bytes, now_us: int, body: replies.ReplyBody) -> bytes:
        """Return the signed answer; one that no browser could check becomes a refusal that says so."""
        nonce, at_utc = self._nonces.mint(now_us), utc(self._clock.utc())
        reply = sign_reply(self._key, self._ledger.chain, signed, nonce, at_utc, body)
        if len(reply) <= MAX_SIGNED_BYTES:
            return reply
        logger.error("an answer of %d bytes to %s", len(reply), type(body).__name__)
        sentence = "the answer is longer than the door can sign; look at less of it at a time"
        refused = replies.Refused("storage", sentence)
        return sign_reply(self._key, self._ledger.chain, signed, nonce, at_utc, refused)

    def _serve(self, channel: Channel, command: Verified, now_us: int) -> replies.ReplyBody:
        reader = command.claim.reader
        match command.claim.body:
            case commands.ChangeHousehold():
                return self._change(command, now_us)
            case commands.AskHead():
                return replies.HeadBody()
            case commands.Watch():
                self._watching[channel] = reader
                return replies.Watching()
            case commands.Live():
                return self._watch_live(channel, reader)
            case commands.LiveEnd():
                self._end_live({channel})
                return replies.Noted()
            case commands.Drilled():
                self._ledger.note(DrillPassed(at_utc=utc(self._clock.utc()), reader=reader))
                return replies.Noted()
            case commands.AskSettings():
                return self._setting.body()
            case commands.Set(settings=settings):
                return self._setting.replace(settings, command.claim)
            case commands.AskAuthority():
                return replies.Authority(self._authority)
            case _:
                return self._look(channel, command, now_us)

    def _look(self, channel: Channel, command: Verified, now_us: int) -> replies.ReplyBody:
        service, reader = self._service, command.claim.reader
        match command.claim.body:
            case commands.AskEpochs(from_=start):
                return service.epochs(start)
            case commands.AskDays(before=before):
                return service.days(before)
            case commands.AskDay(day=day, after=after):
                return service.day(day, after, reader)
            case commands.AskClip(clip=clip):
                return service.clip(clip, channel, reader, now_us, export=False)
            case commands.Export(clip=clip):
                return service.clip(clip, channel, reader, now_us, export=True)
            case commands.AskHeaders(clips=clips):
                return service.headers(clips)
            case commands.Grant() as grant:
                return service.grant(grant, reader)
            case commands.AskGrants(from_=start):
                return service.grants(reader, start)
            case body:
                raise RuntimeError(f"nobody serves {type(body).__name__}")

    def _change(self, command: Verified, now_us: int) -> replies.ReplyBody:
        change, before, after = command.change, self._ledger.roster, command.after
        if change is None:
            raise RuntimeError("a change was verified without one")
        check_fitness(before, after)
        self._patience.check(change, before, after, now_us)
        seq = self._ledger.change(change)
        self._patience.note(change, before, after, now_us)
        for reader in before.readers:
            if after.reader(reader.sign) is None:
                self._part_from(reader.sign)
        return replies.Changed(seq)

    def _part_from(self, reader: bytes) -> None:
        """Take from a removed reader what it still has: notices, tickets, live, grants."""
        self._watching = {
            channel: watcher for channel, watcher in self._watching.items() if watcher != reader
        }
        self._spending.forget(reader)
        try:
            self._service.forget(reader)
        finally:
            self._end_live(self._live.channels_of(reader))  # it writes lines, which a full disk refuses: last

    def _watch_live(self, channel: Channel, reader: bytes) -> replies.ReplyBody:
        """The light, then the line, then the key: nobody watches in silence."""
        viewer = self._ledger.roster.reader(reader)
        if viewer is None or unfit(viewer.recipient):
            return replies.Refused("not_allowed", "nothing can be sealed to this reader's key: join anew")
        if not self._live.watches(channel):
            try:
                self._light.switch(on=True)
            except LightError as error:
                return replies.Refused("not_allowed", f"the door's light does not work: {error}")
            self._ledger.note(LiveBegan(at_utc=utc(self._clock.utc()), reader=reader))
        turn = self._live.join(channel, reader, self._ledger.roster)
        self._tell_key(turn, but=channel)
        return replies.LiveBegan(turn.kid, turn.file)

    def _end_live(self, channels: set[Channel]) -> None:
        gone, turn = self._live.leave(channels, self._ledger.roster)
        if turn is not None:
            self._tell_key(turn)
        try:
            if gone and not self._live.is_on:
                self._light.switch(on=False)
        finally:
            for reader in gone:
                self._ledger.note(LiveEnded(at_utc=utc(self._clock.utc()), reader=reader))

    def _tell_key(self, turn: Turn, but: Channel | None = None) -> None:
        payload = messages.LiveKeyPayload(self._ledger.roster.door, turn.kid, turn.file)
        told = messages.encode(messages.LiveKey(sign(self._key, Context.LIVE, payload)))
        self._outbox += [(channel, told) for channel in turn.viewers if channel != but]
