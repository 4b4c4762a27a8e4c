"""What can be wrong with a signature, a line or a command that came from outside."""

from typing import Literal

from device.errors import DeviceError


class TrustError(DeviceError, ValueError):
    """Something that claims to be the household's, or the device's, is not."""


class LedgerBroken(TrustError):
    """The chain does not hold at one line.

    Attributes:
        seq: number of the first line that cannot be trusted.
    """

    def __init__(self, seq: int, message: str) -> None:
        super().__init__(
            f"ledger line {seq}: {message}",
            hint="the file was changed or damaged; compare with what a reader's browser remembers before trusting it",
        )
        self.seq = seq


class AdmissionRefused(TrustError):
    """A reader who may not join.

    Attributes:
        code: why, as the refusal's code.
    """

    def __init__(
        self, code: Literal["bad_admission", "already_added", "roster_full"], message: str, *, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
