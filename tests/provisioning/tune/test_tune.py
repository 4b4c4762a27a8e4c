"""``doorward tune``: the device's own decision over a recording, and a picture of what it saw."""

import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from device.camera.protocol import AccessUnit
from device.camera.sources import open_camera
from device.config import Config
from device.contract.settings import Settings, Zone
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.fmp4 import Fragmenter
from device.recording.policy import EndClip, StartClip
from device.recording.recorder import Recorder
from device.sight.polygons import Point
from provisioning.cli import run
from provisioning.tune.ink import ACCENT, STILL, WARM
from provisioning.tune.sheet import MOST_VISITS, draw, png
from provisioning.tune.timeline import clock
from provisioning.tune.tune import VIDEO, Look, Seen, Visit, watch
from tests.provisioning.conftest import Furnished
from tests.support import film as drawn
from tests.support.household import Household

ALL: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
CORNER: tuple[Point, ...] = ((0.0, 0.0), (0.02, 0.0), (0.02, 0.02), (0.0, 0.02))


@pytest.fixture
def film(furnished: Furnished, tmp_path: Path) -> Path:
    out = tmp_path / "visit.mp4"
    command = ["clips", "open", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)]
    assert run(command) == 0
    return out


def is_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (picture == colour).all(axis=2)


def write_film(path: Path, seconds: int) -> Path:
    """Write the scene camera's first seconds; its visitor is there from 3.0 to 12.0."""
    units = [item for item in drawn.scene(seconds) if isinstance(item, AccessUnit)]
    fragments = Fragmenter(units[0], drawn.VIDEO.frame_us)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(fragments.init_segment() + b"".join(fragments.fragment(unit) for unit in units))
    return path


def see(film: Path, settings: Settings | None = None) -> Seen:
    return watch(film, settings or Settings(), time.thread_time_ns)


def test_a_visit_is_seen_where_it_is_and_twice_the_same(film: Path) -> None:
    seen, again = see(film), see(film)
    assert len(seen.visits) == 1
    assert [(v.from_us, v.to_us, v.score) for v in seen.visits] == [
        (v.from_us, v.to_us, v.score) for v in again.visits
    ]
    assert seen.looks == again.looks
    (visit,) = seen.visits
    assert 0 < visit.from_us < visit.to_us <= seen.looks[-1].at_us
    assert visit.score > 0.005
    assert visit.where.max() == 255


def test_a_zone_elsewhere_and_a_mask_over_everything_that_moves_see_nothing(film: Path) -> None:
    assert see(film, Settings(zones=(Zone("Corner", CORNER),))).visits == []
    most = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.94), (0.0, 0.94))
    assert see(film, Settings(masks=(most,))).visits == []
    (visit,) = see(film, Settings(zones=(Zone("Path", ALL),))).visits
    assert visit.zone == "Path"


def test_its_clips_are_those_that_the_device_s_own_recorder_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = write_film(tmp_path / "visit.mp4", 18)
    done: list[object] = []
    obey = Recorder._obey
    monkeypatch.setattr(
        Recorder, "_obey", lambda self, actions: (done.extend(actions), obey(self, actions))[1]
    )
    household = Household(tmp_path / "state")
    ledger = Ledger(household.state, household.device, household.clock)
    recorder = Recorder(Config(), VIDEO, Spool(household.state), ledger, household.clock)
    camera = open_camera(f"replay:{film}", VIDEO, realtime=False)
    for item in camera.captured():
        recorder.take(item)
    camera.close()
    begun = [
        (max(0, action.pre_roll_from_us), action.at_us) for action in done if isinstance(action, StartClip)
    ]
    ended = [action.at_us for action in done if isinstance(action, EndClip)]
    assert len(begun) == len(ended) == 1
    visits = see(film).visits
    assert [(visit.clip_from_us, visit.from_us) for visit in visits] == begun
    assert [visit.to_us for visit in visits] == ended


def test_the_picture_has_the_timeline_and_each_visit(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["tune", str(film), "--out", str(tmp_path / "sheets")]) == 0
    assert "1 visit," in capsys.readouterr().out
    sheet = cv2.imdecode(
        np.frombuffer((tmp_path / "sheets" / "visit.mp4.tune.png").read_bytes(), np.uint8), 1
    )
    assert sheet is not None
    assert is_colour(sheet, ACCENT)[:246].sum() > 50, "bars where it moved"
    assert sheet[330:506, 20:330].std() > 20, "a picture of the visit"
    assert is_colour(sheet, WARM)[330:506, 16:336].sum() > 20, "an outline of what moved in it"


