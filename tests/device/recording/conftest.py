"""Real access units, encoded once."""

import numpy as np
import pytest

from device.camera.encoder import Encoder
from device.camera.protocol import AccessUnit, VideoFormat

SMALL = VideoFormat(320, 192, 10)


@pytest.fixture(scope="session")
def access_units() -> list[AccessUnit]:
    """Return 25 units at ten a second from 1.5 s on; the frame number is the grey level, times ten."""
    encoder = Encoder(SMALL)
    pictures = (np.full((288, 320), 16 + number * 8, np.uint8) for number in range(25))
    return [encoder.encode(picture, 1_500_000 + i * 100_000) for i, picture in enumerate(pictures)]
