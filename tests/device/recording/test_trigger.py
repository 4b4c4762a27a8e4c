"""Why a clip was made: whatever began it is said, however short it was and whatever came afterwards."""

import io
from collections.abc import Iterable
from dataclasses import replace

import av
import numpy as np
import pytest

from device.camera.protocol import Captured, Luma, Pressed
from device.contract.settings import Quiet, Settings
from device.recording.trigger import places
from device.sight.heat import HEIGHT, WIDTH
from device.sight.structure import Bytes2D
from tests.device.recording.conftest import Door
from tests.support.film import scene
from tests.support.household import Household
from tests.support.script import COVERED, DARK, QUIET, moving, see

PATH = moving(("path", 0.1), ("door", 0.0))
DOOR = moving(("path", 0.2), ("door", 0.6), columns=slice(120, 160))
VISIT = tuple(item for item in scene(20) if not isinstance(item, Pressed))
NIGHT_LONG = Quiet(tuple(range(7)), "00:00", "00:00")


def heat(data: bytes) -> Bytes2D:
    return np.frombuffer(data, np.uint8).reshape(HEIGHT, WIDTH)


def grey(jpeg: bytes) -> Bytes2D:
    with av.open(io.BytesIO(jpeg)) as container:
        return next(container.decode(video=0)).to_ndarray(format="gray")


def black_from(items: Iterable[Captured], seconds: float) -> Iterable[Captured]:
    """Yield the items, their luma black from a time on."""
    for item in items:
        if isinstance(item, Luma) and item.at_us >= seconds * 1e6:
            yield replace(item, i420=np.full_like(item.i420, 16))
        else:
            yield item


def lit_at(items: Iterable[Captured], from_s: float, to_s: float) -> Iterable[Captured]:
    """Yield the items, their luma grey, and white from one time to another."""
    for item in items:
        if isinstance(item, Luma):
            white = from_s <= item.at_us / 1e6 < to_s
            yield replace(item, i420=np.full_like(item.i420, 128) + np.uint8(100 if white else 0))
        else:
            yield item


