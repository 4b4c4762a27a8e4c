"""What can go wrong with a camera, said with what its owner can do."""

from typing import Final

from device.errors import DeviceError

PLUG_IN: Final = "plug it in, or run scripts/demo --camera scene"


class CameraError(DeviceError, OSError):
    """No camera, no picture, or no more pictures."""


class EncoderError(CameraError):
    """The camera gives pictures, and its encoder nothing: another encoder may."""
