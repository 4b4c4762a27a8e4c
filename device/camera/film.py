"""A video file's pictures, whoever wrote it: upright, with times that go on, and without what cannot be decoded.

exactly this file     FFmpeg gets an open descriptor and may open nothing else: a name like an address, a playlist or a
                      session description in the file reaches neither another file nor the network
times that go on      streams without times count pictures; a jump back, or ahead by more than GAP_US, is where recordings
                      were joined, and the next picture follows the last one
broken pictures       are left out, and the film goes on
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import av
import av.error
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from device.camera.errors import CameraError
from device.camera.upright import Upright

GAP_US: Final = 10_000_000
"""A camera of a variable rate may pause so long; more is another recording."""
_RATE: Final = 25
_GIVE: Final = "give a video file that FFmpeg can read"


class Film:
    """An open video file.

    Args:
        path: the file; nothing in its name means anything.

    Attributes:
        left_out: how many pictures could not be decoded so far.

    Raises:
        CameraError: it cannot be read, or holds no video.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.left_out = 0
        self._file = _opened(path)
        try:
            container = av.open(
                self._file, "r", metadata_errors="ignore", options={"protocol_whitelist": "none"}
            )
        except av.error.InvalidDataError as error:
            self._file.close()
            raise CameraError(
                f"{path}: cannot be played: it is no video, or its recorder was cut off before it was whole",
                hint=_GIVE,
            ) from error
        except (av.error.FFmpegError, OSError) as error:
            self._file.close()
            raise CameraError(f"{path}: cannot be played: {error.strerror or error}", hint=_GIVE) from error
        self._container = container
        best = container.streams.best("video")
        # FFmpeg draws any text as a film of letters, and a cover beside sound is no film either.
        is_letters = container.format.name == "tty"
        if not isinstance(best, VideoStream) or best.disposition & Disposition.attached_pic or is_letters:
            self.close()
            raise CameraError(f"{path}: holds no video", hint=_GIVE)
        self._stream = best

    def pictures(self) -> Iterator[tuple[int, VideoFrame]]:
        """Yield each picture that can be decoded, upright, with its time in microseconds since the first.

        Raises:
            CameraError: the file cannot be read any further.
        """
        upright, times = Upright(), Times(round(1_000_000 / (self._stream.guessed_rate or _RATE)))
        for picture in self._decoded():
            yield (
                times.next_us(None if picture.pts is None else round(picture.time * 1e6)),
                upright.turn(picture),
            )

    def close(self) -> None:
        """Close the file."""
        self._container.close()
        self._file.close()

    def _decoded(self) -> Iterator[VideoFrame]:
        self._stream.thread_count = 1  # with more, a packet's error may come with another one
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError as error:
                raise CameraError(
                    f"{self._path}: cannot be read any further: {error.strerror}",
                    hint="the file is damaged; give another",
                ) from error
            try:
                yield from self._stream.decode(packet)
            except av.error.FFmpegError:
                self.left_out += 1


def _opened(path: Path) -> BinaryIO:
    try:
        # A pipe that nobody writes to would hold up whoever opens it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        about = os.fstat(descriptor)
    except OSError as error:
        raise CameraError(f"{path}: cannot be played: {error.strerror}", hint=_GIVE) from error
    if not stat.S_ISREG(about.st_mode) or not about.st_size:
        os.close(descriptor)
        what = "is empty" if stat.S_ISREG(about.st_mode) else "is no file"
        raise CameraError(f"{path}: cannot be played: it {what}", hint=_GIVE)
    return os.fdopen(descriptor, "rb")


class Times:
    """Times of pictures that go on, whatever their file says: made of several recordings, or without any.

    Args:
        usual_us: from one picture to the next, where the file does not tell.
    """

    def __init__(self, usual_us: int) -> None:
        self._usual_us = usual_us
        self._told_us: int | None = None
        self._at_us: int | None = None

    def next_us(self, told_us: int | None) -> int:
        """Return the time of the next picture since the first; ``told_us`` is what the file says, in a time of its own."""
        if self._at_us is None:
            self._at_us = 0
        elif told_us is not None and self._told_us is not None and 0 <= told_us - self._told_us <= GAP_US:
            self._at_us += told_us - self._told_us
        else:
            self._at_us += self._usual_us
        self._told_us = told_us if told_us is not None else self._told_us
        return self._at_us
