"""What systemd passes and hears, with real descriptors and a real notification socket."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

from server.systemd import notify, passed_sockets, stay_alive


def test_sockets_for_another_process_are_not_taken() -> None:
    assert passed_sockets({}, os.getpid()) == []
    assert passed_sockets({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, os.getpid()) == []


def test_a_passed_socket_is_taken_as_it_is() -> None:
    """As descriptor 3 of a process of its own, the way systemd passes it."""
    program = (
        "import os\n"
        "from server.systemd import passed_sockets\n"
        "env = {'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '1'}\n"
        "[each] = passed_sockets(env, os.getpid())\n"
        "print(each.getsockname()[1], each.get_inheritable(), each.getblocking())\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, number = listening.getsockname()[1], listening.fileno()
        shell = f'exec 3<&{number}; exec {sys.executable} -c "$0"'
        done = subprocess.run(
            ["bash", "-c", shell, program], pass_fds=[number], capture_output=True, text=True, check=True
        )
    assert done.stdout.split() == [str(port), "False", "False"]


def test_systemd_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(path))
        notify({"NOTIFY_SOCKET": str(path)}, "READY=1")
        assert heard.recv(100) == b"READY=1"


def test_an_abstract_socket_is_told_too() -> None:
    name = f"doorward-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0{name}")
        notify({"NOTIFY_SOCKET": f"@{name}"}, "STOPPING=1")
        assert heard.recv(100) == b"STOPPING=1"


def test_nobody_to_tell_is_no_error() -> None:
    notify({}, "READY=1")


async def test_it_is_told_again_and_again_that_the_event_loop_turns(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(path))
        heard.setblocking(False)
        asked = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "40000"}
        living = asyncio.create_task(stay_alive(asked))
        for _ in range(3):
            assert await asyncio.get_running_loop().sock_recv(heard, 100) == b"WATCHDOG=1"
        living.cancel()
    await stay_alive({"NOTIFY_SOCKET": str(path)})
