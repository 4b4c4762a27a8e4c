"""Certificates in, one SSLContext out: TLS 1.3 only, with the leaf that fits the time of each handshake.

Provisioning signs leaves for ten years ahead (``leaf-NN.pem``, ``leaf-NN.key``) and destroys the CA key, so nobody here or
elsewhere can make another. All are loaded at the start; the leaf is chosen when a browser says hello, so a door that runs for
years changes leaves without a restart. The leaf is the one whose validity is farthest from both its ends now: the
clocks of phones may differ from ours.

Source: RFC 8446; docs/DESIGN.md §4 and §5.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.certificates.validity import NotACertificate, validity
from server.errors import ServerError


class TlsUnusable(ServerError, OSError):
    """There is no certificate that a browser would accept."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One certificate with its key, loaded.

    Attributes:
        path: of the certificate.
        not_before_utc: first second of its validity.
        not_after_utc: last second of it.
        context: serves it.
    """

    path: Path
    not_before_utc: datetime
    not_after_utc: datetime
    context: ssl.SSLContext

    def margin(self, at_utc: datetime) -> timedelta:
        """Return how far ``at_utc`` is from the nearer end of the validity; negative outside."""
        return min(at_utc - self.not_before_utc, self.not_after_utc - at_utc)


def wall_clock_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def server_context(directory: Path, clock_utc: Callable[[], datetime] = wall_clock_utc) -> ssl.SSLContext:
    """Return a context that serves the fitting leaf of ``directory`` at every handshake.

    Raises:
        TlsUnusable: no leaf, one that cannot be read, or none that is valid now.
    """
    leaves = load_leaves(directory)
    first = choose(leaves, clock_utc())

    def on_hello(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        # Beyond the last leaf the farthest one is still better than none: the browser says what is wrong with it.
        connection.context = max(leaves, key=lambda leaf: leaf.margin(clock_utc())).context

    first.context.sni_callback = on_hello
    return first.context


def choose(leaves: list[Leaf], at_utc: datetime) -> Leaf:
    """Return the leaf to serve at ``at_utc``.

    Raises:
        TlsUnusable: none is valid then.
    """
    best = max(leaves, key=lambda leaf: leaf.margin(at_utc))
    if best.margin(at_utc) < timedelta(0):
        state = "has expired" if at_utc > best.not_after_utc else "is not valid yet"
        raise TlsUnusable(
            f"no certificate is valid at {at_utc:%Y-%m-%d %H:%M} UTC; the nearest, {best.path}, {state}",
            hint="check this computer's clock; if it is right, make new certificates with the card at hand",
        )
    return best


def load_leaves(directory: Path) -> list[Leaf]:
    """Return every leaf of ``directory``.

    Raises:
        TlsUnusable: there is none, or one cannot be used.
    """
    try:
        paths = sorted(path for path in directory.iterdir() if path.match("leaf-*.pem"))
    except OSError as error:
        raise TlsUnusable(
            f"cannot read the certificates in {directory}: {error.strerror}", hint="see --tls"
        ) from error
    if not paths:
        raise TlsUnusable(
            f"{directory} holds no certificate (leaf-NN.pem)", hint="see --tls, or make certificates first"
        )
    return [_load(path) for path in paths]


def _load(path: Path) -> Leaf:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    context.num_tickets = 0  # a resumed session would outlive the choice of a leaf, and could be followed
    try:
        not_before_utc, not_after_utc = validity(ssl.PEM_cert_to_DER_cert(path.read_text(encoding="ascii")))
        context.load_cert_chain(path, path.with_suffix(".key"))
    except (OSError, ValueError, NotACertificate) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TlsUnusable(
            f"cannot use the certificate {path} with its key: {reason}",
            hint="both files must be readable by the server and belong together",
        ) from error
    return Leaf(path, not_before_utc, not_after_utc, context)
