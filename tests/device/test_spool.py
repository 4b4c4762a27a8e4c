"""The spool: one rename publishes, numbers are spent once, names are numbers."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.recording.retention import Limits, give_way, has_room
from device.spool import BEGUN, CLIP, EVENT, Kept, Spool

DAY = date(2026, 11, 23)


def filled(spool: Spool, data: bytes = b"sealed") -> int:
    clip, descriptor = spool.begin()
    os.write(descriptor, data)
    os.close(descriptor)
    spool.write_begun(clip, b"begun")
    spool.write_event(clip, b"event")
    spool.publish(clip, DAY)
    return clip


def test_a_clip_appears_whole_under_its_day(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    clip = filled(spool)
    home = tmp_path / "spool" / "2026-11-23" / "000001"
    assert clip == 1
    assert {file.name: file.read_bytes() for file in home.iterdir()} == {CLIP: b"sealed", EVENT: b"event"}
    assert spool.days() == [("2026-11-23", 1)]
    assert spool.unfinished() == []
    assert spool.size_bytes(clip) == 6


def test_nothing_is_readable_by_others(tmp_path: Path) -> None:
    filled(Spool(tmp_path))
    for path in (tmp_path / "spool").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_running_clip_is_handed_to_nobody(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    clip, descriptor = spool.begin()
    os.close(descriptor)
    assert spool.open_clip(clip) is None
    assert spool.size_bytes(clip) is None
    assert spool.unfinished() == [clip]


def test_a_handed_out_descriptor_cannot_write(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    opened = spool.open_clip(filled(spool))
    assert opened is not None
    descriptor, size_bytes = opened
    assert os.pread(descriptor, 100, 0) == b"sealed"
    assert size_bytes == 6
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(descriptor, b"x")
    os.close(descriptor)


def test_a_number_is_never_used_again_even_after_deletion_and_restart(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    assert [filled(spool), filled(spool)] == [1, 2]
    spool.delete(2)
    spool.delete(1)
    assert not (tmp_path / "spool" / "2026-11-23").exists()
    assert filled(Spool(tmp_path)) == 3


def test_a_lost_number_file_does_not_bring_numbers_back(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    filled(spool)
    (tmp_path / "spool" / "number").unlink()
    assert filled(Spool(tmp_path)) == 2
    (tmp_path / "spool" / "number").write_text("garbage")
    assert filled(Spool(tmp_path)) == 3


def test_a_failed_begin_leaves_nothing_in_the_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path)
    real = os.open

    def full(path: object, flags: int, *args: int) -> int:
        if str(path).endswith(CLIP):
            raise OSError(28, "No space left on device")
        return real(path, flags, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OSError, match="No space"):
        spool.begin()
    assert spool.unfinished() == []


def test_strange_names_in_the_spool_are_not_clips(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    filled(spool)
    for name in ("..data", "2026-11-23x", "lost+found", "2026-11-23 "):
        (tmp_path / "spool" / name).mkdir()
    for name in ("12", "x00001", "0000001x", ".new-000009"):
        (tmp_path / "spool" / "2026-11-23" / name).mkdir()
    again = Spool(tmp_path)
    assert again.days() == [("2026-11-23", 1)]
    assert again.clips("../../etc") == []


def test_begun_is_kept_only_where_it_is_the_only_word(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    clip, descriptor = spool.begin()
    os.close(descriptor)
    spool.write_begun(clip, b"begun")
    spool.write_event(clip, b"event")
    spool.publish(clip, DAY, keep_begun=True)
    assert spool.sealed(clip, BEGUN) == b"begun"
    assert spool.sealed(filled(spool), BEGUN) is None


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMITS = Limits(keep_at_most_s=30 * 86400, keep_at_least_s=72 * 3600, spool_bytes=1000, free_bytes=100)


def kept(clip: int, age_h: float, size_bytes: int = 100) -> Kept:
    return Kept(clip, size_bytes, NOW - timedelta(hours=age_h))


def test_old_clips_go_by_age() -> None:
    clips = [kept(1, 31 * 24), kept(2, 29 * 24)]
    assert give_way(clips, LIMITS, NOW, 10**9) == [(1, "age")]


def test_the_oldest_gives_way_to_size_and_no_more_than_needed() -> None:
    clips = [kept(n, 200 - n, 300) for n in range(1, 6)]
    assert give_way(clips, LIMITS, NOW, 10**9) == [(1, "size"), (2, "size")]


def test_a_full_card_makes_room_until_enough_is_free() -> None:
    clips = [kept(n, 200 - n, 40) for n in range(1, 6)]
    assert give_way(clips, LIMITS, NOW, 50) == [(1, "size"), (2, "size")]


def test_ringing_a_thousand_times_erases_nothing() -> None:
    clips = [kept(n, 71, 10_000) for n in range(1000)]
    assert give_way(clips, LIMITS, NOW, 0) == []
    assert not has_room(clips, LIMITS, 0)


def test_a_clock_that_went_back_fifty_years_erases_nothing() -> None:
    clips = [kept(1, 31 * 24)]
    assert give_way(clips, LIMITS, NOW - timedelta(days=50 * 365), 0) == []


@given(
    ages_h=st.lists(st.floats(-1e5, 1e5), max_size=30),
    sizes=st.lists(st.integers(0, 2000), min_size=30, max_size=30),
    free_bytes=st.integers(0, 200),
)
def test_nothing_younger_than_keep_at_least_ever_gives_way(
    ages_h: list[float], sizes: list[int], free_bytes: int
) -> None:
    clips = [kept(n, age_h, size) for n, (age_h, size) in enumerate(zip(ages_h, sizes, strict=False))]
    leaving = dict(give_way(clips, LIMITS, NOW, free_bytes))
    for clip in clips:
        if clip.clip in leaving:
            assert NOW - clip.finished_utc >= timedelta(seconds=LIMITS.keep_at_least_s)
