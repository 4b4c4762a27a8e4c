"""Observations and rings in, the beginnings and ends of clips out.

    idle ── ring, or motion for SUSTAIN_US ──▶ StartClip ── recording ── quiet ──▶ EndClip(quiet)
                                                              │  ▲
                                          max_clip_s reached  ▼  │ the visit goes on
                                                 EndClip(limit), StartClip

The recorder calls, in the order of the camera's times, ``observe`` for each luma plane, ``press`` for each ring, and
for each access unit, after adding it to the pre-roll and before writing it, ``tick``. It then obeys the actions in order. Rules:

- A ring always records: at once when idle, as a ``Note`` in the running clip otherwise. It keeps the clip running
  for RING_S, because after a ring somebody stands and waits, and in the dark the detector may be blind.
- Motion starts a clip when it has lasted for SUSTAIN_US; the pre-roll counts back from where it began. Any motion
  keeps a clip running.
- Somebody who stands still after they came keeps a running clip running, and begins none: one visit is one clip.
- A clip ends ``post_roll_s`` after the last of that, at the first keyframe from there, because the next clip must begin with
  one: so clips neither overlap nor leave a gap. Motion while it waits for that keyframe belongs to the next clip; a ring
  keeps this one. A camera whose keyframe is overdue (KEYFRAME_US) is not waited for.
- A clip, pre-roll included, never passes ``max_clip_s``. If the visit goes on, the next clip begins at that keyframe.

Times may come a little out of order (a button's thread is faster than an encoder); they are never compared for equality.

Pure: no clock, no thread, no I/O.
"""

from dataclasses import dataclass
from typing import Final, Literal

from device.sight.observation import Motion

TriggerKind = Literal["ring", "motion"]
EndReason = Literal["quiet", "limit", "stop"]

SUSTAIN_US: Final = 300_000
"""Five frames at 15 fps: longer than a flicker, a raindrop or an insect; a person needs longer to cross a doorstep."""
RING_S: Final = 10.0
KEYFRAME_US: Final = 2_000_000
"""No camera of ours has its keyframes further apart."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """How long clips are.

    Attributes:
        pre_roll_s: kept from before the trigger; 1 to 15.
        post_roll_s: quiet time after which a clip ends; 1 to 60.
        max_clip_s: length of a clip, pre-roll included; 20 to 600, at least twice the pre-roll.
    """

    pre_roll_s: float = 4.0
    post_roll_s: float = 2.5
    max_clip_s: float = 120.0


@dataclass(frozen=True, slots=True)
class StartClip:
    """Begin a clip with what the pre-roll holds from ``pre_roll_from_us`` on.

    Attributes:
        trigger: why.
        at_us: when the trigger came; at or after ``pre_roll_from_us``.
        pre_roll_from_us: where the clip is to begin; never before the end of the last one.
    """

    trigger: TriggerKind
    at_us: int
    pre_roll_from_us: int


@dataclass(frozen=True, slots=True)
class Note:
    """Another trigger, for the running clip's list: every ring, and the first motion."""

    trigger: TriggerKind
    at_us: int


@dataclass(frozen=True, slots=True)
class EndClip:
    """Finish the running clip; it holds what was captured before ``at_us``."""

    at_us: int
    reason: EndReason


Action = StartClip | Note | EndClip


class RecordingPolicy:
    """The state machine: idle, or recording one clip."""

    def __init__(self, settings: PolicySettings) -> None:
        self._pre_roll_us = round(settings.pre_roll_s * 1e6)
        self._post_roll_us = round(settings.post_roll_s * 1e6)
        self._max_clip_us = round(settings.max_clip_s * 1e6)
        if self._max_clip_us < self._pre_roll_us + 2 * KEYFRAME_US:
            raise ValueError(
                f"{settings.max_clip_s} s of clip leave no room after {settings.pre_roll_s} s of pre-roll"
            )
        self._clip: _Clip | None = None
        self._free_from_us: int | None = None
        self._moving_since_us: int | None = None

    @property
    def recording(self) -> bool:
        """Whether a clip is running."""
        return self._clip is not None

    def observe(self, motion: Motion, at_us: int) -> list[Action]:
        """Return what follows from one luma plane."""
        if not motion.moving:
            self._moving_since_us = None
            if motion.lingering and self._clip is not None and at_us < self._clip.until_us:
                self._clip.stay_until(at_us + self._post_roll_us, self._clip.last)
            return []
        if self._moving_since_us is None:
            self._moving_since_us = at_us
        clip = self._clip
        if clip is None:
            if at_us - self._moving_since_us < SUSTAIN_US:
                return []
            return [self._start("motion", at_us, self._moving_since_us, at_us + self._post_roll_us)]
        if at_us >= clip.until_us:
            return []
        clip.stay_until(at_us + self._post_roll_us, "motion")
        if clip.saw_motion:
            return []
        clip.saw_motion = True
        return [Note("motion", at_us)]

    def press(self, at_us: int) -> list[Action]:
        """Return what follows from a ring; never nothing."""
        until_us = at_us + max(self._post_roll_us, round(RING_S * 1e6))
        if self._clip is None:
            return [self._start("ring", at_us, at_us, until_us)]
        self._clip.stay_until(until_us, "ring")
        return [Note("ring", at_us)]

    def tick(self, at_us: int, keyframe: bool) -> list[Action]:
        """Return what follows from the time of the next access unit.

        Args:
            at_us: its time.
            keyframe: whether the next clip could begin with it.
        """
        clip = self._clip
        if clip is None:
            return []
        limit_us = clip.from_us + self._max_clip_us
        if at_us >= (limit_us - KEYFRAME_US if keyframe else limit_us):
            end = self._end(at_us, "limit")
            return (
                [end, self._start(clip.last, at_us, at_us, clip.until_us)] if at_us < clip.until_us else [end]
            )
        if at_us >= (clip.until_us if keyframe else clip.until_us + KEYFRAME_US):
            return [self._end(at_us, "quiet")]
        return []

    def stop(self, at_us: int) -> list[Action]:
        """Return what to do before the program ends; the policy may go on afterwards."""
        self._moving_since_us = None
        return [self._end(at_us, "stop")] if self._clip is not None else []

    def _start(self, trigger: TriggerKind, at_us: int, began_us: int, until_us: int) -> StartClip:
        from_us = began_us - self._pre_roll_us
        if self._free_from_us is not None:
            from_us = max(from_us, self._free_from_us)
        self._clip = _Clip(from_us, until_us, trigger, trigger == "motion")
        return StartClip(trigger, max(at_us, from_us), from_us)

    def _end(self, at_us: int, reason: EndReason) -> EndClip:
        clip, self._clip = self._clip, None
        if clip is None:
            raise RuntimeError("no clip is running")
        self._free_from_us = max(at_us, clip.from_us)
        return EndClip(self._free_from_us, reason)


@dataclass(slots=True)
class _Clip:
    """The running clip.

    Attributes:
        from_us: where it begins, pre-roll included.
        until_us: it is quiet from here on, unless more happens.
        last: what last kept it running.
        saw_motion: motion is among its triggers.
    """

    from_us: int
    until_us: int
    last: TriggerKind
    saw_motion: bool

    def stay_until(self, until_us: int, trigger: TriggerKind) -> None:
        self.last = trigger
        self.until_us = max(self.until_us, until_us)
