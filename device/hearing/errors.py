"""Why the door does not hear."""

from device.errors import DeviceError


class HearingError(DeviceError, OSError):
    """The microphone cannot be used."""
