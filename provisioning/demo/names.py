"""Under which name and address phones find this computer."""

import contextlib
import socket

from provisioning.card.certs import CertificateTrouble, check_name
from provisioning.errors import ProvisioningError
from provisioning.printer import quoted
from server.arrivals.lan import is_lan

_ANYWHERE = ("192.0.2.1", 9)
"""TEST-NET-1 (RFC 5737): nothing is sent, the kernel is asked which of its addresses it would send from."""


class NoName(ProvisioningError, ValueError):
    """No certificate can be made for a name."""


def lan_name(wished: str, hostname: str) -> str:
    """Return the DNS name to serve under: the one that is wished, else what mDNS makes of this computer's own.

    Args:
        wished: from the command line; empty if nothing is said.
        hostname: as the computer calls itself, with a domain or without.

    Raises:
        NoName: it is no DNS name that a certificate can be made for.
    """
    name = wished.lower() or f"{hostname.partition('.')[0].lower()}.local"
    try:
        check_name(name)
    except CertificateTrouble as error:
        if wished:
            raise NoName(f"--name {quoted(wished)} is no DNS name", hint=error.hint) from error
        raise NoName(
            f"this computer is called {quoted(hostname)}, which is no DNS name that phones could find",
            hint="name it for them: --name doorward.local",
        ) from error
    return name


def lan_address() -> str:
    """Return the IPv4 address by which the network reaches this computer; empty if it is on none that a door answers on."""
    address = ""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(_ANYWHERE)
        address = str(asking.getsockname()[0])
    return address if is_lan(address) else ""
