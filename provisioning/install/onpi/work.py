"""One run of the installation on the Pi: what is asked, where everything lies, and by whom it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provisioning.install.onpi.before import Before
from provisioning.install.onpi.orders import Orders
from provisioning.install.onpi.system import Run
from provisioning.install.onpi.where import Places


@dataclass
class Work:
    """One run.

    Attributes:
        orders: what is asked.
        carried: directory with what was carried here.
        at: where everything lies.
        run: a program of the system.
        page_is_served: by DNS name and authority.
        restart_wanted: whether something holds only after the Pi starts anew.
        previous: the release that ran before; empty: none did.
    """

    orders: Orders
    carried: Path
    at: Places
    run: Run
    page_is_served: Callable[[str, Path], bool]
    restart_wanted: bool = False
    previous: str = ""

    def __post_init__(self) -> None:
        self.before = Before.read(self.at.record)
        if self.at.current.is_symlink():
            self.previous = self.at.current.readlink().name

    @property
    def release(self) -> Path:
        """Directory of the release in the orders."""
        return self.at.releases / self.orders.release

    def keep(self) -> None:
        """Write down what was changed."""
        self.before.write(self.at.record)

    def make_directory(self, path: Path) -> None:
        """Make a directory of the system's that is not there, and remember that we did."""
        if not path.exists():
            self.make_directory(path.parent)
            self.before.directories.append(str(path.relative_to(self.at.root)))
            self.keep()
            path.mkdir()
