"""The house's own certificate, offered as what phones install: a navigation to ``application/x-x509-ca-cert``.

iOS begins to install a certificate only where a page navigates to one; a saved file ends among the files. The certificate is
public, it is read once at the start, and the rules of ``lan`` hold for it as for everything. Nobody should trust it for coming
from here: the page compares it with what the device signed before it leads there, and whoever installs it compares the
fingerprint with the card's, because a hijacked server could give out another at the second asking.

Source: docs/DESIGN.md §4; RFC 7468.
"""

import hashlib
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from server.certificates.tls import TlsUnusable
from server.certificates.validity import NotACertificate, validity
from server.routes.page import Asset

PATH: Final = "/doorward.crt"
TYPE: Final = "application/x-x509-ca-cert"
FILE: Final = "ca.pem"
MAX_BYTES: Final = 8_192
_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"


def load_authority(directory: Path | None) -> Mapping[str, Asset]:
    """Return the authority's certificate by its request path, or nothing where there is none.

    Args:
        directory: with the leaves; None without TLS.

    Raises:
        TlsUnusable: what lies there is no certificate, or more than one: a key must never be served.
    """
    path = directory / FILE if directory is not None else None
    if path is None or not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
        validity(_only_certificate(body))
    except (OSError, ValueError, NotACertificate) as error:
        reason = getattr(error, "strerror", None) or "it is not one certificate and nothing else"
        raise TlsUnusable(
            f"cannot offer {path}: {reason}",
            hint="put the house's own certificate back, or take the file away",
        ) from error
    return {PATH: Asset(body, None, TYPE, hashlib.sha256(body).hexdigest()[:32])}


def _only_certificate(body: bytes) -> bytes:
    """Return the DER of a PEM text that is one certificate and nothing else.

    Raises:
        ValueError: it is not.
    """
    text = body.decode("ascii").strip()
    inside = text.removeprefix(_BEGIN).removesuffix(_END)
    if len(body) > MAX_BYTES or "-" in inside or len(inside) != len(text) - len(_BEGIN + _END):
        raise NotACertificate
    return ssl.PEM_cert_to_DER_cert(text)
