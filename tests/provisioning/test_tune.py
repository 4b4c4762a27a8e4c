"""``doorward tune``: the device's own decision over a recording, and a picture of what it saw."""

import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from device.contract.settings import Settings, Zone
from device.sight.polygons import Point
from provisioning.cli import run
from provisioning.tune import Look, Seen, Visit, watch
from provisioning.tune_sheet import MOST_VISITS, clock, draw, png
from tests.provisioning.conftest import Furnished

ALL: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
CORNER: tuple[Point, ...] = ((0.0, 0.0), (0.02, 0.0), (0.02, 0.02), (0.0, 0.02))


@pytest.fixture
def film(furnished: Furnished, tmp_path: Path) -> Path:
    out = tmp_path / "visit.mp4"
    command = ["clips", "open", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)]
    assert run(command) == 0
    return out


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


def test_the_picture_has_the_timeline_and_each_visit(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["tune", str(film), "--out", str(tmp_path / "sheets")]) == 0
    assert "1 visit," in capsys.readouterr().out
    sheet = cv2.imdecode(
        np.frombuffer((tmp_path / "sheets" / "visit.mp4.tune.png").read_bytes(), np.uint8), 1
    )
    assert sheet is not None
    accent = (sheet == (34, 74, 168)).all(axis=2)
    assert accent[:220].sum() > 50, "bars where it moved"
    assert sheet[240:420, 20:330].std() > 20, "a picture of the visit"


def test_json_has_every_frame_and_every_visit(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tune", str(film), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out).values()
    assert len(told["visits"]) == 1
    at_ms, permille, moving, gap = told["frames"][-1]
    assert (at_ms > 5_000, 0 <= permille <= 1000, moving in (True, False), gap) == (True, True, True, None)
    assert Path(told["sheet"]).is_file()


def test_what_cannot_be_watched_or_meant_is_said_and_leaves_no_picture(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a film")
    assert run(["tune", str(text)]) == 1
    assert "error:" in capsys.readouterr().err
    wrong = tmp_path / "settings.json"
    for content in ("{", '{"zones":[{"name":"x","points":[[0,0],[2,0],[1,1]]}]}', '{"zone":[]}', "\xff"):
        wrong.write_text(content, encoding="latin-1")
        assert run(["tune", str(film), "--settings", str(wrong)]) == 1
        assert "error:" in capsys.readouterr().err
    assert list(tmp_path.glob("*.tune.png")) == []


def test_a_day_with_more_visits_than_fit_says_so_and_a_dull_one_too() -> None:
    dull = Seen([Look(0, 0.0, False, None), Look(3_600_000_000, 0.0, False, "blind")])
    assert png(draw("dull.mp4", dull)).startswith(b"\x89PNG")
    picture = np.full((270, 320), 100, np.uint8)
    visits = [
        Visit(n * 1_000_000, n * 1_000_000 + 500_000, "Door", 0.1, picture, None)
        for n in range(MOST_VISITS + 5)
    ]
    full = draw("busy.mp4", Seen([Look(0, 0.5, True, None), Look(60_000_000, 0.0, False, None)], visits))
    assert full.shape[0] > 12 * 180
    assert (clock(59_999_999), clock(3_723_000_000)) == ("0:59", "1:02:03")
