"""``doorward install`` from the owner's side: an ``ssh`` that the test answers in place of a Pi."""

import io
import json
import shlex
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.cli import run
from provisioning.install import release
from provisioning.install.install import Unseen
from provisioning.install.release import NoRelease, agent
from provisioning.install.ssh import RemoteFailed, Ssh, Unreachable
from tests.provisioning.install.conftest import PI, new
from tests.provisioning.install.stranger import Stranger


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "", "a b", "a;b", "$(x)", "pi@\x1b[2J", "ä", "a/b"])
def test_a_name_that_is_no_host_is_never_given_to_ssh(
    stranger: Stranger, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["install", "--", host]) == 1
    assert "is no host" in capsys.readouterr().err
    assert not (stranger.here / "called").exists()


def test_what_is_run_over_there_is_one_word_whatever_is_in_it(stranger: Stranger) -> None:
    script = "echo '; \"$HOME\" `id` \\'\n"
    with Ssh("pi@door") as ssh:
        ssh.ask(script)
    [called] = stranger.called()
    assert called[-3:-1] == ["--", "pi@door"]
    assert shlex.split(called[-1]) == ["sh", "-c", script]
    assert not any("Password" in word or word == "-i" for word in called)


def test_the_connections_socket_lies_where_nobody_else_can_reach_it(stranger: Stranger) -> None:
    with Ssh("pi@door") as ssh:
        ssh.ask("true")
        [place] = [
            Path(word.partition("=")[2]).parent
            for word in stranger.called()[0]
            if word.startswith("-oControlPath=")
        ]
        assert place.stat().st_mode & 0o777 == 0o700
    assert not place.exists()


def test_ssh_that_fails_is_told_apart_from_a_program_that_does(stranger: Stranger) -> None:
    with Ssh("pi@door") as ssh:
        stranger.answers("doorward-%s", code=255, err="ssh: connect to host door port 22: No route to host")
        with pytest.raises(Unreachable, match="No route to host"):
            ssh.ask("doorward-%s")
        stranger.answers("doorward-%s", code=1, err="cat: write error: No space left on device")
        with pytest.raises(RemoteFailed, match="No space left"):
            ssh.ask("doorward-%s")
        with pytest.raises(RemoteFailed, match="No space left"):
            list(ssh.lines("doorward-%s"))


