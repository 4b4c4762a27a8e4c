"""Lines of the kernel's: what is asked of it, what it answers, and each of its refusals in a sentence."""

import errno
import select
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import gpiod
import pytest
from gpiod.line import Bias, Direction, Value
from gpiod.line import Edge as Edges

import device.door.line
from device.door.button import Edge
from device.door.errors import DoorError
from device.door.line import CONSUMER, Wiring, holder, open_input, open_output


class Kernel:
    """A chip with one free line, 17, and whatever else the test says; ``gpiod`` asks it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, chips: Path) -> None:
        self.asked: list[tuple[str, dict[int, gpiod.LineSettings]]] = []
        self.refusal: Exception | None = None
        self.values: dict[int, Value] = {17: Value.ACTIVE}
        self.events: list[gpiod.EdgeEvent] = []
        self.released = 0
        self.fd = 99
        (chips / "gpiochip0").touch()
        (chips / "gpiochip4").touch()
        monkeypatch.setattr(device.door.line, "DEVICES", chips)
        monkeypatch.setattr(gpiod, "Chip", self._chip)
        monkeypatch.setattr(gpiod, "request_lines", self._request)

    def _chip(self, path: str) -> "Chip":
        return Chip(path)

    def _request(
        self, path: str, config: dict[int, gpiod.LineSettings], consumer: str, buffered: int
    ) -> "Kernel":
        assert consumer == CONSUMER
        if self.refusal is not None:
            raise self.refusal
        self.asked.append((path, config))
        return self

    def get_value(self, offset: int) -> Value:
        return self.values[offset]

    def set_value(self, offset: int, value: Value) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.values[offset] = value

    def wait_edge_events(self, timeout: timedelta) -> bool:
        assert timeout == timedelta(0), "nobody waits here"
        if self.refusal is not None:
            raise self.refusal
        return bool(self.events)

    def read_edge_events(self, most: int) -> list[gpiod.EdgeEvent]:
        return self.events[:most]

    def release(self) -> None:
        self.released += 1


class Info:
    """What a chip tells of a line, which is nobody's while ``used`` is False."""

    def __init__(self, consumer: str, *, used: bool) -> None:
        self.consumer = consumer
        self.used = used


class Chip:
    """The chip of the Pi's header is the second one, as on some Pi 5."""

    info = Info("", used=False)

    def __init__(self, path: str) -> None:
        self.path = path

    def get_line_info(self, offset: int) -> Info:
        assert (self.path.rpartition("/")[2], offset) == ("gpiochip4", 17)
        return self.info

    def __enter__(self) -> "Chip":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def line_offset_from_id(self, name: str) -> int:
        if self.path.endswith("gpiochip4") and name == "GPIO17":
            return 17
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kernel:
    return Kernel(monkeypatch, tmp_path)


def test_a_button_is_found_by_name_on_whichever_chip_and_debounced_by_the_kernel(
    kernel: Kernel, tmp_path: Path
) -> None:
    line = open_input("GPIO17", Wiring("up", "low", 12))
    [(chip, config)] = kernel.asked
    settings = config[17]
    assert chip == str(tmp_path / "gpiochip4")
    assert (settings.direction, settings.edge_detection) == (Direction.INPUT, Edges.BOTH)
    assert (settings.bias, settings.active_low) == (Bias.PULL_UP, True)
    assert settings.debounce_period == timedelta(milliseconds=12)
    assert settings.event_clock is gpiod.line.Clock.MONOTONIC
    assert (line.descriptor, line.is_pressed()) == (99, True)


@pytest.mark.parametrize(
    ("info", "who"),
    [
        (Info("", used=False), ""),
        (Info("doorward", used=True), "doorward"),
        (Info("lirc", used=True), "lirc"),
        (Info("", used=True), "somebody"),
        (Info("gone", used=False), ""),
    ],
)
@pytest.mark.usefixtures("kernel")
def test_who_holds_a_line_is_told_without_touching_it(
    monkeypatch: pytest.MonkeyPatch, info: Info, who: str
) -> None:
    monkeypatch.setattr(Chip, "info", info)
    assert holder("GPIO17") == who
    with pytest.raises(DoorError, match="GPIO5: no chip has a line of this name"):
        holder("GPIO5")


@pytest.mark.parametrize(
    ("pull", "bias"), [("up", Bias.PULL_UP), ("down", Bias.PULL_DOWN), ("none", Bias.DISABLED)]
)
def test_a_line_that_is_pressed_high_is_not_turned_round(kernel: Kernel, pull: str, bias: Bias) -> None:
    open_input("/dev/gpiochip0:17", Wiring(pull, "high"))  # type: ignore[arg-type]
    [(chip, config)] = kernel.asked
    assert chip == "/dev/gpiochip0"
    assert (config[17].bias, config[17].active_low) == (bias, False)


