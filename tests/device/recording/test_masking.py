"""The list of masks in a statement: what the household set, as fine as its digest sees it, and never too long for an event."""

import hashlib
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.contract.masks import canonical
from device.recording.masking import MOST_CORNERS, fit, told
from device.sight.masks import MOST_MASKS
from device.sight.polygons import MOST_CORNERS as MOST_CORNERS_OF_ONE
from device.trust.statement import Statement

TRIANGLE = ((0.1, 0.2), (0.3, 1.0), (0.123456789, 0.0))
share = st.floats(0, 1) | st.sampled_from((0.5, 0.1, 0.3, 0.7, 1 / 3))
lists = st.lists(st.lists(st.tuples(share, share), min_size=3, max_size=8), max_size=6)


def statement(masks: object, masks_sha256: bytes | None) -> Statement:
    return Statement(
        door=bytes(32), clip=1, state="sealed", begun_utc=datetime(2026, 11, 23, 12, tzinfo=UTC), duration_ms=0, pre_roll_ms=0,
        triggers=(), width_px=0, height_px=0, fps=0, codec="", masks_sha256=masks_sha256, roster_seq=0,
        header_sha256=None, ciphertext_sha256=None, ciphertext_bytes=0, plaintext_sha256=None, plaintext_bytes=0,
        thumbnail=b"", masks=masks,
    )  # type: ignore[arg-type]  # fmt: skip  # a statement of nothing


@given(lists)
def test_whoever_reads_the_list_comes_to_the_digest_of_what_was_painted(
    masks: list[list[tuple[float, float]]],
) -> None:
    listed, digest = told(masks)
    assert digest == (
        hashlib.sha256(canonical([tuple(points) for points in masks])).digest() if masks else None
    )
    assert listed is not None
    data = msgspec.json.encode(statement(listed, digest))
    assert fit(msgspec.json.decode(data, type=Statement))
    for points, seen in zip(masks, listed, strict=True):
        for (x, y), (seen_x, seen_y) in zip(points, seen, strict=True):
            assert max(abs(x - seen_x), abs(y - seen_y)) < 2e-5


@pytest.mark.parametrize(
    ("masks", "digest_of"), [((), [TRIANGLE]), ([TRIANGLE], []), ([TRIANGLE], [TRIANGLE, TRIANGLE])]
)
def test_a_list_and_the_digest_of_another_do_not_fit(masks: list[object], digest_of: list[object]) -> None:
    listed, _ = told(masks)  # type: ignore[arg-type]
    _, digest = told(digest_of)  # type: ignore[arg-type]
    assert not fit(statement(listed, digest))


def test_a_statement_that_lists_no_masks_is_from_before_they_were_listed_and_is_believed() -> None:
    assert fit(statement(None, None))
    assert fit(statement(None, bytes(32)))


def test_the_longest_list_leaves_room_for_a_thumbnail_and_a_longer_one_is_told_by_its_digest_alone() -> None:
    corners = [(number / 4096, 0.12345) for number in range(MOST_CORNERS_OF_ONE)]
    masks = [corners] * (MOST_CORNERS // MOST_CORNERS_OF_ONE)
    listed, _ = told(masks)
    assert len(msgspec.json.encode(listed)) < 19_000
    listed, digest = told([corners] * MOST_MASKS)
    assert listed is None
    assert digest is not None
    assert fit(statement(listed, digest))
