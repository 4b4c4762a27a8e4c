"""Until when this door's certificates are valid: a moment in plain text, for the page's Health.

Each leaf is shown to everybody who says hello, so its end is no secret; that of the last one, signed ahead, is told here.

Source: docs/FORMAT.md, "HTTP".
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from server.certificates.tls import load_leaves
from server.routes.page import Asset

PATH: Final = "/certificates"
TYPE: Final = "text/plain; charset=utf-8"
_GAP: Final = timedelta(seconds=1)


def load_validity(directory: Path | None) -> Mapping[str, Asset]:
    """Return the answer by its request path, or nothing without TLS.

    A leaf that begins only after the ones before have ended is of no use until then, and is not counted.

    Args:
        directory: with the leaves; None without TLS.

    Raises:
        TlsUnusable: a leaf cannot be used.
    """
    if directory is None:
        return {}
    first, *later = sorted(load_leaves(directory), key=lambda leaf: leaf.not_before_utc)
    until_utc = first.not_after_utc
    for leaf in later:
        if leaf.not_before_utc <= until_utc + _GAP:
            until_utc = max(until_utc, leaf.not_after_utc)
    body = f"{until_utc:%Y-%m-%dT%H:%M:%SZ}".encode("ascii")
    return {PATH: Asset(body, None, TYPE, hashlib.sha256(body).hexdigest()[:32])}
