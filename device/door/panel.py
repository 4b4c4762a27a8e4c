"""What is mounted at the door, in one loop: button, chime with its relay, loudspeaker, and the socket for whoever is at the Pi.

    edges ─┐                          ┌─▶ pages and the record (``press``)
    socket ┴─▶ ring, at its own time ─┴─▶ chime, unless the household wants it silent
    a bell that is a camera's (``rang``) ─▶ chime
    a voice ─▶ loudspeaker; on a sound card that both have, the chime gives way to it

Each part can be missing, be another's or break: that is a sentence in the journal and a condition on the page, and the others go
on. Nothing here waits for a recorder or a disk, so that a relay is let go in time.

``attend`` belongs to one thread; ``rang``, ``wake``, ``conditions`` and ``ails`` to any.
"""

import logging
import os
import select
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from device.clock import Clock
from device.contract.local import Ail, Answer, AskHealth, Health, Question, Rung, SelfTest
from device.contract.settings import Settings
from device.door.errors import DoorError
from device.door.local import Local
from device.door.push import Push
from device.door.sounder import Sounder
from device.door.speech import Speech
from device.trust.condition import Condition
from device.trust.lines import utc
from device.watch.attention import is_heard

IDLE_US: Final = 3_600_000_000
MOST_SAID: Final = 200
"""Letters of a trouble that whoever is at the Pi is told: all of them fit into one answer."""

Part = Literal["button", "chime", "loudspeaker"]

logger = logging.getLogger(__name__)


class Panel:
    """Button, chime, loudspeaker and socket of one door."""

    def __init__(
        self,
        push: Push | None,
        sounder: Sounder | None,
        speech: Speech | None,
        local: Path,
        clock: Clock,
        settings: Callable[[], Settings],
        press: Callable[[int], None],
        met: Callable[[], tuple[Condition, ...]],
        tested: Callable[[], SelfTest | None] = lambda: None,
    ) -> None:
        """Mount what there is.

        Args:
            push: the button, if there is one.
            sounder: the chime, if there is one.
            speech: the loudspeaker, if there is one.
            local: where whoever is at the Pi asks.
            clock: the device's.
            settings: what the household wants, at any moment.
            press: takes the time of a press, in CLOCK_MONOTONIC µs; it must not block.
            met: what the recorder meets, for whoever asks at the Pi; it must not block either.
            tested: how the last self-test was, in the same way.
        """
        self._push = push
        self._sounder = sounder
        self._speech = speech
        self._clock = clock
        self._settings = settings
        self._press = press
        self._met = met
        self._tested = tested
        self._troubles: dict[Part, tuple[datetime, str]] = {}
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._local: Local | None = None
        try:
            self._local = Local(local, self._answer)
        except DoorError as error:
            logger.error("nobody at the Pi can ring: %s; %s", error, error.hint)  # noqa: TRY400 - a sentence, not a trace
        self._tell()

    def rang(self) -> None:
        """Sound the chime for a press that was not the panel's; any thread."""
        os.eventfd_write(self._bell, 1)

    def wake(self) -> None:
        """Have ``attend`` return; any thread."""
        os.eventfd_write(self._wake, 1)

    def conditions(self) -> tuple[Condition, ...]:
        """Return what of it does not work at this moment; any thread."""
        return tuple(Condition(part, utc(since_utc)) for part, (since_utc, _) in list(self._troubles.items()))

    def attend(self, most_us: int = IDLE_US) -> None:
        """Wait until something happens or is due, ``most_us`` at the longest, and do what follows."""
        parts = [part for part in (self._push, self._sounder, self._speech) if part is not None]
        due_us = min((part.due_us for part in parts if part.due_us is not None), default=None)
        wait_us = most_us if due_us is None else min(most_us, max(0, due_us - self._clock.monotonic_us()))
        poll = select.poll()
        for descriptor in self._descriptors():
            poll.register(descriptor, select.POLLIN)
        if self._speech is not None and (room := self._speech.room) is not None:
            poll.register(room, select.POLLOUT)
        # Rounded up: what is woken a moment too early would spin until it is due.
        poll.poll(-(-wait_us // 1000))
        self._drain(self._wake)
        if self._push is not None:
            for at_us in self._push.attend(self._clock.monotonic_us()):
                self._ring(at_us)
        if self._local is not None:
            self._local.attend()
        if self._drain(self._bell):
            self._sound()
        if self._sounder is not None:
            self._sounder.attend(self._clock.monotonic_us())
        if self._speech is not None:
            if self._is_taken and self._sounder is not None:
                self._sounder.give_way()
            self._speech.attend(self._clock.monotonic_us())
        self._tell()

    def close(self) -> None:
        """Let the relay go and give everything back."""
        if self._sounder is not None:
            self._sounder.close()
        if self._speech is not None:
            self._speech.close()
        if self._push is not None:
            self._push.close()
        if self._local is not None:
            self._local.close()
        os.close(self._wake)
        os.close(self._bell)

    def _descriptors(self) -> list[int]:
        found = [self._wake, self._bell]
        if self._push is not None and self._push.descriptor is not None:
            found.append(self._push.descriptor)
        return found if self._local is None else [*found, *self._local.descriptors]

    def _answer(self, question: Question) -> Answer:
        if isinstance(question, AskHealth):
            return Health(os.getpid(), self.ails(), self._tested())
        self._ring(self._clock.monotonic_us())
        return Rung()

    def ails(self) -> tuple[Ail, ...]:
        """Return what does not work, of what recorder and door meet; any thread."""
        ails = [Ail(one.kind, one.since_utc) for one in self._met()]
        for part, (since_utc, says) in list(self._troubles.items()):
            ails.append(Ail(part, utc(since_utc), says[:MOST_SAID]))
        return tuple(ails)

    def _ring(self, at_us: int) -> None:
        self._press(at_us)
        self._sound()

    @property
    def _is_taken(self) -> bool:
        """Whether somebody speaks by the chime's own sound card, which plays one thing at a time."""
        return self._speech is not None and self._speech.shares and self._speech.is_on

    def _sound(self) -> None:
        if self._sounder is not None:
            heard = is_heard(self._settings(), self._clock.utc().astimezone()) and not self._is_taken
            self._sounder.ring(self._clock.monotonic_us(), sounds=heard)

    def _tell(self) -> None:
        """Tell the journal what became troubled, and what is well again."""
        told: dict[Part, str] = {
            "button": self._push.trouble if self._push is not None else "",
            "chime": self._sounder.trouble if self._sounder is not None else "",
            "loudspeaker": self._speech.trouble if self._speech is not None else "",
        }
        for part, trouble in told.items():
            since_utc, before = self._troubles.get(part, (self._clock.utc(), ""))
            if trouble == before:
                continue
            if trouble:
                logger.error("%s: %s", part, trouble)
                self._troubles[part] = (since_utc, trouble)
            else:
                logger.warning("%s: it is well again", part)
                del self._troubles[part]

    def _drain(self, descriptor: int) -> bool:
        try:
            os.eventfd_read(descriptor)
        except BlockingIOError:
            return False
        return True
