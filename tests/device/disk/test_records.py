"""Numbered records: cut at every byte, damaged at every byte, and never more than one lost."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.disk.durable import open_file
from device.disk.records import Records, encode

DATA = {1: b"one", 2: b"two" * 20, 7: b"", 8: bytes(range(256))}
WHOLE = b"".join(encode(number, data) for number, data in DATA.items() if data)
KEPT = {number: data for number, data in DATA.items() if data}


def opened(path: Path, most_bytes: int = 1 << 20) -> Records:
    return Records(open_file(path, os.O_RDWR), most_bytes, 1000)


def found(path: Path) -> dict[int, bytes | None]:
    records = opened(path)
    try:
        return {number: records.read(number) for number in records.numbers}
    finally:
        records.close()


def test_what_was_appended_is_found_by_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    records = opened(path)
    for number, data in KEPT.items():
        records.append(number, data)
        assert records.read(number) == data
    assert records.read(3) is None
    records.close()
    assert path.read_bytes() == WHOLE
    assert found(path) == KEPT


def test_a_file_that_is_cut_anywhere_keeps_every_whole_record_and_takes_another(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for cut in range(len(WHOLE) + 1):
        path.write_bytes(WHOLE[:cut])
        kept = {number: data for number, data in KEPT.items() if encode(number, data) in WHOLE[:cut]}
        records = opened(path)
        assert records.numbers == sorted(kept)
        records.append(9, b"nine")
        records.close()
        assert found(path) == {**kept, 9: b"nine"}


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_a_damaged_byte_costs_two_records_at_most_and_the_file_takes_another(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    """Two, where it was the end of a line. What a record then holds is for its reader to check."""
    path = tmp_path_factory.mktemp("damaged") / "file"
    path.write_bytes(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    records = opened(path)
    records.append(9, b"nine")
    records.close()
    now = found(path)
    assert sum(now.get(number) != data for number, data in KEPT.items()) <= 2
    assert now[9] == b"nine"


def test_of_two_with_one_number_the_later_counts(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(WHOLE + encode(2, b"again"))
    assert found(tmp_path / "file") == {**KEPT, 2: b"again"}


@pytest.mark.parametrize(
    "junk", [bytes(5_000_000), b"x" * 3_000_000 + b"\n", b"\n" * 70_000, b"1 QQ==" * 400_000]
)
def test_junk_is_skipped_without_being_held(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(WHOLE + junk + b"\n" + encode(5, b"five"))
    records = opened(path, 1 << 23)
    assert {number: records.read(number) for number in records.numbers} == {**KEPT, 5: b"five"}
    records.append(6, b"six")
    records.close()
    assert path.read_bytes().endswith(encode(5, b"five") + encode(6, b"six"))


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    os.truncate(path, 1 << 40)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match="larger than"):
        opened(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_record_that_a_full_disk_refuses_is_cut_off_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(WHOLE)
    records = opened(path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as refusing:
        refusing.setattr(os, "fdatasync", full)
        with pytest.raises(OSError, match="No space"):
            records.append(9, b"nine")
    assert path.read_bytes() == WHOLE
    assert records.read(9) is None
    records.append(9, b"nine")
    records.close()
    assert found(path) == {**KEPT, 9: b"nine"}
