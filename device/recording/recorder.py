"""The recorder: what a camera captures goes in, sealed clips come out on the disk.

    luma → motion → policy ─┐
    access unit → pre-roll ─┴→ fragments → sealed clip

It runs in one thread and takes its time from the captured items alone, so a test that feeds it a made-up minute gets
exactly that minute. A ring is never lost: if no clip can begin, an ``unrecorded`` event with a picture says that somebody
was there. A disk that fails ends the clip at its last whole chunk; the recorder goes on with the next trigger.
"""

import errno
import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from device.camera.protocol import AccessUnit, Captured, Luma, Pressed, Turned, VideoFormat
from device.clock import Clock
from device.config import Config
from device.contract.settings import Settings
from device.ledger import Ledger
from device.recording.attention import attends
from device.recording.errors import StreamError
from device.recording.fmp4 import Fragmenter
from device.recording.gaps import Gaps
from device.recording.policy import Action, EndClip, Note, PolicySettings, RecordingPolicy, StartClip
from device.recording.preroll import PreRoll
from device.recording.recovery import recover
from device.recording.reserve import Reserve
from device.recording.retention import Limits
from device.recording.room import make_room
from device.recording.running_clip import RunningClip
from device.recording.sealed_clip import Beginning, SealedClip
from device.recording.thumbnail import jpeg
from device.recording.unrecorded import note_ring
from device.sight.masks import canonical
from device.sight.motion import MotionDetector
from device.sight.observation import Motion
from device.spool import Spool
from device.trust.statement import TriggerKind
from device.watch import zones_of

LOOK_EVERY_US: Final = 5_000_000  # a running clip grows by 2 MB in between; free_bytes is far above
SWEEP_EVERY_US: Final = 3_600_000_000

STILL: Final = Motion(0.0, moving=False)

logger = logging.getLogger(__name__)


