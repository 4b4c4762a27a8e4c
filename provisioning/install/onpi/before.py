"""What was changed on a Pi that is not ours alone: written down before it is changed, so that it can be changed back."""

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path


@dataclass
class Before:
    """How the system was.

    Attributes:
        packages: Debian packages that came with us.
        packages_before: all that were there when an installation of some began that has not ended; None if none is under way.
        groups_before: the same of groups.
        groups: groups that came with us.
        directories: directories that came with us, below /etc and the like.
        kernel_line: the kernel's command line as it was; None if we did not change it.
        door_begun: whether a new door was being laid down; until it is called installed, it is a rest.
    """

    packages: list[str] = field(default_factory=list)
    packages_before: list[str] | None = None
    groups_before: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    kernel_line: str | None = None
    door_begun: bool = False

    @classmethod
    def read(cls, path: Path) -> "Before":
        """Return what was written; nothing if there is no such file."""
        try:
            told = json.loads(path.read_text())
        except FileNotFoundError:
            return cls()
        return cls(**{each.name: told[each.name] for each in fields(cls) if each.name in told})

    def write(self, path: Path) -> None:
        """Keep it, before anything is changed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, json.dumps(asdict(self), indent=1) + "\n")


def put(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a whole text file, or change nothing."""
    new = path.with_name(f".new-{path.name}")
    try:
        with new.open("w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def point(link: Path, target: Path) -> None:
    """Have ``link`` lead to ``target``, in one step, wherever it led before."""
    new = link.with_name(f".new-{link.name}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
