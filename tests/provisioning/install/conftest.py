"""A Pi of files: what the steps ask its programs is done to a tree and three sets, and any of it can be made to fail."""

import io
import os
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from provisioning.install import release
from provisioning.install.onpi.orders import FRESH, UPDATE, Orders
from provisioning.install.onpi.system import Failed
from provisioning.install.onpi.where import Places
from provisioning.install.onpi.work import Work
from provisioning.install.release import Release
from provisioning.install.survey import Facts
from tests.provisioning.install.stranger import Stranger

LINE = "console=serial0,115200 root=PARTUUID=12-02 rootwait\n"
PI = Facts(
    system="Linux",
    machine="aarch64",
    architecture="arm64",
    os="Debian GNU/Linux 13 (trixie)",
    release="trixie",
    model="Raspberry Pi 4 Model B Rev 1.5",
    python="3.13",
    init="systemd",
    uid=1000,
    home="/home/pi",
    host="raspberrypi",
    free_kb=20_000_000,
    home_free_kb=20_000_000,
    sudo="yes",
)


@dataclass
class FilePi:
    """What the steps see of a Pi.

    Attributes:
        root: its file system.
        breaks_at: number of the program that fails, from 0; None: none does.
        does_not_serve: releases that do not come up.
    """

    root: Path
    breaks_at: int | None = None
    does_not_serve: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=lambda: {"dpkg", "openssh-server"})
    groups: set[str] = field(default_factory=lambda: {"root", "video", "pi"})
    running: str = ""
    called: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for directory in ("etc/systemd/system/multi-user.target.wants", "etc/sysusers.d", "etc/tmpfiles.d", "etc/rpi",
                          "usr/local/bin", "boot/firmware", "opt", "var/lib", "run", "carried"):  # fmt: skip  # a list
            (self.root / directory).mkdir(parents=True)
        (self.root / "boot/firmware/cmdline.txt").write_text(LINE)
        (self.root / "etc/rpi/swap.conf").write_text("[Main]\n")

    def run(self, *words: str | Path, fails: bool = False) -> str:  # noqa: C901 - one case for each program
        asked = tuple(str(word) for word in words)
        self.called.append(asked)
        if self.breaks_at == len(self.called) - 1 and not fails:
            raise Failed(f"{asked[0]} failed: it was made to")
        match asked:
            case ("dpkg-query", *_):
                return "".join(f"{name} ii \n" for name in sorted(self.packages))
            case ("apt-get", "install", *names):
                self.packages |= {name for name in names if not name.startswith("-") and "=" not in name} | {
                    "libdep"
                }
            case ("apt-get", "-s", "purge", *names):
                return "".join(f"Purg {name} [1]\n" for name in names)
            case ("apt-get", "purge", *names):
                self.packages -= set(names)
            case ("getent", "group"):
                return "".join(f"{name}:x:1:\n" for name in self.groups)
            case ("systemd-sysusers", *_):
                self.groups |= {
                    "doorward-link",
                    "video",
                    "gpio",
                    "audio",
                    "doorward-device",
                    "doorward-server",
                }
            case ("userdel" | "groupdel", name):
                self.groups.discard(name)
            case ("python3", "-m", "venv", *_, place):
                (Path(place) / "bin").mkdir(parents=True)
            case ("systemctl", "stop", *_):
                self.running = ""
            case ("systemctl", "start", *_):
                self.running = (self.root / "opt/doorward/current").readlink().name
            case ("systemctl", "show", *_):
                serves = self.running and self.running not in self.does_not_serve
                return "MainPID=7\nActiveState=active\n\nMainPID=8\nActiveState=active\n" if serves else ""
            case (command, "ring") if command.endswith("bin/doorward"):
                event = self.root / "var/lib/doorward/spool/2026-11-27/1/event"
                event.parent.mkdir(parents=True)
                event.touch()
        return ""

    def serves(self, _name: str, _authority: Path) -> bool:
        return bool(self.running) and self.running not in self.does_not_serve

    def looks(self) -> tuple[object, ...]:
        """Return all that an owner could notice of it."""
        tree = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if not name.startswith("carried"):
                kind = (
                    str(path.readlink())
                    if path.is_symlink()
                    else path.read_bytes()
                    if path.is_file()
                    else "/"
                )
                tree[name] = kind
        return tree, set(self.packages), set(self.groups), self.running

    def carries(self, *, steps: tuple[str, ...], release: str, marker: str = "") -> Work:
        """Return a run whose parcels have arrived."""
        carried = self.root / "carried"
        pack(
            carried / "own.tar.gz",
            {"system/doorward.sysusers": "u", "system/doorward.tmpfiles": "d", "bin/doorward": marker},
        )
        pack(carried / "locked.tar.gz", {"lib/python3.13/site-packages/numpy/core.py": "n"})
        if "door" in steps:
            pack(carried / "door.tar", {"state/device.key": "k", "state/ledger": "l", "tls/ca.pem": "c"})
        orders = Orders(
            run="1", steps=steps, release=release, locked="locked.tar.gz",
            own="own.tar.gz", packages=("alsa-utils",), camera="pi",
            name="door.local", born="ab" * 32, is_pi=True, up_within_s=0.0,
        )  # fmt: skip  # short values
        return Work(orders, carried, Places(self.root), self.run, self.serves)

    def fresh(self, release: str = "1-a") -> Work:
        return self.carries(steps=FRESH, release=release)

    def update(self, release: str = "2-b") -> Work:
        return self.carries(steps=UPDATE, release=release)


def pack(path: Path, files: dict[str, str]) -> None:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))


@pytest.fixture
def pi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FilePi:
    monkeypatch.setattr("provisioning.install.onpi.running._LOOK_S", 0.0)
    monkeypatch.setattr("provisioning.install.onpi.running._STEADY_LOOKS", 1)
    return FilePi(tmp_path / "pi")


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stranger:
    there = Stranger(tmp_path / "stranger")
    monkeypatch.setenv("PATH", f"{there.here / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    packages = tmp_path / "packages.tar.gz"
    packages.write_bytes(b"packages")
    monkeypatch.setattr(release, "make_release", lambda *_: Release("2-b", packages, b"own", 10))
    monkeypatch.setattr("provisioning.install.install._new_run", lambda: "77")
    return there


def new(tmp_path: Path) -> list[str]:
    return [
        "install",
        "pi@door",
        "--name",
        "Front door",
        "-o",
        str(tmp_path / "card.pdf"),
        "--file",
        str(tmp_path / "card.txt"),
    ]
