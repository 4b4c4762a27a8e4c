"""AAC-LC by PyAV: samples in, the packets of a clip's sound out.

An AAC packet holds 1,024 samples, and the encoder's first one what was before them: it is left out, so that each packet's time is
that of its samples. 32 kbit/s is transparent enough for a voice at 16 kHz, and 4 kB of each second of film.

Source: ISO/IEC 14496-3; FFmpeg's native encoder.
"""

from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from device.hearing.errors import HearingError
from device.hearing.sound import PACKET, RATE

BITS_PER_S: Final = 32_000


class AacEncoder:
    """One sound track. One thread."""

    def __init__(self) -> None:
        """Begin.

        Raises:
            HearingError: FFmpeg has no such encoder, or it does not begin.
        """
        try:
            codec = av.CodecContext.create("aac", "w")
            if not isinstance(codec, AudioCodecContext):
                raise TypeError("aac is no audio codec")
            codec.sample_rate, codec.layout, codec.format = RATE, "mono", "fltp"
            codec.bit_rate, codec.time_base = BITS_PER_S, Fraction(1, RATE)
            codec.open()
        except (av.FFmpegError, ValueError) as error:
            raise HearingError(f"sound cannot be encoded: {error}") from error
        self._codec = codec
        self._samples = 0

    def encode(self, pcm: bytes) -> list[bytes]:
        """Return the packets that are ready once the next ``PACKET`` samples (16 bits, little endian) are in.

        Raises:
            HearingError: FFmpeg refused them.
        """
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)[np.newaxis] / 32_768
        if samples.shape[1] != PACKET:
            raise ValueError(f"{samples.shape[1]} samples, a packet takes {PACKET}")
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._samples, Fraction(1, RATE)
        self._samples += PACKET
        return self._packets(frame)

    def end(self) -> list[bytes]:
        """Return what was not ready.

        Raises:
            HearingError: as for ``encode``.
        """
        return self._packets(None)

    def _packets(self, frame: av.AudioFrame | None) -> list[bytes]:
        try:
            packets = list(self._codec.encode(frame))
        except av.FFmpegError as error:
            raise HearingError(f"sound cannot be encoded: {error}") from error
        return [bytes(packet) for packet in packets if packet.pts is not None and packet.pts >= 0]
