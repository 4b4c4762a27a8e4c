"""What can go wrong on the owner's computer, said with what to do about it."""


class ProvisioningError(Exception):
    """The world's fault, not the program's.

    Attributes:
        hint: what the owner can do; one sentence, lower case, no full stop. Empty if nothing helps.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
