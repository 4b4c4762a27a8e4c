"""What can be wrong with sealed bytes and with the text of a key.

A caller acts differently on each: a text that is no key is typed again, a file for somebody else is tried
with another identity, a cut file is played as far as it goes, and a broken one is shown as broken and never
played.
"""

from device.errors import DeviceError


class SealError(DeviceError, ValueError):
    """Something about sealing or opening; the base of the others."""


class KeyTextError(SealError):
    """A text that should be a recipient or an identity is neither."""


class HeaderError(SealError):
    """These bytes do not begin with a well-formed header."""


class NotARecipientError(SealError):
    """The header is well-formed, but it was not sealed for any of these identities."""


class SealBroken(SealError):
    """Authentication failed: the bytes are not those that were sealed."""


class Truncated(SealBroken):
    """The sealed file ends before its final chunk; every whole chunk before the cut was authentic.

    A short piece at the end cannot be told from a short final chunk that was changed: neither opens, and
    nothing of either is released. What a *whole* file is, the ledger's "clip sealed" line knows.
    """
