"""What the house CA can and cannot make Chromium believe, if somebody had its key (nobody has: it is never written)."""

import ipaddress
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Error, Playwright

from provisioning.card.certs import LEAF, Leaf, certify_authority, certify_leaf
from tests.browser.conftest import ARGUMENTS, CHROMIUM

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

NAME = "door.local"
NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY = NOW - timedelta(days=1)


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


class House:
    """A CA whose key the test kept, and a Chromium that trusts it."""

    def __init__(self, playwright: Playwright, home: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.authority = certify_authority(self.key, NAME, YESTERDAY, NOW + timedelta(days=3653))
        self.home = home
        database = home / ".pki" / "nssdb"
        database.mkdir(parents=True)
        pem = home / "ca.pem"
        pem.write_bytes(self.authority.public_bytes(serialization.Encoding.PEM))
        for arguments in (["-N", "--empty-password"], ["-A", "-n", "house", "-t", "C,,", "-i", str(pem)]):
            subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True)
        self.browser: Browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*ARGUMENTS, "--host-resolver-rules=MAP * 127.0.0.1"],
            env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        )

    def leaf(self, name: str = NAME, begins: datetime = YESTERDAY) -> Leaf:
        return certify_leaf(self.authority, self.key, name, begins)

    def leaf_for_address(self, address: str) -> Leaf:
        """Return what an attacker with the CA's key would sign for an address."""
        own = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address(address)), x509.DNSName(NAME)]
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.authority.subject)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(YESTERDAY)
            .not_valid_after(YESTERDAY + LEAF)
            .add_extension(names, critical=True)
            .sign(self.key, hashes.SHA256())
        )
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return Leaf(certificate.public_bytes(serialization.Encoding.PEM), own.private_bytes(*form))

    def serve(self, leaf: Leaf) -> tuple[int, Callable[[], None]]:
        pem = self.home / "leaf.pem"
        pem.write_bytes(leaf.certificate + leaf.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(pem)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            server.server_close()

        return server.server_port, stop

    def visit(self, leaf: Leaf, host: str = NAME) -> str:
        """Return what a visit ends with: the page's text, or Chromium's error."""
        port, stop = self.serve(leaf)
        context = self.browser.new_context()
        try:
            page = context.new_page()
            page.goto(f"https://{host}:{port}/")
            return page.inner_text("body")
        except Error as error:
            return error.message
        finally:
            context.close()
            stop()


@pytest.fixture(scope="module")
def house(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    if shutil.which("certutil") is None:
        pytest.skip("certutil is not installed; scripts/test installs libnss3-tools")
    house = House(playwright, tmp_path_factory.mktemp("house"))
    yield house
    house.browser.close()


def test_the_doors_own_leaf_is_trusted(house: House) -> None:
    assert house.visit(house.leaf()) == "hello"


def test_a_leaf_for_another_name_is_refused_at_the_doors_name(house: House) -> None:
    assert "ERR_CERT" in house.visit(house.leaf("other.local"))


def test_a_certificate_for_another_site_signed_by_the_house_ca_is_refused(house: House) -> None:
    """Whoever trusts the CA on a phone trusts it for this door and nothing else."""
    assert "ERR_CERT_INVALID" in house.visit(house.leaf("bank.example"), host="bank.example")


def test_a_certificate_for_an_address_signed_by_the_house_ca_is_refused(house: House) -> None:
    assert "ERR_CERT_INVALID" in house.visit(house.leaf_for_address("127.0.0.1"), host="127.0.0.1")


def test_a_leaf_with_an_address_is_refused_even_at_the_doors_name(house: House) -> None:
    assert "ERR_CERT_INVALID" in house.visit(house.leaf_for_address("192.168.1.7"))


def test_a_leaf_of_tomorrow_is_refused(house: House) -> None:
    assert "ERR_CERT_DATE_INVALID" in house.visit(house.leaf(begins=NOW + timedelta(days=1)))


def test_a_leaf_of_the_past_is_refused(house: House) -> None:
    assert "ERR_CERT_DATE_INVALID" in house.visit(house.leaf(begins=NOW - LEAF - timedelta(days=1)))
