"""Who is heard at the door, as the household may: the line, then the key; and the line of its end, which says how long.

A talk's key is drawn here and sealed to whoever asked, so that nobody else makes a sound. Each frame is a moment of ``FRAME_US``,
and its counter says which, from the beginning on: one that comes again, behind a later one, or later than a person would wait
is left out. Nobody who carries them can have a word said at another time.

One at a time; what goes on for too long, or says nothing, ends by itself.

Source: docs/FORMAT.md, "Talk".
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from device.clock import Clock
from device.contract import replies
from device.contract.settings import Settings
from device.desk.live import KEY_BYTES, LiveKey
from device.desk.tickets import Channel
from device.door.voice import FRAME_BYTES, FRAME_US, Voice
from device.ledger import Ledger
from device.sealing.age import seal
from device.sealing.errors import SealError
from device.sealing.fitness import unfit
from device.sealing.recipients import parse_recipient
from device.sealing.sframe import Key, open_
from device.sealing.sframe_header import decode_header
from device.trust.lines import TalkBegan, TalkEnded, utc

METADATA: Final = b"doorward/v1/talk\n"
MAX_TALK_US: Final = 60_000_000
IDLE_US: Final = 3_000_000
LATE_US: Final = 2_000_000


@dataclass(slots=True)
class _Talk:
    channel: Channel
    reader: bytes
    key: Key
    since_us: int
    heard_us: int
    last: int = -1


class Talking:
    """The one who is heard. One thread."""

    def __init__(
        self, ledger: Ledger, clock: Clock, voice: Voice | None, settings: Callable[[], Settings]
    ) -> None:
        """Begin in silence.

        Args:
            ledger: the household's record.
            clock: the device's.
            voice: to the loudspeaker, if there is one.
            settings: what the household wants, at any moment.
        """
        self._ledger = ledger
        self._clock = clock
        self._voice = voice
        self._settings = settings
        self._kid = 0
        self._talk: _Talk | None = None

    @property
    def speaks(self) -> bool:
        """Whether the door has a loudspeaker; what is wrong with it the conditions say."""
        return self._voice is not None

    def begin(self, channel: Channel, reader: bytes, *, recorded: bool) -> replies.ReplyBody:
        """Return the talk key, or why there is none; the line comes before it.

        Raises:
            OSError: the disk refused the line.
        """
        self.pass_time()
        speaker = self._ledger.roster.reader(reader)
        if speaker is None or unfit(speaker.recipient):
            return replies.Refused("not_allowed", "nothing can be sealed to this reader's key: join anew")
        if self._voice is None:
            return replies.Refused("not_allowed", "the door has no loudspeaker")
        if reader in self._settings().silent:
            return replies.Refused("not_allowed", "the household wants you not to speak at the door")
        if self._voice.trouble:
            return replies.Refused(
                "not_ready", f"the door's loudspeaker does not work: {self._voice.trouble}"
            )
        if self._talk is not None and self._talk.channel != channel:
            return replies.Refused("busy", "somebody else talks at the door just now")
        self.end({channel})
        self._ledger.note(TalkBegan(at_utc=utc(self._clock.utc()), reader=reader, recorded=recorded))
        now_us = self._clock.monotonic_us()
        self._kid += 1
        key = os.urandom(KEY_BYTES)
        file = seal(msgspec.json.encode(LiveKey(self._kid, key)), [parse_recipient(speaker.recipient)])
        self._talk = _Talk(channel, reader, Key(self._kid, key), now_us, now_us)
        self._voice.begin()
        return replies.TalkBegan(self._kid, file)

    def hear(self, channel: Channel, frame: bytes) -> None:
        """Take a moment of a voice to the loudspeaker; what is none, or comes at a wrong time, is left out."""
        self.pass_time()
        talk, now_us = self._talk, self._clock.monotonic_us()
        if talk is None or self._voice is None or talk.channel != channel:
            return
        try:
            counter = decode_header(frame).counter
            if counter <= talk.last or not self._is_timely(talk, counter, now_us):
                return
            sound = open_(talk.key, frame, METADATA)
        except SealError:
            return
        if len(sound) != FRAME_BYTES:
            return
        talk.last, talk.heard_us = counter, now_us
        self._voice.add(sound)

    def end(self, channels: set[Channel], kid: int | None = None) -> None:
        """End what is said on these channels, with its line; with a ``kid``, if it is that talk.

        Raises:
            OSError: the disk refused the line; nobody is heard all the same.
        """
        talk = self._talk
        if talk is None or talk.channel not in channels or kid not in (None, talk.key.kid):
            return
        self._talk = None
        if self._voice is not None:
            self._voice.end()
        talked_s = math.ceil((self._clock.monotonic_us() - talk.since_us) / 1e6)
        self._ledger.note(
            TalkEnded(at_utc=utc(self._clock.utc()), reader=talk.reader, talked_s=max(1, talked_s))
        )

    def silence(self, reader: bytes) -> None:
        """End what a reader says.

        Raises:
            OSError: as for ``end``.
        """
        if self._talk is not None and self._talk.reader == reader:
            self.end({self._talk.channel})

    def pass_time(self) -> None:
        """End what went on for too long, fell silent, is heard by nobody, or may be heard no longer.

        Raises:
            OSError: as for ``end``.
        """
        talk, now_us = self._talk, self._clock.monotonic_us()
        if talk is None:
            return
        is_over = now_us - talk.since_us >= MAX_TALK_US or now_us - talk.heard_us >= IDLE_US
        is_heard = self._voice is not None and not self._voice.trouble
        if is_over or not is_heard or talk.reader in self._settings().silent:
            self.end({talk.channel})

    @staticmethod
    def _is_timely(talk: _Talk, counter: int, now_us: int) -> bool:
        """Whether a frame comes while it is meant: not before it was spoken, and not after a person would wait for it."""
        late_us = now_us - talk.since_us - counter * FRAME_US
        return -LATE_US <= late_us <= LATE_US
