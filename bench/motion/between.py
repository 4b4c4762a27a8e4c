"""What a process does between two looks, for the cost of a detector that finds its caches taken: it decodes a frame."""

import io
from itertools import cycle

import av
import numpy as np

HEIGHT, WIDTH, FRAMES = 360, 640, 20


class Decoding:
    """A drawn film of noise that drifts, H.264, decoded a frame at a time and over again."""

    def __init__(self) -> None:
        self._packets = cycle(_film())
        self._codec = av.CodecContext.create("h264", "r")
        self._codec.thread_count = 1

    def step(self) -> int:
        """Decode the next frame; return how many came out, which is 0 for the first few."""
        return len(self._codec.decode(av.Packet(next(self._packets))))


def _film() -> list[bytes]:
    noise = np.random.default_rng(1).integers(16, 236, (HEIGHT // 4, WIDTH // 4), np.uint8)
    drawn = np.kron(noise, np.ones((4, 4), np.uint8))
    colour = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
    with av.open(io.BytesIO(), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency"}
        packets = []
        for number in range(FRAMES):
            picture = np.concatenate([np.roll(drawn, 3 * number, axis=1), colour])
            packets += stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p"))
        packets += stream.encode()
    return [bytes(packet) for packet in packets]
