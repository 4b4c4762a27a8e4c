"""The locked packages as a Pi gets them: there for its processor, by their hashes, and whole."""

import struct
import tarfile

import pytest

from provisioning.install.release import NoRelease, default_cache, make_release

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
AARCH64 = 183
"""``e_machine`` in an ELF header."""


def test_every_library_that_is_carried_is_for_a_pis_processor() -> None:
    try:
        release = make_release("aarch64", default_cache())
    except NoRelease as error:
        pytest.skip(f"the packages cannot be fetched here: {error}")
    machines, names = set(), set()
    with tarfile.open(release.packages) as archive:
        for entry in archive:
            parts = entry.name.split("/")
            assert parts[:3] == ["lib", "python3.13", "site-packages"], entry.name
            names.add(parts[3])
            file = archive.extractfile(entry)
            if file is not None and (head := file.read(20)).startswith(b"\x7fELF"):
                machines.add(struct.unpack("<H", head[18:20])[0])
    assert machines == {AARCH64}
    assert {"numpy", "cv2", "av", "cryptography", "msgspec", "aiohttp", "gpiod", "yaml"} <= names
