"""``python -m bench.live.mjpeg PORT``: the same camera as plain MJPEG, as hobbyists serve one: a JPEG a picture, to whoever asks.

Each picture is encoded once, whoever watches, by OpenCV at the quality of 80 that streamers use by default; no TLS, no key.
"""

import asyncio
import sys
import threading
from typing import Final

import cv2
from aiohttp import web

from bench.live.stamped import Stamped
from device.camera.protocol import VideoFormat

VIDEO: Final = VideoFormat(1280, 720, 15)
QUALITY: Final = 80


class Stream:
    """The newest picture, and whoever waits for it."""

    def __init__(self) -> None:
        self.jpeg = b""
        self.changed = asyncio.Condition()

    async def take(self, jpeg: bytes) -> None:
        async with self.changed:
            self.jpeg = jpeg
            self.changed.notify_all()


def draw(stream: Stream, loop: asyncio.AbstractEventLoop) -> None:
    """Draw and encode for ever, in a thread of its own."""
    for frame in Stamped(VIDEO).frames():
        bgr = cv2.cvtColor(frame.i420, cv2.COLOR_YUV2BGR_I420)
        _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        asyncio.run_coroutine_threadsafe(stream.take(jpeg.tobytes()), loop)


async def page(_: web.Request) -> web.Response:
    return web.Response(text='<!doctype html><img src="/stream" alt="">', content_type="text/html")


async def serve(request: web.Request) -> web.StreamResponse:
    stream: Stream = request.app["stream"]
    response = web.StreamResponse(headers={"Content-Type": "multipart/x-mixed-replace; boundary=frame"})
    await response.prepare(request)
    while True:
        async with stream.changed:
            await stream.changed.wait()
            jpeg = stream.jpeg
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        await response.write(head.encode() + jpeg + b"\r\n")


async def begin(app: web.Application) -> None:
    stream = app["stream"] = Stream()
    loop = asyncio.get_running_loop()
    threading.Thread(target=draw, args=(stream, loop), daemon=True).start()


def main() -> None:
    """Serve until killed."""
    app = web.Application()
    app.on_startup.append(begin)
    app.add_routes([web.get("/", page), web.get("/stream", serve)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()
