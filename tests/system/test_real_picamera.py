"""picamera2 and libcamera as they are, over libcamera's virtual camera, in a Debian root of their own."""

import io
import os
import subprocess

import av
import numpy as np
import pytest

from provisioning.house.genuine import check_film, read_record
from tests.support.household import Household
from tests.support.rooms import ROOT
from tests.system.reading import read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),  # the first run makes the root
    pytest.mark.skipif(os.getuid() != 0, reason="a chroot needs root"),
]


def in_the_root(*arguments: str) -> str:
    """Return what ``scripts/picamera`` printed; it must have ended well."""
    ran = subprocess.run([ROOT / "scripts/picamera", *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_a_thread_that_dies_or_stalls_and_ten_reopenings_cost_neither_a_mask_nor_a_descriptor() -> None:
    assert in_the_root().count("held: ") == 4


def test_a_ring_before_the_real_library_becomes_a_sealed_film_with_its_mask_in_every_picture(
    household: Household,
) -> None:
    in_the_root("--state", str(household.state), "python", "/repo/tests/picamera/whole_device.py")
    house = read(household)
    film = io.BytesIO()
    assert check_film(house, read_record(house, house.numbers()[0]), film).is_sound
    film.seek(0)
    with av.open(film) as container:
        pictures = [picture.to_ndarray(format="yuv420p") for picture in container.decode(video=0)]
    assert len(pictures) > 30
    for picture in pictures:
        assert int(np.abs(picture[:352, :632].astype(int) - 16).max()) <= 2
        assert picture[400:700].std() > 1
