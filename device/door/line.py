"""GPIO lines of the kernel's, by name or number: a button's edges come in, a relay is switched.

    GPIO17               by the name that the board gives it, whichever chip it is on: a Pi 5 has other chips than a Pi 4
    /dev/gpiochip0:17    by chip and number

The kernel takes out what bounces and stamps what is left, so that a busy program loses no press and times none late. The line is
ours while it is open; another program that wants it is refused, as we are if it came first.

Source: include/uapi/linux/gpio.h (version 2), through libgpiod.
"""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from device.door.button import Edge
from device.door.errors import DoorError
from device.door.protocol import InputLine, OutputLine

if TYPE_CHECKING:
    from gpiod import LineSettings
    from gpiod.line_request import LineRequest

CONSUMER: Final = "doorward"
BUFFERED_EDGES: Final = 64
DEVICES: Final = Path("/dev")
_REASONS: Final = {
    errno.EBUSY: ("another program holds this line", "see who: gpioinfo; then end that program, or take another line"),
    errno.EACCES: ("the door may not use GPIO", "let its user into the group gpio, and the unit have /dev/gpiochip*"),
    errno.EPERM: ("the door may not use GPIO", "let its user into the group gpio, and the unit have /dev/gpiochip*"),
    errno.ENOENT: ("there is no such chip", "see which there are: gpiodetect"),
    errno.EINVAL: ("there is no such line, or it cannot be used so", "see which there are: gpioinfo"),
    errno.ENXIO: ("this line cannot tell of edges", "take another line"),
}  # fmt: skip  # a table, read as one


@dataclass(frozen=True, slots=True)
class Wiring:
    """How buttons are wired: the pull that the chip gives, the level of a pressed one, what the kernel takes for bouncing."""

    pull: Literal["up", "down", "none"] = "up"
    pressed: Literal["low", "high"] = "low"
    debounce_ms: int = 10


def open_input(name: str, wiring: Wiring) -> InputLine:
    """Return the line of a button.

    Raises:
        DoorError: it cannot be used; the sentence says why.
    """
    with _told(name):
        from gpiod.line import Bias, Direction
        from gpiod.line import Edge as Edges

        bias = {"up": Bias.PULL_UP, "down": Bias.PULL_DOWN, "none": Bias.DISABLED}[wiring.pull]
        settings = _settings()(
            direction=Direction.INPUT,
            edge_detection=Edges.BOTH,
            bias=bias,
            active_low=wiring.pressed == "low",
            debounce_period=timedelta(milliseconds=wiring.debounce_ms),
        )
        return _Input(name, *_request(name, settings))


def open_output(name: str, on: Literal["low", "high"]) -> OutputLine:
    """Return the line of a relay, off; ``on`` is the level that switches it on.

    Raises:
        DoorError: it cannot be used; the sentence says why.
    """
    with _told(name):
        from gpiod.line import Direction, Value

        settings = _settings()(
            direction=Direction.OUTPUT, active_low=on == "low", output_value=Value.INACTIVE
        )
        return _Output(name, *_request(name, settings))


def holder(name: str) -> str:
    """Return who holds a line, as it called itself; empty if nobody does. The line is not touched.

    Raises:
        DoorError: there is no such line, or it may not be looked at; the sentence says why.
    """
    with _told(name):
        import gpiod

        path, offset = _find(name)
        with gpiod.Chip(path) as chip:
            line = chip.get_line_info(offset)
        return (line.consumer or "somebody") if line.used else ""


class _Input:
    def __init__(self, name: str, request: "LineRequest", offset: int) -> None:
        self._name = name
        self._request = request
        self._offset = offset

    @property
    def descriptor(self) -> int:
        return self._request.fd

    def is_pressed(self) -> bool:
        from gpiod.line import Value

        with _told(self._name):
            return self._request.get_value(self._offset) is Value.ACTIVE

    def edges(self) -> list[Edge]:
        with _told(self._name):
            if not self._request.wait_edge_events(timedelta(0)):
                return []
            return [
                # The chip knows what is active: a rising edge is a press, whatever the level.
                Edge(event.timestamp_ns // 1000, event.event_type is event.Type.RISING_EDGE, event.line_seqno)
                for event in self._request.read_edge_events(BUFFERED_EDGES)
            ]

    def close(self) -> None:
        self._request.release()


class _Output:
    def __init__(self, name: str, request: "LineRequest", offset: int) -> None:
        self._name = name
        self._request = request
        self._offset = offset

    def switch(self, *, on: bool) -> None:
        from gpiod.line import Value

        with _told(self._name):
            self._request.set_value(self._offset, Value.ACTIVE if on else Value.INACTIVE)

    def close(self) -> None:
        with suppress(DoorError):  # a board that is gone switches nothing any more
            self.switch(on=False)
        self._request.release()


def _settings() -> type["LineSettings"]:
    from gpiod import LineSettings

    return LineSettings


def _request(name: str, settings: "LineSettings") -> tuple["LineRequest", int]:
    import gpiod

    chip, offset = _find(name)
    config: dict[Iterable[int | str] | int | str, LineSettings | None] = {offset: settings}
    return gpiod.request_lines(chip, config, CONSUMER, BUFFERED_EDGES), offset


def _find(name: str) -> tuple[str, int]:
    """Return the chip and the number of a line."""
    import gpiod

    chip, _, number = name.rpartition(":")
    if chip:
        return chip, int(number)
    refused: OSError | None = None
    for path in sorted(DEVICES.glob("gpiochip*")):
        try:
            with gpiod.Chip(str(path)) as opened:
                return str(path), opened.line_offset_from_id(name)
        except OSError as error:
            if error.errno != errno.ENOENT:
                refused = error
    raise refused or DoorError(
        f"{name}: no chip has a line of this name",
        hint="see which there are: gpioinfo; then set it under door",
    )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say in a sentence what the kernel, or the library, says against a line."""
    try:
        yield
    except DoorError:
        raise
    except ImportError as error:
        raise DoorError(
            f"{name}: gpiod is not installed", hint="install doorward with what a Pi needs: doorward[pi]"
        ) from error
    except ValueError as error:  # the library's word for a number that the chip has not
        sentence, hint = _REASONS[errno.EINVAL]
        raise DoorError(f"{name}: {sentence}", hint=hint) from error
    except OSError as error:
        reason = (error.strerror or str(error), "see that the wire and the board are sound")
        sentence, hint = _REASONS.get(error.errno or 0, reason)
        raise DoorError(f"{name}: {sentence}", hint=hint) from error
