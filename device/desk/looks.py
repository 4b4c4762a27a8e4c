"""What a verified reader may look at: lines, epochs, days, clips, headers, grants; and how the door is.

    a look is on the ledger, durably, before its answer exists

One command gives one clip. There is none that gives more. A clip can be watched while it is recorded, but not be exported.

One thread.
"""

import os

from device.clock import Clock
from device.contract import commands, replies
from device.contract.pages import LINES_BYTES, Page
from device.desk.tickets import Channel, Tickets
from device.disk.grants import Grants
from device.disk.spool import BEGUN, EVENT, Spool
from device.health.checkup import Checkup
from device.ledger import Ledger
from device.sealing.errors import SealError
from device.sealing.header import read_header
from device.trust.lines import ClipExported, ClipHandedOut, DayListed, Granted, PrivateBody, utc


class Service:
    """Answers looks."""

    def __init__(
        self, ledger: Ledger, spool: Spool, grants: Grants, clock: Clock, checkup: Checkup | None = None
    ) -> None:
        """Begin; ``checkup`` tells how the door is, None where nobody looks at that."""
        self._ledger = ledger
        self._spool = spool
        self._grants = grants
        self._clock = clock
        self._checkup = checkup
        self._tickets = Tickets()

    def answer(
        self, body: commands.CommandBody, channel: Channel, reader: bytes, now_us: int
    ) -> replies.ReplyBody:
        """Return what a reader may see.

        Raises:
            OSError: the disk refused the line that says so, or could not be read.
        """
        match body:
            case commands.AskEpochs(from_=start):
                return self.epochs(start)
            case commands.AskDays(before=before):
                return self.days(before)
            case commands.AskDay(day=day, after=after):
                return self.day(day, after, reader)
            case commands.AskClip(clip=clip):
                return self.clip(clip, channel, reader, now_us, export=False)
            case commands.Export(clip=clip):
                return self.clip(clip, channel, reader, now_us, export=True)
            case commands.AskHeaders(clips=clips):
                return self.headers(clips)
            case commands.Grant() as grant:
                return self.grant(grant, reader)
            case commands.AskGrants(from_=start):
                return self.grants(reader, start)
            case commands.AskHealth() | commands.AskSelfTest() | commands.TellTime():
                return self.health(body, reader)
            case _:
                raise RuntimeError(f"nobody serves {type(body).__name__}")

    def health(
        self, body: commands.AskHealth | commands.AskSelfTest | commands.TellTime, reader: bytes
    ) -> replies.ReplyBody:
        """Return how the door is, or a piece of the film by which a reader finds out whether it opens what is sealed.

        Raises:
            OSError: the disk refused the line that has the reader's time.
        """
        match body:
            case commands.AskHealth(opened=opened):
                return replies.HealthBody(None if self._checkup is None else self._checkup.sealed(opened))
            case commands.AskSelfTest(from_=start):
                piece, more = (b"", False) if self._checkup is None else self._checkup.piece(start)
                return replies.SelfTestPiece(from_=start, piece=piece, more=more)
            case commands.TellTime(at_utc=at_utc):
                if self._checkup is not None:
                    self._checkup.tell_time(reader, at_utc)
                return replies.Noted()

    def lines(self, start: int) -> replies.ReplyBody:
        """Return ledger lines."""
        lines, more = self._ledger.lines(start, LINES_BYTES)
        return replies.Lines(from_=start, lines=lines, more=more)

    def epochs(self, start: int) -> replies.ReplyBody:
        """Return epoch files."""
        files: list[replies.EpochFile] = []
        page = Page()
        last = self._ledger.chain.epoch
        for epoch in range(max(start, 1), last + 1):
            data = self._ledger.epoch_file(epoch) or b""
            if not page.takes(data):
                return replies.Epochs(files, more=True)
            files.append(replies.EpochFile(epoch, data))
        return replies.Epochs(files, more=False)

    def days(self, before: str | None) -> replies.ReplyBody:
        """Return which days hold clips, the newest first, from the last one before ``before`` on."""
        found: list[replies.DayCount] = []
        page = Page()
        for day, clips in self._spool.days():
            if before is not None and day >= before:
                continue
            if not page.takes():
                return replies.Days(found, more=True)
            found.append(replies.DayCount(day, clips))
        return replies.Days(found, more=False)

    def day(self, day: str, after: int, reader: bytes) -> replies.ReplyBody:
        """Return a page of a day's events, its line written."""
        now_utc = utc(self._clock.utc())
        clips = self._spool.clips(day)
        if day == now_utc.date().isoformat():
            clips = sorted({*clips, *self._spool.unfinished()})
        events: list[replies.SealedEvent] = []
        page = Page()
        more = False
        for clip in (number for number in clips if number > after):
            event, begun = self._spool.sealed(clip, EVENT), self._spool.sealed(clip, BEGUN)
            if not page.takes(event, begun):
                if more := bool(events):
                    break
                begun = None  # both are as long as may be: beside a whole event it says nothing new
                page.takes(event)
            events.append(replies.SealedEvent(clip, event, begun))
        self._ledger.note(DayListed(at_utc=now_utc, day=day, after=after, reader=reader))
        return replies.DayEvents(day, events, more)

    def clip(
        self, clip: int, channel: Channel, reader: bytes, now_us: int, *, export: bool
    ) -> replies.ReplyBody:
        """Return a ticket for one clip, its line written; a running one gives what there is of it at each fetch."""
        size_bytes = self._spool.size_bytes(clip, running=not export)
        if size_bytes is None:
            running = clip in self._spool.unfinished()
            sentence = (
                "this clip is still being recorded" if running else "there is no such clip, or it gave way"
            )
            return replies.Refused("not_ready" if running else "no_such_clip", sentence)
        at_utc = utc(self._clock.utc())
        line: PrivateBody = (
            ClipExported(at_utc=at_utc, clip=clip, reader=reader)
            if export
            else ClipHandedOut(at_utc=at_utc, clip=clip, reader=reader)
        )
        self._ledger.note(line)
        return replies.Ticket(
            self._tickets.issue(clip, channel, reader, now_us), size_bytes, replies.TICKET_S
        )

    def redeem(self, ticket: str, connection: int, now_us: int) -> tuple[int, int] | None:
        """Return descriptor and size of the clip that a ticket stands for; the caller closes it."""
        clip = self._tickets.clip(ticket, connection, now_us)
        return None if clip is None else self._spool.open_clip(clip, running=True)

    def closed(self, channel: Channel) -> None:
        """Drop the tickets of a channel."""
        self._tickets.forget(channel)

    def headers(self, clips: list[int]) -> replies.ReplyBody:
        """Return headers of finished clips, as many as fit."""
        found: list[replies.ClipHeader] = []
        page = Page()
        for clip in clips:
            header = self._header(clip)
            if header is None:
                continue
            if not page.takes(header):
                break
            found.append(replies.ClipHeader(clip, header))
        return replies.Headers(found)

    def grant(self, grant: commands.Grant, reader: bytes) -> replies.ReplyBody:
        """Keep a grant for another reader, its line written."""
        if self._ledger.roster.reader(grant.to) is None:
            return replies.Refused("no_such_reader", "who should get this does not belong to the household")
        line = Granted(at_utc=utc(self._clock.utc()), clips=grant.clips, reader=reader, to=grant.to)
        self._ledger.note(line)
        return replies.Granted(self._grants.add(grant.to, grant.file))

    def grants(self, reader: bytes, start: int) -> replies.ReplyBody:
        """Return the grants for the reader who asks."""
        found, more = self._grants.read(reader, start, Page())
        return replies.Grants([replies.GrantFile(number, file) for number, file in found], more)

    def forget(self, reader: bytes) -> None:
        """Take tickets and grants from a reader who was removed.

        Raises:
            OSError: a grant stays; it opens for nobody else.
        """
        self._tickets.forget_reader(reader)
        self._grants.forget(reader)

    def _header(self, clip: int) -> bytes | None:
        opened = self._spool.open_clip(clip)
        if opened is None:
            return None
        with os.fdopen(opened[0], "rb") as file:
            try:
                header = read_header(file)
            except SealError:
                return None
        return header.raw + header.payload_nonce
