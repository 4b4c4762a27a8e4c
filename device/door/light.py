"""The light that is on while somebody watches: a LED of the kernel's, which is a file.

    /sys/class/leds/NAME/brightness    "0" is off, anything else is on

A light that cannot be switched is no reason to go on in silence: whoever asks to watch is refused.

Source: the kernel's Documentation/leds/leds-class.rst.
"""

import logging
from pathlib import Path

from device.errors import DeviceError

logger = logging.getLogger(__name__)


class LightError(DeviceError, OSError):
    """The light cannot be switched."""


class Light:
    """One LED, or none."""

    def __init__(self, brightness: Path | None) -> None:
        """Take the LED's brightness file; None if the door has no light. The light goes off.

        One that cannot be switched is told in the journal, and is no reason to record nothing.
        """
        self._brightness = brightness
        try:
            self.switch(on=False)
        except LightError as error:
            logger.error("light: %s", error.sentence)  # noqa: TRY400 - a sentence, not a trace

    def switch(self, *, on: bool) -> None:
        """Switch the light.

        Raises:
            LightError: it did not follow.
        """
        if self._brightness is None:
            return
        try:
            with self._brightness.open("r+", encoding="ascii") as file:
                file.write("1\n" if on else "0\n")
        except OSError as error:
            raise LightError(
                f"{self._brightness}: the light cannot be switched: {error.strerror}",
                hint="name another LED in door.light, or none",
            ) from error
        if on:
            self.check()

    def check(self) -> None:
        """Return if the light is on, as far as the kernel knows; without a light, always.

        Raises:
            LightError: it is not, or it is gone.
        """
        if self._brightness is None:
            return
        try:
            is_on = self._brightness.read_text(encoding="ascii").strip() not in ("", "0")
        except (OSError, ValueError) as error:
            raise LightError(
                f"{self._brightness}: whether the light is on cannot be read: {error}"
            ) from error
        if not is_on:
            raise LightError(
                f"{self._brightness}: the light went off by itself",
                hint="something else switches it: set its trigger to none",
            )
