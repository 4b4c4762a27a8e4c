"""The house CA: one name, no address, ten years without a gap, and no key to be found."""

import ipaddress
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.verification import PolicyBuilder, Store

from provisioning.card.certs import LEAF, CertificateTrouble, check_name, fingerprint, issue, make

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def made() -> tuple[x509.Certificate, list[x509.Certificate]]:
    authority, leaves = make("door.local", NOW)
    return x509.load_pem_x509_certificate(authority), [
        x509.load_pem_x509_certificate(leaf.certificate) for leaf in leaves
    ]


def test_the_authority_may_vouch_for_one_name_and_for_no_address(
    made: tuple[x509.Certificate, list[x509.Certificate]],
) -> None:
    constraints = made[0].extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.permitted_subtrees == [x509.DNSName("door.local")]
    assert constraints.value.excluded_subtrees == [
        x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")),
        x509.IPAddress(ipaddress.ip_network("::/0")),
    ]
    basic = made[0].extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)


def test_every_leaf_verifies_for_the_name_at_its_time_and_for_no_other_name(
    made: tuple[x509.Certificate, list[x509.Certificate]],
) -> None:
    authority, leaves = made
    for leaf in leaves:
        builder = (
            PolicyBuilder().store(Store([authority])).time(leaf.not_valid_before_utc + timedelta(days=1))
        )
        builder.build_server_verifier(x509.DNSName("door.local")).verify(leaf, [])
        with pytest.raises(x509.verification.VerificationError):
            builder.build_server_verifier(x509.DNSName("other.local")).verify(leaf, [])


def test_ten_years_have_no_gap_and_no_leaf_is_longer_than_phones_accept(
    made: tuple[x509.Certificate, list[x509.Certificate]],
) -> None:
    leaves = made[1]
    assert leaves[0].not_valid_before_utc <= NOW - timedelta(days=1)
    assert leaves[-1].not_valid_after_utc >= NOW + timedelta(days=3652)
    for before, after in itertools.pairwise(leaves):
        assert after.not_valid_before_utc < before.not_valid_after_utc - timedelta(days=29)
    for leaf in leaves:
        assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= LEAF <= timedelta(days=199)


def test_no_two_certificates_share_a_key_or_a_number(
    made: tuple[x509.Certificate, list[x509.Certificate]],
) -> None:
    certificates = [made[0], *made[1]]
    keys = {
        each.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        for each in certificates
    }
    assert len(keys) == len({each.serial_number for each in certificates}) == len(certificates)


def test_the_authoritys_key_is_nowhere(tmp_path: Path) -> None:
    """Every private key in the directory is looked at: none is the authority's."""
    issue(tmp_path / "tls", "door.local")
    authority = x509.load_pem_x509_certificate((tmp_path / "tls" / "ca.pem").read_bytes()).public_key()
    keys = [path for path in (tmp_path / "tls").iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert [path.suffix for path in keys] == [".key"] * len(keys)
    for path in keys:
        own = serialization.load_pem_private_key(path.read_bytes(), None).public_key()
        assert own != authority
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_directory_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("provisioning.card.certs.sync_directory", fail)
    with pytest.raises(OSError, match="No space"):
        issue(tmp_path / "tls", "door.local")
    assert list(tmp_path.iterdir()) == []


def test_an_authority_is_never_made_twice_in_one_place(tmp_path: Path) -> None:
    first = issue(tmp_path / "tls", "door.local")
    with pytest.raises(CertificateTrouble, match="not empty"):
        issue(tmp_path / "tls", "door.local")
    assert fingerprint((tmp_path / "tls" / "ca.pem").read_bytes()) == first
    assert len(first) == 95


@pytest.mark.parametrize(
    "name", ["", "Door.local", "192.168.1.7", "-a", "a..b", "a" * 65, "*.local", "door_1", "dör"]
)
def test_what_is_no_name_gets_no_certificate(name: str) -> None:
    with pytest.raises(CertificateTrouble, match="not a DNS name"):
        check_name(name)
