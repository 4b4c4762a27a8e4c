"""Why the device cannot be asked now, for those who speak to it over the link."""


class LinkError(ConnectionError):
    """The device cannot be asked, or said no.

    Attributes:
        hint: what the owner can do; one sentence, lower case, no full stop. Empty if nothing helps.
    """

    def __init__(self, message: str, *, hint: str = "try again in a few seconds") -> None:
        super().__init__(message)
        self.hint = hint


class DoorStarting(LinkError):
    """There is no device on the other end."""

    def __init__(self) -> None:
        super().__init__("the door is starting")


class LinkFull(LinkError):
    """The device does not keep up, or everything that the link can carry is in use."""


class TicketDenied(LinkError):
    """The device knows no such ticket, or no longer."""
