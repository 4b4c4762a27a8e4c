"""How much goes into one reply: as much as every browser can check the signature of.

WebKitGTK refuses Ed25519 over a message of nearly 64 KiB, and one more byte ends its tab; 45,056 bytes were tried in all three
engines. A reply carries sealed bytes as base64, so an item counts as it will be written.

Pure.

Source: docs/FORMAT.md, "Door messages".
"""

from typing import Final

MAX_SIGNED_BYTES: Final = 45_056
"""A signed blob, signature included."""
PAGE_BYTES: Final = 44_288
"""What the items of a reply may take; the rest is for the signature and what a reply says besides."""
LINES_BYTES: Final = 32_768
"""Ledger lines in one reply, raw. The shortest that a door writes has 480 bytes, so base64 makes less than 44,288 of them."""


class Page:
    """The room in one reply."""

    def __init__(self) -> None:
        self._left_bytes = PAGE_BYTES

    def takes(self, *files: bytes | None, text_bytes: int = 64) -> bool:
        """Return whether one more item fits, and count it if it does.

        Args:
            files: what it carries as base64.
            text_bytes: what else is written of it: names, numbers, quotation marks.
        """
        size_bytes = text_bytes + sum(4 * (len(file or b"") // 3 + 1) for file in files)
        if size_bytes > self._left_bytes:
            return False
        self._left_bytes -= size_bytes
        return True
