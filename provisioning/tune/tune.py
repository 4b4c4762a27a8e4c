"""What the motion decision sees in a recording, frame by frame: the same eyes, zones, masks and policy as on the device.

    file → picture → masks → luma → motion → policy → visits

Picture size, clip lengths and keyframes are those of a device without a configuration of its own. Hours do not count: a
recording has none, so neither quiet hours nor a snooze hide anything here.

Pure but for the file: the same recording and settings give the same answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device.camera.encoder import KEYFRAME_S
from device.camera.errors import CameraError
from device.camera.frames import Frame
from device.camera.painter import Painter
from device.camera.protocol import VideoFormat
from device.camera.replay import Replay
from device.config import Camera, Recording
from device.contract.settings import Settings
from device.recording.policy import EndClip, PolicySettings, RecordingPolicy, StartClip
from device.sight.luma import LUMA_HEIGHT_PX, shrink
from device.sight.motion import MotionDetector
from device.sight.observation import Motion
from device.sight.structure import Bytes2D
from device.watch.watch import zones_of

_CAMERA, _RECORDING = Camera(), Recording()

VIDEO: Final = VideoFormat(_CAMERA.width_px, _CAMERA.height_px, _CAMERA.fps)
POLICY: Final = PolicySettings(_RECORDING.pre_roll_s, _RECORDING.post_roll_s, _RECORDING.max_clip_s)


@dataclass(frozen=True, slots=True)
class Look:
    """One frame.

    Attributes:
        at_us: from the recording's first picture on.
        score: share of the picture that stirred, 0.0 to 1.0.
        moving: whether it counted.
        gap: why it said nothing, if it did.
        lingering: nothing counted, but somebody who moved lately stands there: it keeps a clip running.
    """

    at_us: int
    score: float
    moving: bool
    gap: str | None
    lingering: bool = False


@dataclass
class Visit:
    """One clip that the device would have recorded.

    Attributes:
        from_us, to_us: without the pre-roll.
        zone: where it began; empty if there are no zones.
        score: the highest while it lasted.
        i420: the lores picture at its highest, uint8 (270, 320).
        where: 255 where something moved then, uint8; None if nothing did.
        clip_from_us: where the clip would begin, pre-roll included; ``from_us`` if nothing came before.
    """

    from_us: int
    to_us: int
    zone: str
    score: float
    i420: Bytes2D
    where: Bytes2D | None
    clip_from_us: int


@dataclass
class Seen:
    """A whole recording.

    Attributes:
        looks: every frame.
        visits: in order.
        cpu_ms: time of the decision for one frame, on this computer.
        broken: what of the recording could not be watched, and why; empty if all of it was.
    """

    looks: list[Look] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    cpu_ms: float = 0.0
    broken: str = ""

    @property
    def length_us(self) -> int:
        """How much was watched."""
        return self.looks[-1].at_us if self.looks else 0


def watch(
    path: Path,
    settings: Settings,
    clock_ns: Callable[[], int],
    progress: Callable[[int], object] = lambda _: None,
) -> Seen:
    """Return what is seen in a video file: of a damaged one, what can be decoded.

    Args:
        path: whatever FFmpeg reads.
        settings: zones and masks.
        clock_ns: CPU time of this thread.
        progress: told the time in the recording of each frame, in microseconds.

    Raises:
        CameraError: the file cannot be read, holds no video, or not one picture of it can be decoded.
    """
    source = Replay(path, VIDEO, realtime=False)
    named = bool(settings.zones)
    painter, detector = Painter(VIDEO, settings), MotionDetector(zones_of(settings))
    policy = RecordingPolicy(POLICY)
    seen, spent_ns = Seen(), 0
    running: Visit | None = None
    try:
        for number, frame in enumerate(_whole(source, seen)):
            at_us = frame.at_us
            painter.paint(frame.i420, at_us)
            lores = shrink(frame.i420)
            began_ns = clock_ns()
            motion = detector.observe(lores[:LUMA_HEIGHT_PX], at_us)
            spent_ns += clock_ns() - began_ns
            seen.looks.append(Look(at_us, motion.score, motion.moving, motion.gap, motion.lingering))
            is_keyframe = number % (VIDEO.fps * KEYFRAME_S) == 0
            for action in (*policy.observe(motion, at_us), *policy.tick(at_us, is_keyframe)):
                running = _obey(seen, running, action, motion, lores, named=named)
            if running is not None and motion.score > running.score:
                running.score, running.i420, running.where = motion.score, lores, motion.where
            progress(at_us)
    finally:
        source.close()
    if source.left_out and not seen.broken:
        seen.broken = f"{path}: {source.left_out} of its pictures cannot be decoded, the file is damaged"
    if running is not None:
        running.to_us = seen.length_us
    seen.cpu_ms = spent_ns / 1e6 / max(1, len(seen.looks))
    return seen


def _whole(source: Replay, seen: Seen) -> Iterator[Frame]:
    """Yield the pictures before the damage, if there is any, and note it."""
    frames = source.frames()
    while True:
        # Only what the file does wrong: masks that do not hold are no damage, and end it all.
        try:
            frame = next(frames, None)
        except CameraError as error:
            if not seen.looks:
                raise
            seen.broken = str(error)
            return
        if frame is None:
            return
        yield frame


def _obey(
    seen: Seen, running: Visit | None, action: object, motion: Motion, lores: Bytes2D, *, named: bool
) -> Visit | None:
    match action:
        case StartClip():
            zone = _where(motion) if named else ""
            from_us = max(0, action.pre_roll_from_us)
            visit = Visit(action.at_us, action.at_us, zone, motion.score, lores, motion.where, from_us)
            seen.visits.append(visit)
            return visit
        case EndClip() if running is not None:
            running.to_us = action.at_us
            return None
        case _:
            return running


def _where(motion: Motion) -> str:
    """Return the zone in which most of what moves is; empty if nothing does, as when a long visit goes on in the next clip."""
    moving = [zone for zone in motion.zones if zone.moving]
    return max(moving, key=lambda zone: zone.score).name if moving else ""
