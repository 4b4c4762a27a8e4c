"""The recorder: what a camera captures goes in, sealed clips come out on the disk.

    luma → motion → policy ─┐
    access unit → pre-roll ─┴→ fragments → sealed clip
    sound → the last seconds ──┘

It runs in one thread and takes its time from the captured items alone, so a test that feeds it a made-up minute gets
exactly that minute. A ring is never lost: if no clip can begin, an ``unrecorded`` event with a picture says that somebody
was there. A clip waits for a keyframe, if there is none that no clip has. A disk that fails ends the clip at its last
whole chunk; the recorder goes on with the next trigger. So it does when what the camera gives does not fit what it gave
before: the clip ends in order, the ledger tells of a gap, and everything that was remembered is forgotten.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from device.camera.protocol import AccessUnit, Captured, Luma, Pressed, Turned, VideoFormat
from device.clock import Clock
from device.config import Config
from device.contract.settings import Settings
from device.disk.spool import Spool
from device.hearing.recent import Recent
from device.hearing.sound import Sound
from device.ledger import Record
from device.recording.clip_maker import ClipMaker
from device.recording.errors import StreamError
from device.recording.gaps import Gaps
from device.recording.policy import Action, EndClip, Note, PolicySettings, RecordingPolicy, StartClip
from device.recording.preroll import PreRoll
from device.recording.running_clip import RunningClip
from device.recording.soundtrack import Encodes
from device.recording.stream_order import AHEAD_US, StreamOrder
from device.recording.trigger import TriggerContext, places
from device.recording.words import Words
from device.sight.motion import MotionDetector
from device.sight.observation import Motion
from device.trust.condition import Condition
from device.upkeep.upkeep import Upkeep
from device.watch.attention import attends
from device.watch.watch import zones_of

STILL: Final = Motion(0.0, moving=False)

logger = logging.getLogger(__name__)


class Recorder:
    """Joins motion, policy, pre-roll, fragments and sealing. One thread, but for three that say so."""

    def __init__(
        self,
        config: Config,
        video: VideoFormat,
        spool: Spool,
        ledger: Record,
        clock: Clock,
        watch: Settings | None = None,
        encoder: Callable[[], Encodes] | None = None,
    ) -> None:
        """Begin; ``watch`` is what the household wants watched, everything by default.

        ``encoder`` begins a clip's track of sound; None if the door has no microphone.
        """
        recording = config.recording
        self._frame_us = video.frame_us
        self._clock = clock
        self._settings = PolicySettings(recording.pre_roll_s, recording.post_roll_s, recording.max_clip_s)
        self._pre_roll_us = round(recording.pre_roll_s * 1e6)
        self._pre_roll_limits = (recording.pre_roll_bytes, round((recording.pre_roll_s + 1) * 1e6))
        self._clip: RunningClip | None = None
        self._waiting: list[StartClip | Note] = []
        self._words = Words()
        self._gaps = Gaps(ledger, clock)
        self._upkeep = Upkeep(spool, ledger, clock, config.retention)
        self._maker = ClipMaker(video, spool, ledger, clock, self._upkeep, encoder)
        self._turn(watch or Settings())

    def take(self, item: Captured) -> None:
        """Take the next captured item."""
        match item:
            case Turned(settings=settings):
                self._end_by_policy()
                self._turn(settings)
            case Pressed(at_us=at_us):
                self._ring(self._order.ring_us(at_us))
            case Luma() | AccessUnit() if (fault := self._order.fault(item)) is not None:
                self._gaps.broke(fault)
                # Pictures that never fit must not keep the pre-roll empty: once is enough.
                if fault != "picture" or self._has_seen:
                    self._end_by_policy()
                    self._begin_afresh()
            case Luma():
                self._see(item)
            case AccessUnit():
                self._add(item)

    def hear(self, sound: Sound) -> None:
        """Take the next moment of sound; while the door is private there is none."""
        if self._watch.privacy:
            return
        self._recent.add(sound)
        if self._clip is not None:
            self._clip.hear(sound)

    def camera_lost(self) -> None:
        """Finish the running clip; what the camera gives later begins afresh."""
        self._end_by_policy()
        # Their times are of a clock that ends here.
        self._tell_rings(self._order.now_us, self._words.rest())
        self._gaps.lost()
        self._begin_afresh()

    def overloaded(self) -> None:
        """Remember that pictures were dropped because this thread did not keep up; any thread."""
        self._gaps.overloaded()

    @property
    def is_recording(self) -> bool:
        """Whether a clip is running; any thread."""
        return self._clip is not None

    def conditions(self) -> tuple[Condition, ...]:
        """Return what keeps the door from seeing or recording at this moment; any thread."""
        return self._gaps.conditions()

    def stop(self) -> None:
        """Finish the running clip."""
        self._end_by_policy()
        self._tell_rings(self._order.now_us, self._words.rest())
        self._gaps.stop()

    def _turn(self, settings: Settings) -> None:
        """Take up other settings; nothing that was seen under the old ones goes into what comes."""
        self._watch = settings
        self._maker.turn(settings)
        self._begin_afresh()

    def _begin_afresh(self) -> None:
        self._gaps.over()
        self._order = StreamOrder()
        self._motion = MotionDetector(zones_of(self._watch))
        self._context = TriggerContext()
        self._policy = RecordingPolicy(self._settings)
        self._pre_roll = PreRoll(*self._pre_roll_limits)
        self._recent = Recent(self._pre_roll_limits[1] + AHEAD_US)
        self._has_seen = self._has_units = False
        self._upkeep.begin_afresh()

    def _ring(self, at_us: int) -> None:
        if self._watch.privacy:
            self._tell_rings(at_us, self._words.ring(at_us))
        else:
            self._obey(self._policy.press(at_us))

    def _see(self, luma: Luma) -> None:
        self._has_seen = True
        seen = self._motion.observe(luma.plane, luma.at_us)
        self._gaps.see(None if self._watch.privacy else seen.gap, luma.at_us)
        counts = attends(self._watch, self._clock.utc().astimezone())
        self._context.see(seen, luma, counts=counts)
        running = self._clip
        # In quiet hours motion begins nothing, but whoever rang is recorded for as long as they are there.
        self._obey(self._policy.observe(seen if counts or self._clip is not None else STILL, luma.at_us))
        if self._clip is None:
            return
        if self._clip is running:
            self._clip.saw(seen, luma)  # a clip that has just begun has it from the trigger
        if counts and seen.moving:
            self._clip.moved(places(seen), luma.at_us)

    def _add(self, unit: AccessUnit) -> None:
        self._has_units = True
        running = self._clip
        self._pre_roll.add(unit)
        self._obey(self._policy.tick(unit.at_us, unit.keyframe))
        if self._waiting and unit.keyframe:
            waited, self._waiting = self._waiting, []
            self._obey(waited)
        if self._clip is running:
            self._write(unit)
        self._look_around(unit.at_us)

    def _end_by_policy(self) -> None:
        self._obey(self._policy.stop(self._order.now_us + self._frame_us))

    def _obey(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case StartClip():
                    self._start(action)
                case EndClip():
                    self._end(action)
                case Note(trigger="ring"):
                    self._note_ring(action)
                case Note():
                    pass  # where it moved says more: see ``RunningClip.moved``

    def _start(self, start: StartClip) -> None:
        units = self._pre_roll.take(start.pre_roll_from_us)
        if not units and self._has_units:
            self._waiting = [start]
            return
        try:
            now_us = self._order.now_us
            heard = self._recent.take(units[0].at_us, now_us + AHEAD_US) if units else []
            self._clip = self._maker.make(start, units, heard, self._context, now_us)
        except (OSError, StreamError) as error:
            logger.error("no clip: %s", error)  # noqa: TRY400 - a sentence, not a trace
            if isinstance(error, OSError):
                self._gaps.refused()
            if start.trigger == "ring":
                self._leave_word(start)
            if not units:
                self._policy = RecordingPolicy(
                    self._settings
                )  # it takes this clip for begun: the next trigger counts
            return
        logger.debug("clip begun clip=%d trigger=%s", self._clip.clip, start.trigger)
        for unit in units:
            self._write(unit)

    def _write(self, unit: AccessUnit) -> None:
        if self._clip is None:
            return
        try:
            self._clip.write(unit)
        except StreamError as error:
            logger.error("clip ended: %s", error)  # noqa: TRY400 - a sentence, not a trace
            self._end_by_policy()
            self._begin_afresh()
        except OSError as error:
            logger.error("clip cut short: %s clip=%d", error, self._clip.clip)  # noqa: TRY400
            clip, self._clip = self._clip, None
            self._pre_roll.spend(unit.at_us + 1)
            now_utc = self._clock.utc()
            self._upkeep.attempt(lambda: clip.cut(now_utc))
            self._gaps.refused()

    def _end(self, end: EndClip) -> None:
        self._pre_roll.spend(end.at_us)
        if end.reason != "quiet":
            self._context.cut()
        waited, self._waiting = self._waiting, []
        for action in waited:
            if action.trigger == "ring":
                self._leave_word(action)
        if self._clip is None:
            return  # it could not begin, or the disk cut it short
        clip, self._clip = self._clip, None
        if self._upkeep.attempt(lambda: clip.finish(end.at_us, self._clock.utc())):
            self._gaps.kept()
        logger.debug("clip ended clip=%d", clip.clip)

    def _note_ring(self, ring: Note) -> None:
        if self._clip is not None:
            self._clip.rang(ring.at_us, self._context.picture(self._clip.first_us))
        elif self._waiting:
            self._waiting.append(ring)
        else:  # it could not begin, or the disk cut it short: there may be room by now
            self._start(StartClip("ring", ring.at_us, ring.at_us - self._pre_roll_us))

    def _leave_word(self, ring: StartClip | Note) -> None:
        # A visit that goes on after the limit is nobody's ring, and is not counted with those that are.
        goes_on = isinstance(ring, StartClip) and ring.at_us == ring.pre_roll_from_us
        self._tell_rings(ring.at_us, 1 if goes_on else self._words.ring(ring.at_us))

    def _tell_rings(self, at_us: int, rings: int) -> None:
        if rings:
            self._maker.leave_word(at_us, self._context, self._order.now_us, rings)

    def _look_around(self, at_us: int) -> None:
        """Every few seconds: was anything missed, and is the disk filling up."""
        if not self._upkeep.is_due(at_us):
            return
        self._gaps.tell()
        self._tell_rings(at_us, self._words.due(at_us))
        self._upkeep.count(filming=self._clip is not None)
        if self._clip is None:
            self._upkeep.sweep(at_us)
        elif self._upkeep.is_nearly_full():
            logger.error("clip ended early: the disk is nearly full")
            self._end_by_policy()
