"""Where each thing of a door lies on its Pi, and what points where. Pure.

A release is a directory that is never written to once it is whole. ``current`` points to the one that runs, and all that systemd
reads points through ``current``: one rename changes everything at once, and another one changes it back.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEVICE: Final = "doorward-device"
SERVER: Final = "doorward-server"
SERVICES: Final = (f"{DEVICE}.service", f"{SERVER}.service")
SOCKET: Final = f"{SERVER}.socket"
TARGET: Final = "doorward.target"
WORK_UNIT: Final = "doorward-install"
PROGRESS: Final = Path("/run/doorward-install/progress")
GROUPS: Final = ("doorward-link", "video", "gpio", "audio", DEVICE, SERVER)
WHOLE: Final = ".complete"
"""In a release: all of it is there and was tried."""
LOCKED: Final = "packages"
"""In a release: the name of the archive that its packages came in."""
_ETC_LINKS: Final = {
    **{f"systemd/system/{unit}": unit for unit in (*SERVICES, SOCKET, TARGET)},
    "sysusers.d/doorward.conf": "doorward.sysusers",
    "tmpfiles.d/doorward.conf": "doorward.tmpfiles",
    "systemd/journald.conf.d/doorward.conf": "doorward-journal.conf",
    "doorward/doorward.nft": "doorward.nft",
}


@dataclass(frozen=True, slots=True)
class Places:
    """The places, below ``root``, which is ``/`` but in tests."""

    root: Path = Path("/")

    @property
    def home(self) -> Path:
        """All software of ours, and the record of what was changed."""
        return self.root / "opt" / "doorward"

    @property
    def releases(self) -> Path:
        """A directory for each release."""
        return self.home / "releases"

    @property
    def current(self) -> Path:
        """Points to the release that runs."""
        return self.home / "current"

    @property
    def record(self) -> Path:
        """What was changed on this system, so that it can be changed back."""
        return self.home / "before.json"

    @property
    def settings(self) -> Path:
        """What the owner may write: doorward.yaml, server.env; and the certificates."""
        return self.root / "etc" / "doorward"

    @property
    def tls(self) -> Path:
        """The server's certificates."""
        return self.settings / "tls"

    @property
    def installed(self) -> Path:
        """Which door lives here; everybody may read it."""
        return self.settings / "installed"

    @property
    def state(self) -> Path:
        """The door itself: its key, its record, what it recorded."""
        return self.root / "var" / "lib" / "doorward"

    @property
    def command(self) -> Path:
        """The command ``doorward``, for whoever is at the Pi."""
        return self.root / "usr" / "local" / "bin" / "doorward"

    @property
    def kernel_line(self) -> Path:
        """What a Pi's firmware tells its kernel."""
        return self.root / "boot" / "firmware" / "cmdline.txt"

    @property
    def kernel_line_backup(self) -> Path:
        """The same, as it was before us."""
        return self.kernel_line.with_name("cmdline.txt.before-doorward")

    @property
    def swap_settings(self) -> Path:
        """There if Raspberry Pi OS manages the swap."""
        return self.root / "etc" / "rpi" / "swap.conf"

    @property
    def swap(self) -> Path:
        """Our word on it."""
        return self.root / "etc" / "rpi" / "swap.conf.d" / "80-doorward.conf"

    def links(self) -> dict[Path, Path]:
        """Return every link that leads into the running release, and where to."""
        etc, release = self.root / "etc", Path("/opt/doorward/current")
        found = {etc / name: release / "system" / file for name, file in _ETC_LINKS.items()}
        found[self.command] = release / "bin" / "doorward"
        # At boot. Links that systemctl makes itself would go with the first release.
        wants = etc / "systemd" / "system" / "multi-user.target.wants" / TARGET
        found[wants] = Path("/etc/systemd/system") / TARGET
        return found
