"""Where nobody is and nothing changed, a glance is enough; whoever comes is seen as soon as by a look at every picture."""

import pytest

from bench.motion.scenes import Maker
from device.sight import motion
from device.sight.background import Background


def watched(scene, monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], int]:
    """Return the times with motion, and how often the background was asked."""
    looks, unexplained = [], Background.unexplained
    monkeypatch.setattr(
        Background, "unexplained", lambda *given: looks.append(1) or unexplained(*given)
    )  # the only call that a glance does without
    detector = motion.MotionDetector()
    moving = [
        number / scene.fps
        for number, luma in enumerate(scene.frames())
        if detector.observe(luma, round(number * 1e6 / scene.fps)).moving
    ]
    monkeypatch.undo()
    return moving, len(looks)


@pytest.mark.parametrize("fps", [5, 10, 15])
@pytest.mark.parametrize("dark", [False, True])
def test_whoever_comes_is_seen_as_soon_as_by_looking_at_every_picture(dark, fps, monkeypatch):
    scene = Maker("street", 2, fps, dark=dark).crossings(150)
    glanced, looks = watched(scene, monkeypatch)
    monkeypatch.setattr(motion, "GLANCE_US", 0)
    looked, all_looks = watched(scene, monkeypatch)
    for from_s, to_s, what in scene.labels:
        if what.startswith("ignore") or "in 0.4 s" in what:
            continue
        first, other = (
            next((at_s for at_s in moving if from_s <= at_s <= to_s + 0.5), 99.0)
            for moving in (glanced, looked)
        )
        assert first <= other + 1.01 / fps, what
    assert looks <= (0.75 if fps == 5 else 0.6) * all_looks
