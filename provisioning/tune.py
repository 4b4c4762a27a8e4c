"""What the motion decision sees in a recording, frame by frame: the same eyes, zones, masks and policy as on the device.

    file → picture → masks → luma → motion → policy → visits

Pure but for the file: the same recording and settings give the same answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device.camera.painter import Painter
from device.camera.protocol import VideoFormat
from device.camera.replay import Replay
from device.contract.settings import Settings
from device.recording.policy import EndClip, PolicySettings, RecordingPolicy, StartClip
from device.sight.luma import LUMA_HEIGHT_PX, shrink
from device.sight.motion import MotionDetector
from device.sight.observation import Motion
from device.sight.structure import Bytes2D
from device.watch import zones_of

VIDEO: Final = VideoFormat(1280, 720, 15)
"""As the device has it, if nobody says otherwise."""
GOP_US: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """One frame.

    Attributes:
        at_us: from the recording's first picture on.
        score: share of the picture that stirred, 0.0 to 1.0.
        moving: whether it counted.
        gap: why it said nothing, if it did.
    """

    at_us: int
    score: float
    moving: bool
    gap: str | None


@dataclass
class Visit:
    """One clip that the device would have recorded.

    Attributes:
        from_us, to_us: without the pre-roll.
        zone: where it began; empty if there are no zones.
        score: the highest while it lasted.
        i420: the lores picture at its highest, uint8 (270, 320).
        where: 255 where something moved then, uint8; None if nothing did.
    """

    from_us: int
    to_us: int
    zone: str
    score: float
    i420: Bytes2D
    where: Bytes2D | None


@dataclass
class Seen:
    """A whole recording.

    Attributes:
        looks: every frame.
        visits: in order.
        cpu_ms: time of the decision for one frame, on this computer.
    """

    looks: list[Look] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    cpu_ms: float = 0.0


def watch(
    path: Path,
    settings: Settings,
    clock_ns: Callable[[], int],
    progress: Callable[[int], object] = lambda _: None,
) -> Seen:
    """Return what is seen in a video file.

    Args:
        path: whatever FFmpeg reads.
        settings: zones and masks.
        clock_ns: CPU time of this thread.
        progress: told the time in the recording of each frame, in microseconds.

    Raises:
        CameraError: the file cannot be read, or holds no video.
    """
    source = Replay(path, VIDEO, realtime=False)
    named = bool(settings.zones)
    painter, detector = Painter(VIDEO, settings), MotionDetector(zones_of(settings))
    policy = RecordingPolicy(PolicySettings())
    seen, spent_ns, keyframe_us = Seen(), 0, 0
    running: Visit | None = None
    at_us = 0
    try:
        for frame in source.frames():
            at_us = frame.at_us
            painter.paint(frame.i420, at_us)
            lores = shrink(frame.i420)
            began_ns = clock_ns()
            motion = detector.observe(lores[:LUMA_HEIGHT_PX], at_us)
            spent_ns += clock_ns() - began_ns
            seen.looks.append(Look(at_us, motion.score, motion.moving, motion.gap))
            is_keyframe = at_us - keyframe_us >= GOP_US
            keyframe_us = at_us if is_keyframe else keyframe_us
            for action in (*policy.observe(motion, at_us), *policy.tick(at_us, is_keyframe)):
                running = _obey(seen, running, action, motion, lores, at_us, named=named)
            if running is not None and motion.score > running.score:
                running.score, running.i420, running.where = motion.score, lores, motion.where
            progress(at_us)
    finally:
        source.close()
    if running is not None:
        running.to_us = at_us
    seen.cpu_ms = spent_ns / 1e6 / max(1, len(seen.looks))
    return seen


def _obey(
    seen: Seen,
    running: Visit | None,
    action: object,
    motion: Motion,
    lores: Bytes2D,
    at_us: int,
    *,
    named: bool,
) -> Visit | None:
    match action:
        case StartClip():
            visit = Visit(at_us, at_us, _where(motion) if named else "", motion.score, lores, motion.where)
            seen.visits.append(visit)
            return visit
        case EndClip() if running is not None:
            running.to_us = at_us
            return None
        case _:
            return running


def _where(motion: Motion) -> str:
    moving = [zone for zone in motion.zones if zone.moving] or motion.zones
    return max(moving, key=lambda zone: zone.score).name if moving else ""
