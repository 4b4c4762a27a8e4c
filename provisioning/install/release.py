"""What is carried to a Pi: the locked packages for its processor, our own wheel, the units. Made on the owner's computer.

The Pi needs no network for any of it. Packages are fetched by the hashes of scripts/requirements, for the Pi's Python and
processor, and kept for the next time; the same sources and the same lock make the same release, and its name tells what is in it.
"""

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.disk.durable import replacing
from provisioning.errors import ProvisioningError
from provisioning.install.plan import PYTHON
from provisioning.places import private_directory

_ROOT: Final = Path(__file__).parents[2]
_LOCK: Final = Path("scripts", "requirements", "pi.txt")
_UNITS: Final = Path("systemd")
_SITE: Final = f"lib/python{PYTHON}/site-packages"
_NEWEST_GLIBC: Final = 41  # of Debian 13; a package for an older one runs on it
_OLDEST_GLIBC: Final = 17
_COMMAND: Final = (
    '#!/bin/sh\nexec /opt/doorward/current/bin/python -c "from provisioning.cli import main; main()" "$@"\n'
)
_AGENT: Final = ("provisioning/__init__.py", "provisioning/install/__init__.py", "provisioning/install/onpi")
_AGENT_MAIN: Final = "from provisioning.install.onpi.main import main\n\nmain()\n"


class NoRelease(ProvisioningError, RuntimeError):
    """What is to be carried cannot be made here."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release for one kind of processor.

    Attributes:
        name: version, and what is in it by hash.
        packages: archive of the locked packages.
        own: archive of ours, wheel and units.
        size_bytes: of all of it once it is laid down.
    """

    name: str
    packages: Path
    own: bytes
    size_bytes: int


def make_release(machine: str, cache: Path, root: Path = _ROOT) -> Release:
    """Return what is to be carried to a Pi.

    Args:
        machine: ``aarch64``, or ``x86_64`` for tests.
        cache: directory, ours alone, where packages are kept for the next time.
        root: the checkout.

    Raises:
        NoRelease: this is no checkout, the packages cannot be fetched, or the wheel cannot be built.
    """
    lock = root / _LOCK
    if not lock.is_file() or not (root / _UNITS).is_dir():
        raise NoRelease(
            "units and lock are not beside this program",
            hint="run doorward from a checkout: .venv/bin/doorward",
        )
    packages = _packages(lock, machine, cache)
    own = _own(root)
    digest = hashlib.sha256(own)
    digest.update(packages.name.encode())
    size_bytes = sum(_unpacked_bytes(archive) for archive in (packages.read_bytes(), own))
    return Release(f"{_version(root)}-{digest.hexdigest()[:12]}", packages, own, size_bytes)


def agent() -> bytes:
    """Return the program that works on the Pi, as one file that Python runs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py"), _AGENT_MAIN)
        for name in _AGENT:
            place = _ROOT / name
            for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
                archive.writestr(zipfile.ZipInfo(str(path.relative_to(_ROOT))), path.read_bytes())
    return out.getvalue()


def default_cache() -> Path:
    """Return where packages are kept by default."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "doorward"


def _packages(lock: Path, machine: str, cache: Path) -> Path:
    """Return the archive of the locked packages for a processor, fetched if they are not kept yet."""
    key = hashlib.sha256(f"{machine} {PYTHON}\n".encode() + lock.read_bytes()).hexdigest()[:16]
    private_directory(cache)
    kept = cache / f"packages-{machine}-{key}.tar.gz"
    if kept.exists():
        return kept
    with tempfile.TemporaryDirectory(prefix="doorward-") as place:
        site = Path(place, "site")
        platforms = [
            f"manylinux_2_{glibc}_{machine}" for glibc in range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1)
        ]
        asked = [
            "install",
            "-q",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-compile",
            "--require-hashes",
        ]
        asked += ["--only-binary", ":all:", "--implementation", "cp", "--python-version", PYTHON]
        for platform in (*platforms, f"manylinux2014_{machine}"):
            asked += ["--platform", platform]
        _python("the locked packages cannot be fetched", "pip", *asked, "--target", site, "-r", lock)
        shutil.rmtree(site / "bin", ignore_errors=True)  # programs that name this computer's Python
        files = {f"{_SITE}/{path.relative_to(site)}": path for path in _files(site)}
        with replacing(kept) as descriptor, open(descriptor, "wb", closefd=False) as file:
            file.write(_archive({name: (path.read_bytes(), 0o644) for name, path in files.items()}))
    return kept


def _own(root: Path) -> bytes:
    """Return the archive of what is ours."""
    files: dict[str, tuple[bytes, int]] = {"bin/doorward": (_COMMAND.encode(), 0o755)}
    for unit in sorted((root / _UNITS).iterdir()):
        files[f"system/{unit.name}"] = (unit.read_bytes(), 0o644)
    with tempfile.TemporaryDirectory(prefix="doorward-") as place:
        _python("our own wheel cannot be built", "hatchling", "build", "-t", "wheel", "-d", place, cwd=root)
        [wheel] = Path(place).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                files[f"{_SITE}/{name}"] = (archive.read(name), 0o644)
    return _archive(files)


def _archive(files: dict[str, tuple[bytes, int]]) -> bytes:
    """Return a compressed archive of some files: of the same files, the same bytes."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=4, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, (data, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _unpacked_bytes(archive: bytes) -> int:
    with gzip.GzipFile(fileobj=io.BytesIO(archive)) as packed:
        return packed.seek(0, io.SEEK_END)


def _files(place: Path) -> Iterator[Path]:
    return (path for path in sorted(place.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)


def _version(root: Path) -> str:
    for line in (root / "pyproject.toml").read_text().splitlines():
        if line.startswith("version = "):
            return line.split('"')[1]
    raise NoRelease("pyproject.toml names no version", hint="")


def _python(what: str, module: str, *arguments: str | Path, cwd: Path | None = None) -> None:
    """Run a module of this Python's."""
    done = subprocess.run(  # noqa: S603 - this very Python, and words of ours
        [sys.executable, "-m", module, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=cwd,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoRelease(
            f"{what}: {said[-1] if said else f'{module} says nothing'}",
            hint="scripts/demo makes an environment that can; this computer needs a network for it once",
        )
