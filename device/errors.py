"""The device's own errors: what the world did wrong, said in a sentence with a hint.

A caller's bug is a ValueError or RuntimeError and is caught nowhere below ``__main__``.
"""


class DeviceError(Exception):
    """The world's fault, not the program's.

    Attributes:
        hint: what the owner can do about it; one sentence, lower case, no full stop. Empty if nothing helps.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, for a journal."""
        return f"{self}; {self.hint}" if self.hint else str(self)


def sentence_of(error: OSError) -> str:
    """Return what is wrong, and what to do if that is known: an error of ours has its own words, and the kernel's has its."""
    return error.sentence if isinstance(error, DeviceError) else error.strerror or str(error)
