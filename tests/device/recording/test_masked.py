"""What a mask covers is in no frame of a sealed clip, in no colour, at no time; nor in its thumbnail, nor in what comes later."""

import io

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from device.contract.settings import Point, Quiet, Settings
from device.disk.spool import CLIP
from device.sealing.age_reader import open_bytes
from device.sight.luma import LUMA_HEIGHT_PX, LUMA_WIDTH_PX, planes
from device.sight.masks import BLACK
from device.sight.polygons import fill
from tests.device.recording.conftest import Door
from tests.support.carnival import carnival
from tests.support.film import VIDEO
from tests.support.household import Household

TRIANGLE = ((0.3, 0.2), (0.9, 0.5), (0.4, 0.95))
BESIDE_A_BLOCK = ((0.513, 0.0), (1.0, 0.0), (1.0, 1.0), (0.513, 1.0))
SKY = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.3), (0.0, 0.3))
ALWAYS = Quiet(tuple(range(7)), "00:00", "00:00")
MACROBLOCK_PX = 16
"""What lies in a block that the mask's border crosses is coded together with what is beside it, and rings; so does JPEG's."""
LEVELS = 3
"""What quantisation leaves of black."""

Inside = npt.NDArray[np.bool_]


def well_inside(polygon: tuple[Point, ...], height_px: int, width_px: int, margin_px: int) -> Inside:
    """Return the pixels that are in the mask, and further than a margin from its border."""
    mask = np.zeros((height_px, width_px), np.uint8)
    fill(mask, polygon, 255)
    around = np.ones((2 * margin_px + 1, 2 * margin_px + 1), np.uint8)
    return cv2.erode(mask, around, borderType=cv2.BORDER_CONSTANT, borderValue=(255,)) > 0


def film(door: Door, clip: int) -> list[npt.NDArray[np.uint8]]:
    """Return every frame of a sealed clip, as I420."""
    sealed = (door.house().clips[clip] / CLIP).read_bytes()
    with av.open(io.BytesIO(open_bytes(sealed, [door.household.card.open]))) as container:
        return [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]


def assert_hidden(frames: list[npt.NDArray[np.uint8]], polygon: tuple[Point, ...]) -> None:
    height_px, width_px = VIDEO.height_px, VIDEO.width_px
    seen = [planes(frame, height_px, width_px) for frame in frames]
    for kind, black in enumerate(BLACK):
        share = 1 if kind == 0 else 2
        inside = well_inside(polygon, height_px // share, width_px // share, MACROBLOCK_PX // share)
        assert inside.sum() > 2_000 // share**2
        over_time = np.stack([picture[kind][inside] for picture in seen]).astype(int)
        assert np.abs(over_time - black).max() <= LEVELS, f"plane {kind}"
        assert np.ptp(over_time, axis=0).max() <= LEVELS, f"plane {kind} changes"
        free = ~well_inside(polygon, height_px // share, width_px // share, 0)
        elsewhere = np.stack([picture[kind][free] for picture in seen[:20]]).astype(int)
        assert np.median(np.ptp(elsewhere, axis=0)) > 60, (
            "the same picture is colourful and moves where nothing hides it"
        )


def rgb(jpeg: bytes) -> npt.NDArray[np.uint8]:
    with av.open(io.BytesIO(jpeg)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


@pytest.mark.parametrize("mask", [TRIANGLE, BESIDE_A_BLOCK])
def test_masked_pixels_are_black_in_every_frame_in_every_colour_at_all_times(
    household: Household, mask: tuple[Point, ...]
) -> None:
    settings = Settings(masks=(mask,))
    door = Door(household, settings)
    door.play(carnival(settings, 14))
    frames = film(door, 1)
    assert len(frames) > 100
    assert_hidden(frames, mask)
    thumbnail = rgb(door.statement().thumbnail)
    inside = well_inside(mask, LUMA_HEIGHT_PX, LUMA_WIDTH_PX, MACROBLOCK_PX)
    assert inside.sum() > 1_000
    assert thumbnail[inside].max() <= 2 * LEVELS
    assert thumbnail[~inside].std() > 30


@pytest.mark.parametrize("rings_s", [(3.0, 6.2), (6.2,)])
def test_of_settings_that_turn_nothing_old_is_in_what_comes(
    household: Household, rings_s: tuple[float, ...]
) -> None:
    """Not even in the seconds before a ring that comes right after they turned, with or without a clip that was running."""
    open_, masked = Settings(quiet=(ALWAYS,)), Settings(masks=(SKY,), quiet=(ALWAYS,))
    door = Door(household, open_)
    door.play(carnival(open_, 16, rings_s, turns={6.0: masked}))
    *before, last = door.clips()
    assert len(before) == len(rings_s) - 1
    for clip in before:
        assert door.statement(clip).masks_sha256 is None
        with pytest.raises(AssertionError, match="plane 0"):
            assert_hidden(film(door, clip), SKY)
    after = door.statement(last)
    assert after.masks_sha256 is not None
    assert_hidden(film(door, last), SKY)
    assert after.pre_roll_ms < 300
    thumbnail = rgb(after.thumbnail)
    assert thumbnail[well_inside(SKY, LUMA_HEIGHT_PX, LUMA_WIDTH_PX, MACROBLOCK_PX)].max() <= 2 * LEVELS


def test_a_ring_at_the_moment_in_which_settings_turn_shows_no_picture_from_before(
    household: Household,
) -> None:
    open_, masked = Settings(), Settings(masks=(SKY,))
    door = Door(household, open_)
    door.play(carnival(open_, 8, rings_s=(6.0,), turns={6.0: masked}))
    (said,) = (
        said
        for said in map(door.statement, door.clips())
        if [trigger.kind for trigger in said.triggers] == ["ring"]
    )
    assert said.masks_sha256 is not None
    assert said.thumbnail == b""
