"""Until when the certificates in a directory are valid; no key is read."""

import ssl
from datetime import datetime
from pathlib import Path

from provisioning.errors import ProvisioningError
from server.certificates.validity import NotACertificate, validity


class NoCertificates(ProvisioningError, OSError):
    """The directory cannot be read."""


def read_ends(directory: Path, now_utc: datetime) -> list[datetime]:
    """Return the last second of each leaf whose time has begun by ``now_utc`` or will, and has not ended.

    Raises:
        NoCertificates: the directory or a certificate in it cannot be read.
    """
    ends = []
    for path in sorted(directory.glob("leaf-*.pem")):
        try:
            begins_utc, ends_utc = validity(ssl.PEM_cert_to_DER_cert(path.read_text(encoding="ascii")))
        except (OSError, ValueError, NotACertificate) as error:
            raise NoCertificates(
                f"{path}: cannot be read: {error}", hint="run this as root, or make new certificates"
            ) from error
        if now_utc <= ends_utc:
            ends.append((begins_utc, ends_utc))
    # Leaves for years to come help nobody before one is valid now.
    return [end for _, end in ends] if any(begin <= now_utc for begin, _ in ends) else []
