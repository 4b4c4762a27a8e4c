"""x264 by PyAV: a picture in, its access unit out, at once.

- No delay: no B-frames, no lookahead, no frame threads (``zerolatency``); one thread, one slice, so that a visitor costs one core
  and the rest of the house stays awake.
- A keyframe every KEYFRAME_S, IDR, with its parameter sets: the pre-roll counts in whole GOPs, and a clip ends at a keyframe.
- ``ultrafast`` is what a Pi without an H.264 encoder can bear; constrained baseline, which everything decodes.
- Constant quality under a ceiling: an empty doorstep costs little, a crowd in the rain no more than MAX_BITS_PER_S at 720p. A
  keyframe may take half a second's worth.
"""

from fractions import Fraction
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext

from device.camera.protocol import AccessUnit, Bytes2D, VideoFormat
from device.camera.sps import at_once

MAX_BITS_PER_S: Final = 2_500_000
CRF: Final = 25
KEYFRAME_S: Final = 1
"""From keyframe to keyframe."""
_REFERENCE_PX: Final = 1280 * 720


def ceiling(video: VideoFormat) -> int:
    """Return the most bits a second that pictures of this size may take."""
    return max(300_000, MAX_BITS_PER_S * video.width_px * video.height_px // _REFERENCE_PX)


class Encoder:
    """One H.264 stream.

    Args:
        video: size and rate of the pictures.
    """

    def __init__(self, video: VideoFormat) -> None:
        bits_per_s = ceiling(video)
        codec = av.CodecContext.create("libx264", "w")
        if not isinstance(codec, VideoCodecContext):
            raise TypeError("libx264 is no video codec")
        codec.width, codec.height, codec.pix_fmt = video.width_px, video.height_px, "yuv420p"
        codec.time_base, codec.framerate = Fraction(1, 1_000_000), Fraction(video.fps)
        codec.gop_size, codec.max_b_frames, codec.thread_count = video.fps * KEYFRAME_S, 0, 1
        codec.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": str(CRF),
            "maxrate": str(bits_per_s),
            "bufsize": str(bits_per_s // 2),
            "forced-idr": "1",
            "x264-params": "annexb=1:repeat-headers=1:sliced-threads=0:threads=1:scenecut=0:colormatrix=bt709:"
            "colorprim=bt709:transfer=bt709:range=tv",
        }
        codec.open()
        self._codec = codec
        self._video = video

    def encode(self, i420: Bytes2D, at_us: int) -> AccessUnit:
        """Return the access unit of one picture.

        Args:
            i420: uint8 (height * 3 // 2, width), C-contiguous; is only read, and not kept.
            at_us: when it was captured, later than the picture before.
        """
        frame = av.VideoFrame.from_numpy_buffer(i420, "yuv420p")
        frame.pts = at_us
        packets = self._codec.encode(frame)
        if len(packets) != 1:
            raise RuntimeError(f"x264 gave {len(packets)} packets for a picture, in spite of zerolatency")
        keyframe = packets[0].is_keyframe
        return AccessUnit(at_once(bytes(packets[0])) if keyframe else bytes(packets[0]), keyframe, at_us)