def test_a_visit_of_a_third_of_a_second_says_where_it_moved_and_shows_it(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is over when its clip begins, with the last picture in which it is seen."""
    see(monkeypatch, lambda at_s: moving(("path", at_s - 4.9)) if 5.0 <= at_s < 5.34 else QUIET)
    door = Door(household, Settings())
    door.play(lit_at(VISIT, 5.3, 5.34))
    said = door.statement()
    assert [(trigger.kind, trigger.zone, trigger.score_permille) for trigger in said.triggers] == [
        ("motion", "path", 433)
    ]
    assert heat(said.heat)[:, :8].min() == 255
    assert heat(said.heat)[:, 8:].max() == 0
    assert grey(said.thumbnail).mean() > 200


def test_whoever_rings_in_quiet_hours_is_recorded_while_they_are_there_and_motion_begins_nothing(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda at_s: PATH if 1 <= at_s < 17 else QUIET)
    door = Door(household, Settings(quiet=(NIGHT_LONG,)))
    door.play(item for item in scene(20) if not isinstance(item, Pressed) or item.at_us < 10_000_000)
    assert len(door.clips()) == 1
    said = door.statement()
    assert [trigger.kind for trigger in said.triggers] == ["ring"]
    began_s = said.triggers[0].at_ms / 1000
    assert said.duration_ms / 1000 - began_s > 11, "a ring alone is recorded for ten seconds"


def test_a_visit_that_begins_a_clip_is_gathered_once(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture that begins a clip counts as much as any other."""
    halves = {
        True: moving(("path", 0.1), columns=slice(0, 80)),
        False: moving(("path", 0.1), columns=slice(80, 160)),
    }
    see(monkeypatch, lambda at_s: halves[at_s >= 5.32] if 5.0 <= at_s < 5.34 else QUIET)
    door = Door(household, Settings())
    door.play(VISIT)
    assert heat(door.statement().heat)[:, :16].max() == 51, (
        "one picture of six, where the others were elsewhere"
    )


def test_a_clip_that_goes_on_after_the_limit_says_what_moved_last(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda at_s: PATH if 3 <= at_s < 17.9 else QUIET)
    door = Door(household, Settings(), "max_clip_s: 20, post_roll_s: 10")
    door.play(scene_twice())
    first, second = (door.statement(clip) for clip in door.clips())
    assert first.duration_ms < 20_000
    assert [(trigger.kind, trigger.zone, trigger.score_permille) for trigger in second.triggers] == [
        ("motion", "path", 100)
    ]
    assert heat(second.heat)[:, :8].min() == 255, "nothing moved in this clip itself"
    assert second.thumbnail


def test_a_clip_that_goes_on_while_it_moves_has_only_its_own_heat(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda at_s: QUIET if at_s < 3 else PATH if at_s < 10 else DOOR)
    door = Door(household, Settings(), "max_clip_s: 20")
    door.play(scene_twice())
    second = door.statement(2)
    assert (second.triggers[0].zone, second.triggers[0].score_permille) == ("door", 600)
    assert heat(second.heat)[:, :8].max() == 0


def test_each_zone_says_once_in_a_clip_when_it_first_moved_there_and_the_one_that_moves_most_comes_first(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda at_s: QUIET if at_s < 5 or at_s >= 12 else PATH if int(at_s) % 2 else DOOR)
    door = Door(household, Settings())
    door.play(VISIT)
    said = door.statement()
    assert [(trigger.zone, trigger.score_permille) for trigger in said.triggers] == [
        ("path", 100),
        ("door", 600),
    ]
    assert abs(said.triggers[1].at_ms - said.triggers[0].at_ms - 700) < 70, (
        "a second after it began, less 0.3 s"
    )
    assert [place.zone for place in places(DOOR)] == ["door", "path"]


def test_motion_that_begins_in_a_clip_of_a_ring_says_its_zones(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda at_s: DOOR if 6 <= at_s < 7 else QUIET)
    door = Door(household, Settings())
    door.play(scene(20))
    assert [
        (trigger.kind, trigger.zone, trigger.score_permille) for trigger in door.statement().triggers
    ] == [
        ("ring", "", 0),
        ("motion", "door", 600),
        ("motion", "path", 200),
    ]


def test_a_hand_over_the_lens_does_not_take_the_picture_of_who_it_belongs_to(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(
        monkeypatch,
        lambda at_s: QUIET if at_s < 5 else PATH if at_s < 6.5 else COVERED if at_s < 8.5 else DARK,
    )
    door = Door(household, Settings())
    door.play(black_from(VISIT, 6.5))
    said = door.statement()
    assert grey(said.thumbnail).std() > 20
    assert [trigger.zone for trigger in said.triggers] == ["path"], (
        "a hand is in no zone more than in another"
    )
    assert heat(said.heat).min() > 0, "it is everywhere"
    assert heat(said.heat)[0, 0] > heat(said.heat)[0, 31]


def test_a_hand_that_comes_from_nowhere_shows_the_doorstep_before_it_and_moved_everywhere(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda at_s: QUIET if at_s < 6.5 else COVERED if at_s < 8.5 else DARK)
    door = Door(household, Settings())
    door.play(black_from(VISIT, 6.5))
    said = door.statement()
    assert [(trigger.zone, trigger.score_permille) for trigger in said.triggers] == [("path", 1000)]
    assert heat(said.heat).min() == 255
    assert grey(said.thumbnail).std() > 20


def test_a_ring_behind_a_hand_shows_who_came_before_it(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda at_s: QUIET if at_s < 4.5 else COVERED if at_s < 5 else DARK)
    door = Door(household, Settings())
    door.play(black_from(scene(20), 4.5))
    said = door.statement()
    assert [trigger.kind for trigger in said.triggers] == ["motion", "ring"]
    assert grey(said.thumbnail).std() > 20


def test_in_the_black_of_night_a_ring_shows_what_there_is(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda _: DARK)
    door = Door(household, Settings())
    door.play(black_from(scene(20), 0))
    said = door.statement()
    assert said.thumbnail
    assert said.heat == b""


@pytest.mark.parametrize("settings", [Settings(quiet=(NIGHT_LONG,)), Settings()])
def test_in_quiet_hours_motion_records_nothing_and_is_no_reason_and_a_ring_passes(
    household: Household, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    see(monkeypatch, lambda at_s: PATH if at_s >= 1 else QUIET)
    door = Door(household, settings)
    door.play(scene(20))
    kinds = [trigger.kind for clip in door.clips() for trigger in door.statement(clip).triggers]
    assert kinds == (["ring"] if settings.quiet else ["motion", "ring"])


def scene_twice() -> Iterable[Captured]:
    """Yield forty seconds without a ring."""
    yield from VISIT
    for item in VISIT:
        yield replace(item, at_us=item.at_us + 20_000_000)
