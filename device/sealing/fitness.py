"""Whether anything can be sealed to a recipient: tried, not judged.

A text may parse and its key still be one that nothing can be wrapped for (a point of low order). One such member must not
keep a door from recording for the others, so whoever seals leaves out those to whom nothing can be sealed, and says so.
"""

from functools import lru_cache
from typing import Final

from device.sealing.age import seal
from device.sealing.errors import SealError
from device.sealing.recipients import parse_recipient

TRIAL: Final = bytes(16)


@lru_cache(maxsize=256)
def unfit(text: str) -> str:
    """Return why nothing of a household can be sealed to a recipient, as a sentence; empty if sixteen bytes were."""
    try:
        recipient = parse_recipient(text)
        if not recipient.post_quantum:
            return "it is not a post-quantum one"
        seal(TRIAL, [recipient])
    except SealError as error:
        return str(error)
    return ""
