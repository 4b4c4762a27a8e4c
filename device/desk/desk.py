"""The desk: takes door messages, and answers what a reader of the household may have.

    message → parsed → command verified → ledger line durable → reply signed

The order is the promise: nothing that shows a picture leaves before the line that says so is on the disk. Whoever is not a
verified reader gets an unsigned error that tells nothing of the house, not even the head. A reader who is removed loses
everything with that very line: channels, tickets, live.

One thread.
"""

import logging
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.allowance.spending import Spending
from device.clock import Clock
from device.contract import commands, messages, replies
from device.contract.forms import UNREADABLE
from device.contract.pages import MAX_SIGNED_BYTES
from device.desk.bell import Bell, Press
from device.desk.farewells import Farewells
from device.desk.live import Live
from device.desk.looks import Service
from device.desk.talking import Talking
from device.desk.tickets import Channel
from device.desk.viewing import Viewing
from device.door.light import Light
from device.door.voice import Voice
from device.ledger import Ledger
from device.trust.commands import CommandRefused, Verified, sign_reply, verify_command
from device.trust.condition import Condition
from device.trust.errors import ChangeRefused
from device.trust.lines import Answered, DrillPassed, utc
from device.trust.members import check_fitness
from device.trust.nonces import Nonces
from device.trust.patience import Patience
from device.trust.signed import Context, sign
from device.watch.conditions import Conditions
from device.watch.setting import Setting
from device.watch.watch import Watch

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
        met: Callable[[], tuple[Condition, ...]],
        authority: bytes | None = None,
        voice: Voice | None = None,
        listens: str = "",
    ) -> None:
        """Open the desk.

        Args:
            ledger: the household's record.
            service: what readers look at.
            spending: who asks pays first.
            key: the device's.
            clock: the device's.
            light: on before anybody watches.
            settings: what the household wants watched.
            met: what keeps the door from seeing, recording or being heard now; any thread may call it.
            authority: the certificate of the house's own, if it has one.
            voice: to the loudspeaker, if there is one.
            listens: the microphone, if there is one.
        """
        self._ledger = ledger
        self._service = service
        self._spending = spending
        self._key = key
        self._clock = clock
        self._setting = Setting(ledger, clock, settings)
        self._conditions = Conditions(ledger, self._setting, met)
        self._bell = Bell(ledger, lambda: settings.current.privacy)
        self._authority = authority
        self._listens = bool(listens)
        self._nonces = Nonces()
        self._patience = Patience()
        self._viewing = Viewing(ledger, key, clock, light)
        self._talking = Talking(ledger, clock, voice, lambda: settings.current)
        self._farewells = Farewells(key)
        self._watching: dict[Channel, bytes] = {}
        self._outbox: list[tuple[Channel, bytes]] = []
        # Kept here: whoever says hello must not have the recorder wait for the ledger's lock.
        self._born = ledger.lines(0, 1)[0][0]

    @property
    def live(self) -> Live:
        """Who watches, and what seals for them."""
        return self._viewing.live

    def answer(self, channel: Channel, data: bytes) -> bytes:
        """Return the door message that answers ``data`` on ``channel``."""
        try:
            message = messages.decode_up(data)
        except UNREADABLE:
            sentence = "the door does not know this kind of message"
            return messages.encode(messages.Error(None, "bad_message", sentence))
        return messages.encode(self._answer(channel, message))

    def closed(self, channel: Channel) -> None:
        """Forget a channel, its tickets and its watching."""
        self._service.closed(channel)
        self._watching.pop(channel, None)
        for end in (self._talking.end, self._viewing.end):
            try:
                end({channel})
            except OSError as error:
                logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace

    def hear(self, channel: Channel, frame: bytes) -> None:
        """Take a sealed moment of somebody's voice on a channel."""
        try:
            self._talking.hear(channel, frame)
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace

    def pass_time(self) -> None:
        """End what goes on for too long; to be called about once a second."""
        try:
            self._talking.pass_time()
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace

    def notices(self) -> list[tuple[Channel, bytes]]:
        """Return what waits to be told: live keys, and a notice of the present head for every channel that watches."""
        told = self.turned()
        if not self._watching:
            return told
        head = self._ledger.chain.head
        told_utc, newest = utc(self._clock.utc()), messages.Head(head.seq, head.hash)
        payload = messages.NoticePayload(self._ledger.roster.door, newest, told_utc)
        notice = messages.encode(messages.Notice(sign(self._key, Context.NOTICE, payload)))
        return [*told, *((channel, notice) for channel in self._watching)]

    def turned(self) -> list[tuple[Channel, bytes]]:
        """Return the live keys that wait to be told, before what is sealed under them; with the light, live has ended."""
        self._viewing.check_light()
        told, self._outbox = [*self._outbox, *self._viewing.turned()], []
        return told

    def ring(self, press: Press) -> list[tuple[Channel, bytes]] | None:
        """Return what tells of a press, for every channel that watches; its line is durable. None: it is the ring before."""
        now_us = self._clock.monotonic_us()
        if self._bell.is_same_ring(now_us):
            return None
        told = self._bell.ring(press, now_us)
        return [] if told is None else [(channel, told) for channel in self._watching]

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
                    if refusal.former is not None:
                        return messages.Farewell(
                            number, self._farewells.to(refusal.former, self._ledger.roster)
                        )
                    if refusal.waits is not None and self._patience.is_alive(refusal.waits, now_us):
                        return messages.Error(number, "waiting", "nobody has let this one in yet")
                    if not refusal.to_reader:
                        return messages.Error(number, refusal.code, str(refusal))
                    body = replies.Refused(refusal.code, str(refusal))
                except ChangeRefused as refusal:
                    body = replies.Refused(refusal.code, str(refusal))
                except OSError as error:
                    sentence = f"the door could not write or read its card: {error.strerror}"
                    body = replies.Refused("storage", sentence)
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
        refused = replies.Refused("storage", "the answer is too long to sign; look at less of it at a time")
        return sign_reply(self._key, self._ledger.chain, signed, nonce, at_utc, refused)

    def _serve(self, channel: Channel, command: Verified, now_us: int) -> replies.ReplyBody:
        reader = command.claim.reader
        match command.claim.body:
            case commands.ChangeHousehold():
                return self._change(command, now_us)
            case commands.AskHead():
                return replies.HeadBody(self._conditions.sealed())
            case commands.Watch():
                self._watching[channel] = reader
                return replies.Watching(self._talking.speaks, self._listens)
            case commands.Live() | commands.LiveEnd() | commands.Talk() | commands.TalkEnd() as body:
                return self._at_the_door(channel, reader, body)
            case commands.Drilled() | commands.Answer():
                return self._take_word(command.claim.body, reader)
            case commands.AskSettings():
                return self._setting.body()
            case commands.Set(settings=settings):
                return self._setting.replace(settings, command.claim)
            case commands.AskAuthority():
                return replies.Authority(self._authority)
            case _:
                return self._service.answer(command.claim.body, channel, reader, now_us)

    def _at_the_door(
        self,
        channel: Channel,
        reader: bytes,
        body: commands.Live | commands.LiveEnd | commands.Talk | commands.TalkEnd,
    ) -> replies.ReplyBody:
        """Begin or end what happens at this moment: to see, and to be heard."""
        match body:
            case commands.Live():
                return self._viewing.begin(channel, reader)
            case commands.Talk(recorded=recorded):
                return self._talking.begin(channel, reader, recorded=recorded)
            case commands.LiveEnd():
                self._viewing.end({channel})
            case commands.TalkEnd(kid=kid):
                self._talking.end({channel}, kid)
        return replies.Noted()

    def _take_word(self, body: commands.Drilled | commands.Answer, reader: bytes) -> replies.ReplyBody:
        """Write down what a reader says; which line was a ring is sealed for the device too, and read by the household."""
        at_utc = utc(self._clock.utc())
        if isinstance(body, commands.Drilled):
            self._ledger.note(DrillPassed(at_utc=at_utc, reader=reader))
            return replies.Noted()
        if body.ring >= len(self._ledger.chain):
            return replies.Refused("no_such_ring", "there was no such ring")
        self._ledger.note(Answered(at_utc=at_utc, ring=body.ring, reader=reader))
        return replies.Noted()

    def _change(self, command: Verified, now_us: int) -> replies.ReplyBody:
        change, before, after = command.change, self._ledger.roster, command.after
        if change is None:
            raise RuntimeError("a change was verified without one")
        check_fitness(before, after)
        self._patience.check(change, before, after, now_us)
        seq = self._ledger.change(change)
        self._patience.note(change, before, after, now_us)
        for gone in after.removals.keys() - before.removals.keys():
            self._part_from(gone)
        return replies.Changed(seq)

    def _part_from(self, reader: bytes) -> None:
        """Tell whoever was removed or turned away, and take from it what it still has: notices, tickets, live, grants."""
        self._farewells.note(reader, self._ledger.roster, self._clock.utc())
        told = messages.encode(messages.Farewell(None, self._farewells.to(reader, self._ledger.roster)))
        self._outbox += [(channel, told) for channel, watcher in self._watching.items() if watcher == reader]
        self._watching = {
            channel: watcher for channel, watcher in self._watching.items() if watcher != reader
        }
        self._spending.forget(reader)
        try:
            self._service.forget(reader)
        finally:
            # They write lines, which a full disk refuses: last.
            try:
                self._talking.silence(reader)
            finally:
                self._viewing.end(self.live.channels_of(reader))