def test_edges_have_the_kernels_time_and_number(kernel: Kernel) -> None:
    line = open_input("GPIO17", Wiring())
    assert line.edges() == []
    rising, falling = gpiod.EdgeEvent.Type.RISING_EDGE.value, gpiod.EdgeEvent.Type.FALLING_EDGE.value
    kernel.events = [
        gpiod.EdgeEvent(rising, 1_234_567, 17, 8, 3),
        gpiod.EdgeEvent(falling, 9_000_000, 17, 9, 5),
    ]
    assert line.edges() == [Edge(1_234, pressed=True, number=3), Edge(9_000, pressed=False, number=5)]
    line.close()
    assert kernel.released == 1


@pytest.mark.parametrize(("on", "active_low"), [("high", False), ("low", True)])
def test_a_relay_is_off_when_it_is_opened_and_when_it_is_given_back(
    kernel: Kernel, on: str, active_low: bool
) -> None:
    relay = open_output("GPIO17", on)  # type: ignore[arg-type]
    [(_, config)] = kernel.asked
    assert (config[17].direction, config[17].output_value) == (Direction.OUTPUT, Value.INACTIVE)
    assert config[17].active_low == active_low
    relay.switch(on=True)
    assert kernel.values[17] is Value.ACTIVE
    relay.close()
    assert (kernel.values[17], kernel.released) == (Value.INACTIVE, 1)


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (OSError(errno.EBUSY, "Device or resource busy"), "another program holds this line"),
        (OSError(errno.EACCES, "Permission denied"), "may not use GPIO"),
        (OSError(errno.EINVAL, "Invalid argument"), "no such line"),
        (ValueError("line offset of out range"), "no such line"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_whatever_the_kernel_refuses_is_a_sentence_with_what_to_do(
    kernel: Kernel, refusal: Exception, sentence: str
) -> None:
    kernel.refusal = refusal
    for opens in (lambda: open_input("GPIO17", Wiring()), lambda: open_output("GPIO17", "high")):
        with pytest.raises(DoorError, match=f"^GPIO17: .*{sentence}") as told:
            opens()
        assert told.value.hint


def test_a_line_that_goes_away_is_told(kernel: Kernel) -> None:
    button, relay = open_input("GPIO17", Wiring()), open_output("GPIO17", "high")
    kernel.refusal = OSError(errno.ENODEV, "No such device")
    for does in (button.edges, lambda: relay.switch(on=True)):
        with pytest.raises(DoorError, match="No such device"):
            does()
    relay.close()
    assert kernel.released == 1


@pytest.mark.parametrize("name", ["GPIO99", "NAMELESS"])
def test_a_name_that_no_chip_has_is_told(kernel: Kernel, name: str) -> None:
    with pytest.raises(DoorError, match=f"{name}: no chip has a line of this name"):
        open_input(name, Wiring())


@pytest.mark.parametrize(
    ("made", "sentence"),
    [(lambda _: None, "no such chip"), (Path.touch, "Inappropriate ioctl|No such device")],
)
def test_the_real_library_says_so_where_there_is_no_chip(
    tmp_path: Path, made: Callable[[Path], object], sentence: str
) -> None:
    chip = tmp_path / "gpiochip0"
    made(chip)
    with pytest.raises(DoorError, match=sentence):
        open_input(f"{chip}:17", Wiring())


def test_without_the_library_the_door_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiod.line", None)
    with pytest.raises(DoorError, match="gpiod is not installed") as told:
        open_input("GPIO17", Wiring())
    assert "doorward[pi]" in told.value.hint


SIMULATED = Path("/sys/kernel/config/gpio-sim")


@pytest.mark.skipif(not SIMULATED.is_dir(), reason="this kernel has no gpio-sim to pull a line with")
def test_a_line_that_the_kernel_simulates_rings_within_fifty_milliseconds() -> None:
    bank = SIMULATED / "doorward" / "bank0"
    try:
        bank.mkdir(parents=True)
        (bank / "num_lines").write_text("1")
        (SIMULATED / "doorward" / "live").write_text("1")
        chip = (bank / "chip_name").read_text().strip()
        pull = next(Path("/sys/devices/platform").glob(f"gpio-sim.*/{chip}/sim_gpio0/pull"))
        pull.write_text("pull-up")
        line = open_input(f"/dev/{chip}:0", Wiring("none", "low", 10))
        pressed_us = time.monotonic_ns() // 1000
        pull.write_text("pull-down")
        waiting = select.poll()
        waiting.register(line.descriptor, select.POLLIN)
        assert waiting.poll(5_000)
        [edge] = line.edges()
        assert edge.pressed
        assert edge.at_us - pressed_us <= 50_000
        line.close()
    finally:
        if (SIMULATED / "doorward").is_dir():
            (SIMULATED / "doorward" / "live").write_text("0")
            bank.rmdir()
            bank.parent.rmdir()
