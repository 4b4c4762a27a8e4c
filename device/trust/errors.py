"""What can be wrong with a signature, a line or a command that came from outside."""

from typing import Literal

from device.errors import DeviceError

RefusedChange = Literal[
    "bad_change", "bad_admission", "bad_label", "already_added", "roster_full", "wrong_door", "unknown_reader",
    "no_such_reader", "no_such_subject", "second_reader", "invite_dead",
]  # fmt: skip  # one refusal a word, read as a table


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


class ChangeRefused(TrustError):
    """A change of the household that may not be.

    Attributes:
        code: why, as the refusal's code.
    """

    def __init__(self, code: RefusedChange, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