class Recorder:
    """Joins motion, policy, pre-roll, fragments and sealing. One thread, but for ``overloaded``."""

    def __init__(
        self,
        config: Config,
        video: VideoFormat,
        spool: Spool,
        ledger: Ledger,
        clock: Clock,
        watch: Settings | None = None,
    ) -> None:
        """Begin; ``watch`` is what the household wants watched, everything by default."""
        recording, retention = config.recording, config.retention
        self._video = video
        self._spool = spool
        self._reserve = Reserve(spool.directory.parent)
        self._ledger = ledger
        self._clock = clock
        self._settings = PolicySettings(recording.pre_roll_s, recording.post_roll_s, recording.max_clip_s)
        self._pre_roll_limits = (recording.pre_roll_bytes, round((recording.pre_roll_s + 1) * 1e6))
        self._limits = Limits(
            keep_at_most_s=retention.keep_at_most_days * 86_400,
            keep_at_least_s=retention.keep_at_least_hours * 3_600,
            spool_bytes=retention.spool_bytes,
            free_bytes=retention.free_bytes,
        )
        self._clip: RunningClip | None = None
        self._luma: Luma | None = None
        self._gaps = Gaps(ledger, clock)
        self._now_us = 0
        self._turn(watch or Settings())

    def take(self, item: Captured) -> None:
        """Take the next captured item."""
        self._now_us = max(self._now_us, item.at_us)
        match item:
            case Turned(settings=settings):
                self._end_by_policy()
                self._turn(settings)
            case Luma():
                self._see(item)
            case Pressed(at_us=at_us):
                if self._watch.privacy:
                    self._leave_word("ring", at_us)
                else:
                    self._obey(self._policy.press(at_us))
            case AccessUnit(at_us=at_us):
                running = self._clip
                self._pre_roll.add(item)
                self._obey(self._policy.tick(at_us, item.keyframe))
                if self._clip is running:
                    self._write(item)
                self._look_around(at_us)

    def camera_lost(self) -> None:
        """Finish the running clip; what the camera gives later begins afresh."""
        self._end_by_policy()
        self._gaps.lost()
        self._begin_afresh()

    def overloaded(self) -> None:
        """Remember that pictures were dropped because this thread did not keep up; any thread."""
        self._gaps.overloaded()

    def stop(self) -> None:
        """Finish the running clip."""
        self._end_by_policy()
        self._gaps.stop()

    def _turn(self, settings: Settings) -> None:
        """Take up other settings; nothing that was seen under the old ones goes into what comes."""
        self._watch = settings
        self._masks_sha256 = hashlib.sha256(canonical(settings.masks)).digest() if settings.masks else None
        self._begin_afresh()

    def _see(self, luma: Luma) -> None:
        self._luma = luma
        self._seen = self._motion.observe(luma.plane, luma.at_us)
        self._gaps.see(None if self._watch.privacy else self._seen.gap, luma.at_us)
        if self._clip is not None:
            self._clip.saw(luma, self._seen.score, self._seen.where)
        counts = attends(self._watch, self._clock.utc().astimezone())
        self._obey(self._policy.observe(self._seen if counts else STILL, luma.at_us))

    def _begin_afresh(self) -> None:
        self._gaps.over()
        self._motion = MotionDetector(zones_of(self._watch))
        self._seen = STILL
        self._luma = None
        self._policy = RecordingPolicy(self._settings)
        self._pre_roll = PreRoll(*self._pre_roll_limits)
        self._now_us = 0
        self._looked_us: int | None = None
        self._swept_us: int | None = None

    def _end_by_policy(self) -> None:
        self._obey(self._policy.stop(self._now_us + self._video.frame_us))

    def _obey(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case StartClip():
                    self._start(action)
                case EndClip(at_us=at_us):
                    self._end(at_us)
                case Note(trigger=trigger, at_us=at_us):
                    self._note(trigger, at_us)

    def _start(self, start: StartClip) -> None:
        units = self._pre_roll.take(start.pre_roll_from_us)
        try:
            self._clip = self._begin(start, units)
        except (OSError, StreamError) as error:
            logger.error("no clip: %s", error)  # noqa: TRY400 - a sentence, not a trace
            self._leave_word(start.trigger, start.at_us)
            return
        logger.debug("clip begun clip=%d trigger=%s", self._clip.clip, start.trigger)
        for unit in units:
            self._write(unit)

    def _begin(self, start: StartClip, units: list[AccessUnit]) -> RunningClip:
        """Return a clip whose header and ledger line are durable.

        Raises:
            StreamError: there is no keyframe to begin with.
            OSError: no room, or the disk failed.
        """
        if not units:
            raise StreamError("the camera has not sent a keyframe yet")
        self._reserve.ease()
        if not make_room(self._spool, self._ledger, self._limits, self._clock.utc()):
            raise OSError(errno.ENOSPC, "the disk is full of clips too young to give way")
        fragments = Fragmenter(units[0], self._video.frame_us)
        beginning = self._beginning(start.trigger, start.at_us, units[0].at_us, fragments.codec)
        sealed = SealedClip(self._spool, self._ledger, beginning)
        return RunningClip(sealed, fragments, beginning, units[0].at_us)

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
            now_utc = self._clock.utc()
            self._attempt(lambda: clip.cut(now_utc))
            self._gaps.refused()

    def _end(self, at_us: int) -> None:
        if self._clip is None:
            return  # it could not begin, or the disk cut it short
        clip, self._clip = self._clip, None
        self._attempt(lambda: clip.finish(at_us, self._clock.utc()))
        logger.debug("clip ended clip=%d", clip.clip)

    def _note(self, kind: TriggerKind, at_us: int) -> None:
        if self._clip is None:
            self._leave_word(kind, at_us)
            return
        self._clip.note(kind, at_us, *(self._why() if kind == "motion" else ("", 0)))
        if kind == "ring" and self._luma is not None:
            self._clip.saw(self._luma, float("inf"))

    def _leave_word(self, kind: TriggerKind, at_us: int) -> None:
        if kind == "ring":
            beginning = self._beginning(kind, at_us, at_us, "")
            self._attempt(lambda: note_ring(self._spool, self._ledger, beginning))

    def _why(self) -> tuple[str, int]:
        """Return the zone in which most of what moves is, and how much of it stirs, in thousandths."""
        moving = [zone for zone in self._seen.zones if zone.moving]
        most = max(moving, key=lambda zone: zone.score, default=None)
        return (most.name, round(most.score * 1000)) if most is not None else ("", 0)

    def _beginning(self, kind: TriggerKind, at_us: int, first_us: int, codec: str) -> Beginning:
        zone, score_permille = self._why() if kind == "motion" else ("", 0)
        return Beginning(
            trigger=kind,
            begun_utc=self._clock.utc() - timedelta(microseconds=self._now_us - first_us),
            pre_roll_ms=max(0, (at_us - first_us) // 1000),
            width_px=self._video.width_px,
            height_px=self._video.height_px,
            fps=self._video.fps,
            codec=codec,
            thumbnail=jpeg(self._luma) if self._luma is not None and not self._watch.privacy else b"",
            zone=zone,
            score_permille=score_permille,
            masks_sha256=self._masks_sha256,
        )

    def _look_around(self, at_us: int) -> None:
        """Every few seconds: is the disk filling up, was anything missed; every hour: what is old or unfinished."""
        if self._looked_us is not None and at_us - self._looked_us < LOOK_EVERY_US:
            return
        self._looked_us = at_us
        self._gaps.tell()
        if self._clip is not None:
            if self._spool.free_bytes() < self._limits.free_bytes // 2:
                logger.error("clip ended early: the disk is nearly full")
                self._end_by_policy()
        elif self._swept_us is None or at_us - self._swept_us >= SWEEP_EVERY_US:
            self._swept_us = at_us
            self._attempt(self._sweep)

    def _sweep(self) -> None:
        """Put right what trouble with the disk left unfinished, and let go of what has grown old; no clip is running.

        Raises:
            OSError: the disk is still in trouble.
        """
        make_room(self._spool, self._ledger, self._limits, self._clock.utc())
        self._reserve.hold()
        for clip in recover(self._spool, self._ledger, self._clock):
            logger.warning("finished a clip that trouble with the disk had left clip=%d", clip)

    def _attempt(self, work: Callable[[], object]) -> None:
        """Do what may fail with the disk: recording goes on, and the next start puts the spool right."""
        try:
            self._reserve.ease()
            work()
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace
