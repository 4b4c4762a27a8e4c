"""The spool: one rename publishes, numbers are spent once, names are numbers."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.disk.durable import erase
from device.disk.kept import Kept
from device.disk.spool import BEGUN, CLIP, EVENT, Spool
from device.upkeep.retention import Limits, give_way, has_room

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


def test_a_running_clip_is_handed_to_nobody_who_asks_for_a_finished_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    clip, descriptor = spool.begin()
    os.close(descriptor)
    assert spool.open_clip(clip) is None
    assert spool.size_bytes(clip) is None
    assert spool.unfinished() == [clip]


def test_a_clip_that_is_watched_while_it_is_recorded_is_there_at_every_step_of_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    clip, descriptor = spool.begin()
    os.close(descriptor)
    assert spool.size_bytes(clip, running=True) is None, "nothing is said of it"
    spool.write_begun(clip, b"begun")
    steps: list[str] = []

    def watched(name: str) -> None:
        step = getattr(Path, name)

        def looked_at(self: Path, *arguments: object, **options: object) -> object:
            steps.append(name)
            assert spool.size_bytes(clip, running=True) == 0, f"before {name}"
            done = step(self, *arguments, **options)
            assert spool.size_bytes(clip, running=True) == 0, f"after {name}"
            return done

        monkeypatch.setattr(Path, name, looked_at)

    for name in ("unlink", "rename"):
        watched(name)
    spool.publish(clip, date(2026, 11, 23))
    assert steps == ["unlink", "rename"]


def test_a_clip_that_could_not_be_moved_to_its_day_is_still_among_the_running_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    clip, descriptor = spool.begin()
    os.close(descriptor)

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(OSError, match="Input/output"):
            spool.publish(clip, date(2026, 11, 23))
    assert (spool.unfinished(), spool.days(), spool.kept()) == ([clip], [], [])


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


LIMITS = Limits(keep_at_most_s=30 * 86400, keep_at_least_s=72 * 3600, spool_bytes=1000, free_bytes=100)


def leaving(
    ages_h: list[float], free_bytes: int, size_bytes: int = 100, sizes: list[int] | None = None
) -> list[tuple[int, str]]:
    """Return what gives way of clips 1, 2 … of these ages."""
    all_sizes = sizes or [size_bytes] * len(ages_h)
    kept = [Kept(clip, size) for clip, size in enumerate(all_sizes[: len(ages_h)], 1)]
    return list(give_way(kept, LIMITS, lambda clip: ages_h[clip - 1] * 3600, free_bytes))


def test_old_clips_go_by_age() -> None:
    assert leaving([31 * 24, 29 * 24], 10**9) == [(1, "age")]


def test_the_oldest_gives_way_to_size_and_no_more_than_needed() -> None:
    assert leaving([199, 198, 197, 196, 195], 10**9, 300) == [(1, "size"), (2, "size")]


def test_a_full_card_makes_room_until_enough_is_free() -> None:
    assert leaving([199, 198, 197, 196, 195], 50, 40) == [(1, "size"), (2, "size")]


def test_ringing_a_thousand_times_erases_nothing() -> None:
    assert leaving([71] * 1000, 0, 10_000) == []
    assert not has_room([Kept(clip, 10_000) for clip in range(1000)], LIMITS, 0)


@given(
    ages_h=st.lists(st.floats(0, 1e5), max_size=30),
    sizes=st.lists(st.integers(0, 2000), min_size=30, max_size=30),
    free_bytes=st.integers(0, 200),
)
def test_nothing_younger_than_keep_at_least_ever_gives_way(
    ages_h: list[float], sizes: list[int], free_bytes: int
) -> None:
    for clip, _ in leaving(ages_h, free_bytes, sizes=sizes):
        assert ages_h[clip - 1] * 3600 >= LIMITS.keep_at_least_s


def test_a_descriptor_that_somebody_kept_of_a_deleted_clip_holds_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    clip = filled(spool, b"sealed" * 100_000)
    opened = spool.open_clip(clip)
    assert opened is not None
    spool.delete(clip)
    assert os.pread(opened[0], 10, 0) == b""
    assert os.fstat(opened[0]).st_blocks == 0, "and no block of the disk"
    os.close(opened[0])


def test_a_deletion_that_a_power_cut_interrupts_is_finished_and_never_a_clip_that_somebody_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before every step: the clip is whole in its day, or no clip any more."""

    class PowerCut(BaseException):
        pass

    for step in range(20):
        state = tmp_path / str(step)
        state.mkdir()
        spool = Spool(state)
        clip = filled(spool)
        taken = 0

        def counted(work: Any) -> Any:
            def guarded(*args: Any, **kwargs: Any) -> Any:
                nonlocal taken
                if taken >= step:  # noqa: B023 - called within this turn alone
                    raise PowerCut
                taken += 1
                return work(*args, **kwargs)

            return guarded

        with monkeypatch.context() as plug:
            for owner, name in ((os, "fsync"), (os, "ftruncate")):
                plug.setattr(owner, name, counted(getattr(owner, name)))
            for name in ("rename", "unlink", "rmdir"):
                plug.setattr(Path, name, counted(getattr(Path, name)))
            try:
                spool.delete(clip)
                done = True
            except PowerCut:
                done = False
        again = Spool(state)
        again.leaving.clear()
        homes = [home for home in state.glob("spool/*/0*") if home.is_dir()]
        assert [again.size_bytes(int(home.name)) for home in homes] in ([], [6])
        assert (again.kept() == []) == (homes == [])
        assert again.next_clip == 2
        if done:
            assert step > 7
            assert homes == []
            return
    pytest.fail("a deletion takes fewer steps")


def test_a_file_that_takes_no_emptying_is_removed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    spool = Spool(tmp_path)
    clip = filled(spool)
    monkeypatch.setattr(os, "ftruncate", full)
    spool.delete(clip)
    assert [path.name for path in (tmp_path / "spool").rglob("*") if path.is_file()] == ["number"]


def test_what_is_erased_takes_nothing_along_that_a_name_points_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_bytes(b"kept")
    home = tmp_path / "home"
    home.mkdir()
    (home / "file").symlink_to(tmp_path / "elsewhere" / "kept")
    (home / "directory").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(home / "pipe")
    erase(home)
    assert not home.exists()
    assert (tmp_path / "elsewhere" / "kept").read_bytes() == b"kept"