def test_json_has_every_frame_and_every_visit(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tune", str(film), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out).values()
    assert len(told["visits"]) == 1
    at_ms, permille, moving, gap, lingering = told["frames"][-1]
    assert (at_ms > 5_000, 0 <= permille <= 1000, gap) == (True, True, None)
    assert {moving, lingering} <= {True, False}
    assert told["broken"] == ""
    assert Path(told["sheet"]).is_file()


def test_what_cannot_be_watched_or_meant_is_said_and_leaves_no_picture(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a film")
    assert run(["tune", str(text)]) == 1
    assert "error:" in capsys.readouterr().err
    wrong = tmp_path / "settings.json"
    for content in ("{", '{"zone":[]}', "\xff"):
        wrong.write_text(content, encoding="latin-1")
        assert run(["tune", str(film), "--settings", str(wrong)]) == 1
        assert f"error: {wrong}: " in capsys.readouterr().err
    assert list(tmp_path.glob("*.tune.png")) == []


SQUARE = "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]"
CROSSED = "[[0, 0], [1, 1], [1, 0], [0, 1]]"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            f'{{"zones": [{{"name": "x", "points": {CROSSED}}}]}}',
            'zones[0] is {"name": "x", "points": [[0.0, 0.0], [1.0,',
        ),
        (
            '{"zones": [{"name": "x", "points": [[0, 0], [2, 0], [1, 1]]}]}',
            "zones[0].points[1][0] is 2: it must be 1 or less",
        ),
        (
            f'{{"zones": [{{"name": "x", "points": {SQUARE}, "sensitivity": 9}}]}}',
            'the sensitivity of the zone "x" is 9',
        ),
        (
            f'{{"zones": [{{"name": "x", "points": {SQUARE}}}, {{"name": "x", "points": {SQUARE}}}]}}',
            "zones is [{",
        ),
        (f'{{"masks": [{SQUARE}, {CROSSED}]}}', "masks[1] is [[0.0, 0.0],"),
        ('{"masks": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}', "masks is [[[0.0, 0.0],"),
        ('{"privacy": 3}', "privacy is 3: it must be true or false, and is a whole number"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_file_key_and_value(
    content: str, said: str, film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "settings.json"
    wrong.write_text(content)
    assert run(["tune", str(film), "--settings", str(wrong)]) == 1
    error, hint = capsys.readouterr().err.splitlines()
    assert error.startswith(f"error: {wrong}: ")
    assert said in error
    assert hint.startswith("hint: ")


def test_recordings_of_one_name_get_pictures_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long, short = write_film(tmp_path / "a" / "visit.mp4", 9), write_film(tmp_path / "b" / "visit.mp4", 4)
    out = tmp_path / "out"
    assert run(["tune", str(long), str(short), str(long), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == [str(long), str(short)]
    sheets = [Path(one["sheet"]) for one in told.values()]
    assert [sheet.name for sheet in sheets] == ["visit.mp4.tune.png", "visit.mp4.2.tune.png"]
    assert sorted(out.iterdir()) == sorted(sheets)
    assert sheets[0].read_bytes() != sheets[1].read_bytes()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_bad_file_among_good_ones_is_named_and_loses_nothing(
    as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, last = write_film(tmp_path / "first.mp4", 4), write_film(tmp_path / "last.mp4", 4)
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(first.read_bytes()[:600])
    assert run(["tune", str(first), str(bad), str(last), *(["--json"] if as_json else [])]) == 1
    told, complaint = capsys.readouterr()
    assert f"error: {bad}: " in complaint
    if as_json:
        found = json.loads(told)
        assert list(found) == [str(first), str(bad), str(last)]
        assert list(found[str(bad)]) == ["error"]
        assert found[str(last)]["frames"]
    else:
        assert str(first) in told
        assert str(last) in told
    assert sorted(path.name for path in tmp_path.glob("*.tune.png")) == [
        "first.mp4.tune.png",
        "last.mp4.tune.png",
    ]


def test_a_recording_that_is_damaged_is_drawn_up_to_the_damage_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = write_film(tmp_path / "whole.mp4", 9)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    assert run(["tune", str(cut), "--json"]) == 0
    told, complaint = capsys.readouterr()
    (found,) = json.loads(told).values()
    assert "1 of its pictures cannot be decoded" in found["broken"]
    assert complaint.startswith(f"warning: {cut}: ")
    assert "watched up to 0:0" in complaint
    assert 4_000 < found["frames"][-1][0] < 8_900
    assert [visit["to_ms"] for visit in found["visits"]] == [found["frames"][-1][0]]
    assert Path(found["sheet"]).is_file()


def test_whoever_stands_still_is_on_the_timeline() -> None:
    looks = [Look(n * 100_000, 0.02, 20 <= n < 40, None, 40 <= n < 70) for n in range(100)]
    strip = is_colour(draw("still.mp4", Seen(looks)), STILL)[76:246]
    columns = np.flatnonzero(strip.any(axis=0))
    left, right = 66, 1344
    assert columns[0] == pytest.approx(left + (right - left) * 40 / 99, abs=3)
    assert columns[-1] == pytest.approx(left + (right - left) * 70 / 99, abs=3)
    assert strip.sum() > 5 * columns.size


def test_zones_are_drawn_with_their_names_whatever_the_letters() -> None:
    picture = np.full((270, 320), 100, np.uint8)
    visit = Visit(0, 1_000_000, "Küche", 0.1, picture, None, 0)
    seen = Seen([Look(0, 0.1, True, None), Look(2_000_000, 0.0, False, None)], [visit])
    plain = draw("a.mp4", seen)
    named, other = (draw("a.mp4", seen, Settings(zones=(Zone(name, ALL),))) for name in ("Küche", "Kuche"))
    assert (plain != named).any()
    assert (named != other).any(), "an umlaut is not a question mark"


def test_a_day_with_more_visits_than_fit_says_so_and_a_dull_one_too() -> None:
    dull = Seen([Look(0, 0.0, False, None), Look(3_600_000_000, 0.0, False, "blind")])
    assert png(draw("dull.mp4", dull)).startswith(b"\x89PNG")
    picture = np.full((270, 320), 100, np.uint8)
    visits = [
        Visit(n * 1_000_000, n * 1_000_000 + 500_000, "Door", 0.1, picture, None, n * 1_000_000)
        for n in range(MOST_VISITS + 5)
    ]
    full = draw("busy.mp4", Seen([Look(0, 0.5, True, None), Look(60_000_000, 0.0, False, None)], visits))
    assert full.shape[0] > 12 * 180
    assert (clock(59_999_999), clock(3_723_000_000)) == ("0:59", "1:02:03")
