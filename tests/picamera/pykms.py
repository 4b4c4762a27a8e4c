"""kms++'s module as far as picamera2 imports it, for a preview on a screen that is never opened."""


class _Names(type):
    def __getattr__(cls, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return name


class PixelFormat(metaclass=_Names):
    """Any name is a format."""
