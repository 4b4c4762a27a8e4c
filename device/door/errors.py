"""What is mounted at the door and does not work, in a sentence; the rest of the door goes on."""

from device.errors import DeviceError


class DoorError(DeviceError, OSError):
    """A line, a sound or a program cannot be used."""
