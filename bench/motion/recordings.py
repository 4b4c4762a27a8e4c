"""What the device's own recording policy makes of a detector's answers: ours and the peers' alike."""

from collections.abc import Collection, Sequence

from bench.motion.score import Label
from device.recording.policy import EndClip, PolicySettings, RecordingPolicy, StartClip
from device.sight.observation import Motion

Recording = tuple[float, float]
"""From, with its pre-roll, to; in seconds."""


def recordings(moving: Collection[float], length_s: float, step_s: float) -> list[Recording]:
    """Return the recordings that follow from the times with motion, with a keyframe each second."""
    policy, made, begun_s = RecordingPolicy(PolicySettings()), list[Recording](), 0.0
    there = {round(at_s / step_s) for at_s in moving}
    for number in range(round(length_s / step_s)):
        at_us = round(number * step_s * 1e6)
        motion = Motion(0.0, moving=number in there)
        for action in [*policy.observe(motion, at_us), *policy.tick(at_us, number % round(1 / step_s) == 0)]:
            if isinstance(action, StartClip):
                begun_s = action.pre_roll_from_us / 1e6
            elif isinstance(action, EndClip):
                made.append((begun_s, action.at_us / 1e6))
    return [*made, (begun_s, length_s)] if policy.recording else made


def recorded(made: Sequence[Recording], labels: Sequence[Label]) -> int:
    """Return how many visits are in a recording from their first moment on; the hard ones are not counted."""
    visits = [label for label in labels if not label[2].startswith(("ignore", "hard"))]
    return sum(any(begin <= start < end for begin, end in made) for start, _, _ in visits)
