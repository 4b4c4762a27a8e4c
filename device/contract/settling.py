"""What the device says of a ticket, told to whoever waits for it."""

from typing import Protocol

from device.contract.errors import TicketDenied
from device.contract.link import Denied, Redeemed


class Answer(Protocol):
    """Where somebody waits for a ticket's answer."""

    def set_result(self, result: tuple[int, int], /) -> None:
        """Take a descriptor and its size."""

    def set_exception(self, exception: Exception, /) -> None:
        """Take that there is none."""


def settle(answer: Answer | None, message: Redeemed | Denied, descriptors: list[int]) -> bool:
    """Hand a ticket's answer on, if somebody still waits for it; False means that it breaks the contract.

    Takes the descriptor out of ``descriptors`` if it hands it on.
    """
    if isinstance(message, Redeemed) and message.bytes < 0:
        return False
    if answer is None:
        return True
    if isinstance(message, Redeemed):
        answer.set_result((descriptors.pop(), message.bytes))
    else:
        answer.set_exception(TicketDenied("the ticket is not, or no longer, valid", hint=""))
    return True
