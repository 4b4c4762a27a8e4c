"""picamera2 over libcamera's virtual camera: what that lacks beside a Pi's own.

It writes NV12 into two planes where picamera2 has one buffer, offers no raw modes, and gives pictures as fast as they are
taken: here one each fifteenth of a second.
"""

import time

import libcamera
from picamera2 import Picamera2
from picamera2.allocators import DmaAllocator

GAP_S = 1 / 15


class TwoPlanes(DmaAllocator):
    """Buffers of which the second plane begins where Y ends."""

    def allocate(self, libcamera_config, use_case):
        super().allocate(libcamera_config, use_case)
        for stream in libcamera_config:
            luma = stream.stride * stream.size.height
            whole, self.frame_buffers[stream.stream] = self.frame_buffers[stream.stream], []
            for buffer in whole:
                y, pairs = buffer.planes[0], buffer.planes[0]
                y.length = luma
                pairs.offset, pairs.length = luma, stream.frame_size - luma
                parted = libcamera.FrameBuffer([y, pairs])
                self.mapped_buffers[parted] = self.mapped_buffers.pop(buffer)
                self.frame_buffers[stream.stream].append(parted)


class VirtualPicamera2(Picamera2):
    """``Picamera2`` at fifteen pictures a second, whose thread can be killed or held up from outside.

    Attributes:
        fault: called before each picture, in picamera2's own thread.
    """

    def __init__(self, number=0):
        self.fault = lambda: None
        self._due_s = 0.0
        super().__init__(number, allocator=TwoPlanes())

    def _get_raw_modes(self):
        formats = self.camera.generate_configuration([libcamera.StreamRole.Viewfinder]).at(0).formats
        return [
            {"format": str(form), "size": (size.width, size.height)}
            for form in formats.pixel_formats
            for size in formats.sizes(form)
        ]

    def process_requests(self, display):
        self.fault()
        now_s = time.monotonic()
        if self._due_s > now_s:
            time.sleep(self._due_s - now_s)
        with self._requestslock:
            later, self._requests = self._requests[1:], self._requests[:1]
            if self._requests:
                self._due_s = max(self._due_s, now_s - GAP_S) + GAP_S
        super().process_requests(display)
        with self._requestslock:
            stale = [request for request in later if request.stop_count != self.stop_count]
            later = [request for request in later if request.stop_count == self.stop_count]
            self._requests = later + self._requests
            if self._requests:
                self._run_process_requests()
        for request in stale:
            request.release()
