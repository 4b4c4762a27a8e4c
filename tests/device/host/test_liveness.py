"""A device of which a loop hangs says so and stops saying that it lives; one that rests does not."""

import os
import socket
import threading
from pathlib import Path

import pytest

from device.host.liveness import Liveness
from device.host.pulse import Pulse
from device.host.systemd import Systemd
from tests.support.household import DrivenClock


def test_a_loop_hangs_once_it_has_rested_for_too_long_and_each_is_judged_by_itself() -> None:
    liveness = Liveness(("camera", "link"), limit_us=10, now_us=100)
    assert liveness.hanging(110) == ()
    liveness.moved("link", 108)
    assert liveness.hanging(111) == ("camera",)
    liveness.moved("camera", 112)
    assert liveness.hanging(119) == ("link",)


class Listener:
    """A service manager's socket, and what it heard."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(30)
        self.socket.bind(address)

    def hears(self) -> str:
        return self.socket.recv(4096).decode()


@pytest.mark.parametrize("form", ["path", "abstract"])
def test_it_tells_when_it_serves_that_it_lives_what_hangs_and_when_it_stops(
    tmp_path: Path, form: str
) -> None:
    path = str(tmp_path / "notify") if form == "path" else f"@doorward-{os.getpid()}"
    listener, clock = Listener(path.replace("@", "\0")), DrivenClock()
    manager = Systemd({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "4000000"})
    pulse = Pulse(manager, clock, ("camera", "link"))
    waited: list[float] = []
    go_on, over = threading.Semaphore(0), threading.Event()

    def stops_within(seconds: float) -> bool:
        waited.append(seconds)
        assert go_on.acquire(timeout=30)
        return over.is_set()

    beating = threading.Thread(target=pulse.beat, args=(stops_within,), daemon=True)
    beating.start()
    assert listener.hears() == "READY=1"
    go_on.release()
    assert listener.hears() == "WATCHDOG=1"
    clock.pass_s(2.5)
    pulse.of("link")()
    go_on.release()
    assert listener.hears() == "STATUS=does not move: camera"
    pulse.of("camera")()
    go_on.release()
    assert listener.hears() == "WATCHDOG=1"
    over.set()
    go_on.release()
    assert listener.hears() == "STOPPING=1"
    assert set(waited) == {1.0}, "four words in the time that the manager waits for one"
    listener.socket.close()


def test_a_loop_that_rests_on_purpose_does_not_hang_until_it_is_over() -> None:
    """However long a stumbling link waits: whoever made it stumble must not have the device started anew."""
    clock = DrivenClock()
    pulse = Pulse(Systemd({"WATCHDOG_USEC": "60000000"}), clock, ("link",))
    pulse.rests("link", 60)
    clock.pass_s(89)
    assert pulse._liveness.hanging(clock.monotonic_us()) == ()
    clock.pass_s(2)
    assert pulse._liveness.hanging(clock.monotonic_us()) == ("link",)


def test_nobody_to_tell_one_that_is_gone_and_one_that_does_not_read_are_no_error(tmp_path: Path) -> None:
    Systemd({}).tell("READY=1")
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    deaf = Listener(str(tmp_path / "deaf"))
    for _ in range(5000):
        Systemd({"NOTIFY_SOCKET": str(tmp_path / "deaf")}).tell("WATCHDOG=1")
    deaf.socket.close()
    assert Systemd({"WATCHDOG_USEC": "nonsense"}).patience_us == Systemd({}).patience_us
