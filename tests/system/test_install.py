"""``doorward install`` onto a machine that boots, over its own sshd: moved in, updated, cut off, rolled back, removed.

The machine is Debian 13 on this computer's processor, with the drawn camera: Debian's archive has no picamera2, so what a Pi
alone has (its camera's packages, kernel line, swap) is tried on a tree of files in tests/provisioning/install.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.card.card import read_card_file
from provisioning.cli import run
from provisioning.commands import install as command
from provisioning.install import release
from provisioning.install.release import Release
from tests.system.pi import HOST, Pi, booted_pi

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

AT = ["install", HOST, "--any-computer", "--camera", "scene"]
SITE = "lib/python3.13/site-packages"
real_release = release.make_release


@pytest.fixture(scope="module")
def pi() -> Iterator[Pi]:
    with booted_pi() as booted:
        yield booted


@pytest.fixture(autouse=True)
def owners_ssh(pi: Pi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(pi.owner / "bin"), prepend=":")


@pytest.fixture
def another_release(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, dict[str, str]], None]:
    """Have the next installations bring this release with some files changed."""

    def made(name: str, changed: dict[str, str]) -> None:
        def make(machine: str, cache: Path) -> Release:
            found = real_release(machine, cache)
            return replace(found, name=f"{found.name}-{name}", own=altered(found.own, changed))

        monkeypatch.setattr(release, "make_release", make)

    return made


def altered(own: bytes, changed: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(gzip.decompress(own))) as before,
        tarfile.open(fileobj=out, mode="w:gz") as after,
    ):
        for entry in before:
            data = before.extractfile(entry)
            text = changed.get(entry.name)
            content = text.encode() if text is not None else data.read() if data else b""
            entry.size = len(content)
            after.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def runs(pi: Pi) -> str:
    return pi.does("readlink", "/opt/doorward/current").rpartition("/")[2]


def secrets_of(file: Path) -> list[bytes]:
    card, born_sha256 = read_card_file(file)
    admit, code = card.admit_key().private_bytes_raw(), card.code(born_sha256)
    return [card.open.secret_text().encode(), admit, admit.hex().encode(), code.encode()]


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # the door goes on recording, and moves what is finished
        return b""


def system(pi: Pi) -> dict[str, str]:
    """Return what of the system an installation could have changed, by what it holds."""
    passed = ["var/lib/systemd", "var/lib/dpkg", "var/lib/apt", "*/__pycache__*", "etc/ld.so.cache", "*-"]
    prune = " -o ".join(f"-path '{path}'" for path in passed)
    script = f"""cd /
        find etc opt usr home/pi srv root boot var/lib -xdev \\( {prune} \\) -prune -o -type f -exec sha256sum {{}} +
        find etc opt usr home/pi -xdev -name __pycache__ -prune -o ! -type f -printf '%y%l  %p\\n'"""
    told = [line.split("  ", 1) for line in pi.does("sh", "-c", script).splitlines()]
    packages = pi.does("dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n")
    return {"packages": packages, **{path: content for content, path in told}}


@pytest.fixture(scope="module")
def before_us(pi: Pi) -> dict[str, str]:
    return system(pi)


def test_what_is_no_pi_is_refused_and_nothing_changes(
    pi: Pi, before_us: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["install", HOST, "--name", "Front door", "-o", str(pi.owner / "card.pdf")]) == 1
    assert "it is no Raspberry Pi" in capsys.readouterr().err
    assert run(AT) == 1
    assert "no door lives there yet" in capsys.readouterr().err
    assert system(pi) == before_us


def test_a_new_door_moves_in_rings_and_seals_and_its_card_stays_with_its_owner(
    pi: Pi, before_us: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    card = pi.owner / "card.txt"
    made = ["--name", "Front door", "-o", str(pi.owner / "card.pdf"), "--file", str(card)]
    assert run([*AT, *made]) == 0, capsys.readouterr().err
    told = capsys.readouterr().out
    assert "https://door.local" in told
    assert str(pi.owner / "card.pdf") in told
    assert pi.is_up()
    assert pi.does("doorward", "ring") == "It rang."
    for service in ("doorward-device", "doorward-server"):
        assert pi.does("systemctl", "show", "--value", "--property=User", service) == service
    secrets = secrets_of(card)
    written = [path for path in (pi.place / "upper").rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(written) > 1000
    assert [path for path in written if any(secret in content(path) for secret in secrets)] == []
    assert ".doorward-install" not in pi.does("ls", "-A", "/home/pi").split()


def test_run_again_it_finds_the_door_up_and_leaves_it_alone(
    pi: Pi, capsys: pytest.CaptureFixture[str]
) -> None:
    process = pi.does("systemctl", "show", "--value", "--property=MainPID", "doorward-device")
    assert run([*AT, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["plan"]["kind"], told["release"], told["url"]) == ("same", runs(pi), "https://door.local")
    assert pi.does("systemctl", "show", "--value", "--property=MainPID", "doorward-device") == process


@pytest.mark.parametrize(
    ("name", "changed", "step"),
    [
        ("unfit", {f"{SITE}/device/app.py": "import no_such_package\n"}, "laying the release down"),
        ("down", {f"{SITE}/device/__main__.py": "import sys\nif __name__ == '__main__': sys.exit('error: broken')\n"},
         "waiting until it is up"),
    ],
)  # fmt: skip  # a table
def test_a_release_that_does_not_work_gives_way_to_the_one_that_did(
    pi: Pi,
    another_release: Callable[[str, dict[str, str]], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    changed: dict[str, str],
    step: str,
) -> None:
    before = runs(pi)
    monkeypatch.setattr(command, "UP_WITHIN_S", 12.0)
    another_release(name, changed)
    assert run(AT) == 1
    told = capsys.readouterr().err
    assert step in told
    assert "the Pi is as it was before" in told
    assert runs(pi) == before
    assert pi.is_up()
    assert pi.does("ls", "/opt/doorward/releases") == before


def test_a_network_that_breaks_at_each_step_of_an_update_breaks_nothing(
    pi: Pi,
    another_release: Callable[[str, dict[str, str]], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = runs(pi)
    another_release("next", {"bin/doorward": "#!/bin/sh\necho next\n"})
    cut: list[str] = []

    def cut_at(sentence: str, **_how: object) -> None:
        if sentence.startswith("· ") and sentence not in cut and "already" not in sentence:
            cut.append(sentence)
            pi.cut_the_network()

    monkeypatch.setattr(command, "say", cut_at)
    codes = []
    while not codes or codes[-1] != 0:
        codes.append(run(AT))
        assert len(codes) < 20, capsys.readouterr().err
    assert "· carrying it" in cut
    assert "· waiting until it is up" in cut or "· switching to the release" in cut, cut
    assert 1 in codes
    assert runs(pi) == f"{before}-next"
    assert pi.is_up()
    assert pi.does("doorward") == "next"


def test_a_door_may_stay_alone_and_one_that_goes_leaves_nothing(pi: Pi, before_us: dict[str, str]) -> None:
    key = pi.does("sha256sum", "/var/lib/doorward/device.key")
    assert run([*AT, "--remove", "--keep-state", "--yes"]) == 0
    assert pi.does("stat", "-c", "%U %a", "/var/lib/doorward") == "root 700"
    assert pi.does("getent", "passwd", "doorward-device", fails=True) == ""
    assert pi.does("sha256sum", "/var/lib/doorward/device.key") == key
    assert run([*AT, "--remove", "--yes"]) == 0
    after = system(pi)
    assert {path: (before_us.get(path), after.get(path)) for path in before_us.keys() | after.keys()
            if before_us.get(path) != after.get(path)} == {}  # fmt: skip  # one thing
