"""The three streams as they come: no encoding, no closed or full one ends a command in a traceback."""

import itertools
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.demo.processes import socket_directory
from tests.provisioning.conftest import Furnished

MAIN = "from provisioning.cli import main; main()"
NARROW = {
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "Latin-1": {"PYTHONIOENCODING": "latin-1"},
    "the C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


def command(furnished: Furnished, *words: str) -> list[str]:
    key = str(furnished.card_file)
    named = {"DIR": str(furnished.state), "KEY": key, "OUT": str(furnished.state.parent / "out")}
    return [sys.executable, "-c", MAIN, *(named.get(word, word) for word in words)]


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "XDG_STATE_HOME": str(tmp_path / "xdg"),
        "PYTHONWARNINGS": "error",
        **more,
    }


COMMANDS = [
    ("--help",),
    ("tune", "--help"),
    ("clips", "open", "--help"),
    ("clips", "list", "DIR", "-i", "KEY"),
    ("clips", "list", "DIR", "-i", "KEY", "--json"),
    ("verify", "DIR", "-i", "KEY"),
    ("clips", "open", "DIR", "1", "-i", "KEY", "-o", "OUT"),
    ("dance", "Tür…"),
    ("completion", "zsh"),
]


@pytest.mark.parametrize(("how", "words"), list(itertools.product(NARROW, COMMANDS)))
def test_no_encoding_ends_a_command(
    furnished: Furnished, tmp_path: Path, how: str, words: tuple[str, ...]
) -> None:
    done = subprocess.run(
        command(furnished, *words), capture_output=True, env=environment(tmp_path, **NARROW[how]), check=False
    )
    assert done.returncode == (2 if "dance" in words else 0), done.stderr
    assert b"Traceback" not in done.stderr
    said = (done.stdout + done.stderr).decode("latin-1" if how == "Latin-1" else "ascii")
    assert "?" not in said.replace("??", ""), "what is lacking is spelt"
    if "--json" in words:
        assert len(json.loads(done.stdout)) == 3


def test_what_an_encoding_lacks_is_spelt_so_that_two_names_stay_two(
    furnished: Furnished, tmp_path: Path
) -> None:
    program = (
        "from provisioning.streams import open_streams; from provisioning.printer import say, quoted;"
        "open_streams(); say(quoted('Tür') + ' → ' + quoted('Tor 門') + '…')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env=environment(tmp_path, **NARROW["ASCII"]),
        check=True,
    )
    assert done.stdout == b'"T\\xfcr" -> "Tor \\u9580"...\n'


@pytest.mark.parametrize("words", [words for words in COMMANDS if "dance" not in words])
def test_a_full_standard_output_is_an_error_in_a_sentence(
    furnished: Furnished, tmp_path: Path, words: tuple[str, ...]
) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command(furnished, *words),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(tmp_path),
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1].startswith("error: ")
    assert b"No space left on device" in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("words", [words for words in COMMANDS if "dance" not in words])
def test_a_pipe_that_nobody_reads_ends_a_command_quietly(
    furnished: Furnished, tmp_path: Path, words: tuple[str, ...]
) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(
        command(furnished, *words),
        stdout=writes,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
        check=False,
    )
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("closed", ["0", "1", "2", "0 1 2"])
def test_a_stream_that_is_closed_is_no_file_of_ours(
    furnished: Furnished, tmp_path: Path, closed: str
) -> None:
    """A film that was given number 1 would have our words written into it."""
    out = tmp_path / "film.mp4"
    words = command(furnished, "clips", "open", "DIR", "1", "-i", "KEY", "-o", str(out))
    closing = " ".join(f"{number}>&-" for number in closed.split())
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closing}', "sh", *words],
        capture_output=True,
        env=environment(tmp_path),
        check=False,
    )
    assert done.returncode == (1 if "1" in closed else 0), done.stderr
    if closed == "1":
        assert done.stderr == b"error: standard output cannot be written: Bad file descriptor\n"
    content = out.read_bytes()
    assert content[4:8] == b"ftyp"
    assert b"Words of this film" not in content


def test_a_long_tmpdir_is_no_reason_not_to_start(tmp_path: Path) -> None:
    """The name of a unix socket has 107 bytes at most."""
    long = tmp_path / ("x" * 120)
    long.mkdir()
    for wished in (tmp_path, long):
        with socket_directory(wished) as place, socket.socket(socket.AF_UNIX) as own:
            own.bind(str(place / "doorward.sock"))
            assert place == wished or place.stat().st_mode & 0o777 == 0o700
    assert not place.exists()
    assert long.is_dir()
