"""What can go wrong between an access unit and a clip."""

from device.errors import DeviceError


class RecordingError(DeviceError):
    """A clip cannot be recorded."""


class StreamError(RecordingError, ValueError):
    """The camera's H.264 cannot be put into a clip."""
