"""A certificate authority for one house: it signs ten years of leaves for one name, and its key is gone.

The CA may vouch for one DNS name (and what is below it) and for no IP address, so whoever trusts it on a phone trusts it
for this door and nothing else. A constraint on DNS names alone would leave every address open: browsers check each kind
of name only against constraints of that kind. Nobody can be made to sign another certificate, because nobody can: the
key never left memory. Leaves follow one another, each within the 200 days that an Android WebView takes (iOS takes more),
each with some days in common with the next, since clocks differ.

P-256, because browsers do not take Ed25519 leaves.

Source: RFC 5280 §4.2.1.10; docs/DESIGN.md §4; Apple HT210176.
"""

import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from device.disk.durable import TEMP_PREFIX, sync_directory, write_file
from provisioning.errors import ProvisioningError
from provisioning.places import private_directory

LEAF: Final = timedelta(days=199)
OVERLAP: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=3653)
BACKDATED: Final = timedelta(
    days=1
)  # a phone whose clock is behind must not find the first leaf in its future
SECOND: Final = timedelta(seconds=1)  # both ends of a validity belong to it

# 64 characters fit into a common name.
_NAME: Final = re.compile(
    r"(?=.{1,64}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII
)


class CertificateTrouble(ProvisioningError, ValueError):
    """No certificate can be made for this name, or not there."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf with its key, both PEM."""

    certificate: bytes
    key: bytes


def issue(directory: Path, name: str, now_utc: datetime | None = None) -> str:
    """Make ``ca.pem`` and ``leaf-NN.pem``, ``leaf-NN.key`` in a new ``directory``; return the CA's fingerprint.

    The directory appears whole or not at all.

    Args:
        directory: does not exist yet, or is empty.
        name: the door's one DNS name.
        now_utc: when the first leaf begins; now by default.

    Raises:
        CertificateTrouble: not a DNS name, or the directory holds something.
        OSError: it cannot be written.
    """
    if directory.exists() and any(directory.iterdir()):
        raise CertificateTrouble(
            f"{directory} is not empty",
            hint="remove it first: browsers that trust the old authority must learn the new one",
        )
    authority, leaves = make(name, now_utc or datetime.now(UTC))
    files = {"ca.pem": authority}
    for number, leaf in enumerate(leaves):
        files[f"leaf-{number:02}.pem"] = leaf.certificate
        files[f"leaf-{number:02}.key"] = leaf.key
    if not directory.parent.exists():
        private_directory(directory.parent)
    temp = directory.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
    temp.mkdir(mode=0o700)
    try:
        for file, content in files.items():
            write_file(temp / file, content)
        sync_directory(temp)
        temp.rename(directory)
    except OSError:
        shutil.rmtree(temp)
        raise
    sync_directory(directory.parent)
    return fingerprint(authority)


def make(name: str, now_utc: datetime) -> tuple[bytes, list[Leaf]]:
    """Return the CA's certificate (PEM) and its leaves, earliest first. The CA's key is gone when this returns.

    Raises:
        CertificateTrouble: not a DNS name.
    """
    check_name(name)
    begins = [now_utc.replace(microsecond=0) - BACKDATED]
    while begins[-1] + LEAF < now_utc + AHEAD:
        begins.append(begins[-1] + LEAF - OVERLAP)
    key = ec.generate_private_key(ec.SECP256R1())
    authority = certify_authority(key, name, begins[0], begins[-1] + LEAF - SECOND)
    leaves = [certify_leaf(authority, key, name, begin) for begin in begins]
    return authority.public_bytes(serialization.Encoding.PEM), leaves


def certify_authority(
    key: ec.EllipticCurvePrivateKey, name: str, not_before_utc: datetime, not_after_utc: datetime
) -> x509.Certificate:
    """Return a CA certificate for ``key`` that is good for ``name`` alone."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Doorward house CA"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
        ]
    )
    constraints = x509.NameConstraints(
        permitted_subtrees=[x509.DNSName(name)],
        excluded_subtrees=[x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))],
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before_utc)
        .not_valid_after(not_after_utc)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(constraints, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def certify_leaf(
    authority: x509.Certificate, key: ec.EllipticCurvePrivateKey, name: str, not_before_utc: datetime
) -> Leaf:
    """Return a leaf for ``name`` with a key of its own."""
    own = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(authority.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before_utc)
        .not_valid_after(not_before_utc + LEAF - SECOND)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Leaf(
        certificate.public_bytes(serialization.Encoding.PEM),
        own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def check_name(name: str) -> None:
    """Check that ``name`` is a DNS name in the form that browsers use.

    Raises:
        CertificateTrouble: it is not, or it is an address.
    """
    if _NAME.fullmatch(name) is None or name.rpartition(".")[2].isdigit():
        raise CertificateTrouble(
            f"{name!r} is not a DNS name that a certificate can be made for",
            hint="at most 64 lower-case letters, digits, hyphens and dots, like doorward.local",
        )


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 of a PEM certificate as phones show it: pairs of hex digits with colons."""
    return x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex(":").upper()


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
