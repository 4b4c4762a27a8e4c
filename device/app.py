"""The wiring: which thread does what, what flows between them, and how it all stops in order.

    camera thread ──bounded queue──▶ recorder thread      main thread: the link's selector loop
    (capture, encode)                (decide, mux, seal)   (commands, hand-out, notices, rings)

    a press ──one place──▶ the link's loop tells every page, before the recorder comes to it
    button, chime, relay, whoever is at the Pi: a thread of their own, which waits for nobody
    a frame ──bounded────▶ the same loop seals it for whoever watches live; nobody does, and it goes nowhere
    microphone, if the owner gave the door one: a thread of its own, and each moment goes where frames go

The only file that knows all others. Crash-only: a thread that fails takes the process with it; systemd starts it again
and recovery puts the spool right. But not the link's: what comes by it comes from others, and nothing of theirs may stop
recording. It parts from every peer and begins anew, at most once a minute if it goes on stumbling. A camera that goes silent
is no crash: what was recorded stays reachable while it is opened again.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.allowance.spending import Spending
from device.camera.absent import first
from device.camera.errors import CameraError, EncoderError
from device.camera.ladder import Ladder
from device.camera.painter import Painter
from device.camera.protocol import AccessUnit, Camera, Captured, Luma, Pressed, Turned, VideoFormat
from device.camera.sources import open_camera
from device.clock import SystemClock
from device.config import Config
from device.desk.bell import Press
from device.desk.broadcast import Broadcast, Pictures
from device.desk.desk import Desk
from device.desk.link import Link
from device.desk.looks import Service
from device.desk.peer import uids_of
from device.disk.grants import Grants
from device.disk.spool import Spool
from device.disk.state import State
from device.door.light import Light
from device.door.mounting import mount
from device.door.voice import Voice
from device.health.care import Care
from device.hearing.ears import Ears
from device.hearing.sound import Sound
from device.host.pulse import Pulse
from device.host.systemd import Systemd
from device.ledger import Ledger
from device.recording.intake import Intake
from device.recording.recorder import Recorder
from device.trust.condition import Condition
from device.trust.lines import Gap, Stopped, utc
from device.upkeep.recovery import recover
from device.upkeep.reserve import Reserve
from device.watch.watch import Watch

REOPEN_S: Final = 5.0
STUMBLED_S: Final = 60.0

logger = logging.getLogger(__name__)


class App:
    """One running device."""

    def __init__(self, config: Config, manager: Systemd) -> None:
        """Open everything; when this returns, the socket listens. ``manager`` is told that it lives.

        Raises:
            DeviceError: something cannot be used; the sentence says what.
            OSError: the state directory failed.
        """
        video = VideoFormat(config.camera.width_px, config.camera.height_px, config.camera.fps)
        uids = uids_of(config.link.server_user)
        self._clock = SystemClock()
        self._pulse = Pulse(manager, self._clock, ("camera", "recorder", "link"))
        # The lock comes before the camera: of two devices, the second should not hear that its camera is in use.
        self._state = State(Path(config.state))
        watch = Watch(self._state.directory, config.watch, video)
        painter = Painter(video, watch.current)
        watch.on_set(painter.turn)
        self._ladder = Ladder()
        self._open_camera: Callable[[], Camera] = lambda: open_camera(
            config.camera.source, video, painter, rotation=config.camera.rotation,
            software=self._ladder.software, slower=lambda: self._recorder.overloaded(),
        )  # fmt: skip  # one place for each
        self._camera = first(self._open_camera, video, waits=manager.listens)
        key = self._state.key()
        Reserve(self._state.directory).ease()
        self._ledger = Ledger(self._state.directory, key, self._clock)
        if watch.trouble:
            # Whoever waits for recordings must be able to read why there are none.
            now_utc = utc(self._clock.utc())
            self._ledger.note(Gap(at_utc=now_utc, reason="settings", from_utc=now_utc))
        spool = Spool(self._state.directory)
        for clip in recover(spool, self._ledger, self._clock):
            logger.warning("recovered an interrupted clip clip=%d", clip)
        light = Light(Path(config.door.light) if config.door.light else None)
        self._stopping, self._watch = threading.Event(), watch
        wait, is_private = self._stopping.wait, self._is_private
        self._care = Care(
            config, self._ledger, self._clock, wait, lambda: self._panel.ails(),
            lambda: self._recorder.is_recording or self._live.is_on, lambda: spool.next_clip,
        )  # fmt: skip  # one place for each
        service = Service(self._ledger, spool, Grants(self._state.directory), self._clock, self._care.checkup)
        spending = Spending(self._ledger, self._state.directory, self._clock)
        self._ears = ears = Ears(config.door.microphone, self._clock, wait, is_private, self._hear)
        self._recorder = Recorder(
            config, video, spool, self._ledger, self._clock, watch.current, ears.encoder
        )
        authority = self._state.authority()
        voice = Voice() if config.door.loudspeaker else None
        desk = Desk(
            self._ledger, service, spending, key, self._clock, light, watch, self._met, authority, voice,
            config.door.microphone,
        )  # fmt: skip  # one place for each
        # One is enough: what was pressed before it was told is the same ring.
        self._pressed: deque[Press] = deque(maxlen=1)
        self._newest: Luma | None = None
        self._live = desk.live
        self._pictures = Pictures()
        self._broadcast = Broadcast(desk.live, video.frame_us, is_private)
        self._panel = mount(
            config, self._clock, lambda: watch.current, self.press,
            lambda: (*self._recorder.conditions(), *ears.conditions()), voice, self._care.daily.told,
        )  # fmt: skip  # one place for each
        self._link = Link(
            Path(config.link.socket), desk, uids, self._take_press,
            lambda: self._broadcast.all(self._pictures, self._clock.monotonic_us()), self._pulse.of("link"),
        )  # fmt: skip  # one place for each
        self._ledger.on_line(self._link.wake)
        self._failure: BaseException | None = None
        self._intake = Intake(self._stopping, lambda: self._failure is not None, self._recorder.overloaded)

    def stop(self) -> None:
        """Have ``run`` return; for signal handlers and other threads."""
        self._stopping.set()
        self._link.stop()
        self._panel.wake()

    def press(self, at_us: int) -> None:
        """Ring, at a time of CLOCK_MONOTONIC (µs), for a bell that is no camera's; any thread, and it does not wait."""
        self._tell_press()
        self._intake.press(Pressed(at_us))

    def run(self) -> None:
        """Serve until ``stop``; then finish the running clip, note the stop, close everything.

        Raises:
            BaseException: what a thread failed with.
        """
        threads = [threading.Thread(target=self._pulse.beat, args=(self._stopping.wait,), name="pulse")]
        for name, work in (
            ("recorder", self._record), ("camera", self._capture), ("panel", self._attend), ("ears", self._ears.listen),
        ):  # fmt: skip  # a row
            threads.append(threading.Thread(target=self._guarded, args=(work,), name=name))
        for thread in threads:
            thread.start()
        for work in self._care.works:
            threading.Thread(target=self._guarded, args=(work,), name="health", daemon=True).start()
        try:
            self._serve()
        finally:
            self._stopping.set()
            self._camera.stop()
            self._panel.wake()
            for thread in threads:
                thread.join()
            self._panel.close()
            if self._failure is None:
                self._ledger.note(Stopped(at_utc=utc(self._clock.utc())))
            self._link.close()
            self._ledger.close()
            self._state.close()
        if self._failure is not None:
            raise self._failure

    def _serve(self) -> None:
        """Main thread: serve until the device stops, whatever the link stumbles over."""
        pause_s = 1.0
        while not self._stopping.is_set():
            try:
                self._link.run()
            except Exception:
                logger.exception("the link stumbled; it begins anew in %.0f s, recording goes on", pause_s)
            else:
                return
            # What a server makes it stumble over must not have the recorder started anew either.
            self._pulse.rests("link", pause_s)
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, STUMBLED_S)
            try:
                self._link.begin_anew()
            except Exception:
                logger.exception("the link stumbled over its own end")

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - handed to the main thread, which raises it
            self._failure = failure
            self.stop()

    def _capture(self) -> None:
        """Camera thread: put what the camera gives into the queue, and open it again when it fails."""
        moved = self._pulse.of("camera")
        try:
            while not self._stopping.is_set():
                try:
                    for item in self._camera.captured():
                        moved()
                        self._glance(item)
                        self._intake.put(item)
                        if self._stopping.is_set():
                            break
                except CameraError as error:
                    logger.error("camera lost: %s", error.sentence)  # noqa: TRY400 - a sentence, not a trace
                    self._intake.put(error)
                    self._ladder.failed(self._clock.monotonic_us(), encoder=isinstance(error, EncoderError))
                    self._reopen()
                else:
                    return
        finally:
            self._camera.close()
            self._intake.put(None)

    def _glance(self, item: Captured) -> None:
        """Keep the newest picture for a ring, and tell of one; what was seen under other settings shows what they hide.

        Live takes each frame here: it does not wait for the recorder.
        """
        match item:
            case Luma():
                self._newest = item
            case Turned():
                self._newest = None
                self._pictures.forget()
            case Pressed():
                self._tell_press()
                self._panel.rang()
            case AccessUnit() if self._live.is_on:
                self._pictures.add(item)
                self._link.picture()
            case AccessUnit():
                pass

    def _is_private(self) -> bool:
        return self._watch.current.privacy

    def _hear(self, sound: Sound) -> None:
        """Microphone's thread: as for a frame, live does not wait for the recorder."""
        self._intake.hear(sound)
        if self._live.is_on:
            self._pictures.hear(sound)
            self._link.picture()

    def _tell_press(self) -> None:
        self._pressed.append(Press(self._clock.utc(), self._newest))
        self._link.ring()

    def _attend(self) -> None:
        """Panel's thread: attend to what is mounted at the door."""
        while not self._stopping.is_set():
            self._panel.attend()

    def _met(self) -> tuple[Condition, ...]:
        """Any thread: what recorder, door and computer meet."""
        parts = (self._recorder, self._panel, self._ears, self._care)
        return tuple(condition for part in parts for condition in part.conditions())

    def _take_press(self) -> Press | None:
        return self._pressed.pop() if self._pressed else None

    def _reopen(self) -> None:
        self._camera.close()
        self._newest = None
        while not self._stopping.wait(REOPEN_S):
            self._pulse.of("camera")()
            self._intake.put_late()
            try:
                self._camera = self._open_camera()
            except CameraError:
                continue
            logger.warning("camera is back")
            return

    def _record(self) -> None:
        """Recorder thread: take items until the camera ended."""
        moved = self._pulse.of("recorder")
        while (item := self._intake.next(moved)) is not None:
            for sound in self._intake.sounds():
                self._recorder.hear(sound)
            if isinstance(item, CameraError):
                self._recorder.camera_lost()
            else:
                self._recorder.take(item)
        self._recorder.stop()