def test_a_host_that_is_no_pi_is_refused_and_nothing_is_made(
    stranger: Stranger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger.answers("doorward-%s", code=127, err="sh: not found")
    assert run(new(tmp_path)) == 1
    assert "what answers there is no Raspberry Pi" in capsys.readouterr().err
    assert not (tmp_path / "card.pdf").exists()


def progress(*lines: dict[str, object]) -> str:
    return "\n".join(json.dumps({"run": "77", **line}) for line in lines)


def test_a_new_door_comes_with_its_card_and_the_card_goes_nowhere_else(
    stranger: Stranger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger.is_a(PI)
    stranger.answers("sed -n", progress({"step": "packages"}, {"end": "done", "restart_wanted": True}))
    assert run(new(tmp_path)) == 0
    told = capsys.readouterr()
    assert "A new door lives on pi@door" in told.out
    assert "https://raspberrypi.local" in told.out
    assert "sudo reboot" in told.out
    assert "installing Debian's packages" in told.err
    assert {path.name for path in tmp_path.glob("card*")} == {
        "card.pdf", "card.txt", "card.authority.crt", "card.authority.txt",
    }  # fmt: skip  # read as a list


@pytest.mark.parametrize(
    ("word", "code", "err", "stays"),
    [
        ("door.tar", 255, "Connection reset", False),  # before anything is begun there
        ("orders.json", 1, "No space left on device", False),
        ("systemd-run", 1, "sudo: a password is required", False),
        ("systemd-run", 255, "Connection reset", True),  # it may have begun
        ("sed -n", 255, "Connection reset", True),
    ],
)
def test_a_card_goes_with_a_door_that_was_never_born_and_stays_while_nobody_knows(
    stranger: Stranger,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    word: str,
    code: int,
    err: str,
    stays: bool,
) -> None:
    stranger.is_a(PI)
    stranger.answers(word, code=code, err=err)
    assert run(new(tmp_path)) == 1
    assert err in capsys.readouterr().err
    assert bool(list(tmp_path.glob("card*"))) == stays


@pytest.mark.parametrize("is_undone", [True, False])
def test_a_failure_over_there_is_told_with_what_became_of_it(
    stranger: Stranger, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_undone: bool
) -> None:
    stranger.is_a(PI)
    failed = {"end": "failed", "step": "up", "why": "the card is full", "is_undone": is_undone}
    stranger.answers("sed -n", progress({"step": "up"}, failed))
    assert run(new(tmp_path)) == 1
    told = capsys.readouterr().err
    assert "it failed at “waiting until it is up”: “the card is full”" in told
    assert ("the Pi is as it was before" in told) == is_undone
    assert bool(list(tmp_path.glob("card*"))) != is_undone


def test_a_pi_that_was_switched_off_in_the_middle_is_said_to_be(
    stranger: Stranger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger.is_a(PI)
    stranger.answers("sed -n", progress({"step": "release"}))
    assert run(new(tmp_path)) == 1
    assert "it stopped at “release”" in capsys.readouterr().err


def test_a_sudo_that_asks_needs_a_terminal_and_nothing_is_begun_without_one(
    stranger: Stranger, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.is_a(replace(PI, sudo="asks"))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(new(tmp_path)) == 1
    assert "there is no terminal to type it" in capsys.readouterr().err
    assert not any("systemd-run" in called[-1] for called in stranger.called())
    assert not list(tmp_path.glob("card*"))


def test_a_sudo_that_asks_is_asked_at_the_owners_own_terminal(
    stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger.is_a(replace(PI, sudo="asks"))
    monkeypatch.setattr("provisioning.install.install.sys.stdin.isatty", lambda: True, raising=False)
    stranger.answers("sed -n", progress({"end": "done", "restart_wanted": False}))
    assert run(new(tmp_path)) == 0
    [start] = [called for called in stranger.called() if "systemd-run" in called[-1]]
    assert "-t" in start
    assert "sudo -n" not in start[-1]


def test_an_update_brings_no_card_and_says_so(
    stranger: Stranger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger.is_a(replace(PI, born="ab" * 32, name="door.local", current="x/1-a"))
    stranger.answers("sed -n", progress({"end": "done", "restart_wanted": False}))
    assert run(new(tmp_path)) == 0
    assert "It keeps its card" in capsys.readouterr().out
    assert not list(tmp_path.glob("card*"))
    assert run(["install", "pi@door", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["plan"]["kind"], told["release"], told["url"], told["card"]) == (
        "update",
        "2-b",
        "https://door.local",
        None,
    )


@pytest.mark.parametrize("words", [["--keep-state"], ["--name", "D"], ["-o", "card.pdf"]])
def test_a_command_line_that_is_half_is_refused(stranger: Stranger, words: list[str]) -> None:
    assert run(["install", "pi@door", *words]) == 2


def test_the_agent_is_one_file_of_the_standard_library_and_itself(tmp_path: Path) -> None:
    path = tmp_path / "agent.pyz"
    path.write_bytes(agent())
    with zipfile.ZipFile(path) as archive:
        sources = {name: archive.read(name).decode() for name in archive.namelist()}
    imported = {
        line.split()[1]
        for text in sources.values()
        for line in text.splitlines()
        if line.startswith(("import ", "from "))
    }
    ours = {name for name in imported if name.startswith(("provisioning", "device", "server"))}
    assert all(name.startswith("provisioning.install.onpi") for name in ours)
    assert {name.split(".")[0] for name in imported - ours} <= sys.stdlib_module_names
    done = subprocess.run(
        [sys.executable, "-I", path, tmp_path / "none"], capture_output=True, text=True, check=False
    )
    assert "orders.json" in done.stderr


def test_without_a_checkout_there_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(NoRelease, match="not beside this program"):
        release.make_release("aarch64", tmp_path / "cache", tmp_path)


def test_the_connection_that_broke_in_the_middle_is_unreachable_too() -> None:
    assert issubclass(Unseen, Unreachable)
