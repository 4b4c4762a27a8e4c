"""Sockets of the demo: ours before anything starts, and the server's as if systemd had passed them."""

import errno
import json
import os
import socket
import subprocess
import sys

import pytest

from provisioning.demo.handing import LOOPBACK, PortUnusable, handed, taken
from tests.system.device_process import free_port

CHILD = (
    "import json, os, socket, sys;"
    "found = [socket.socket(fileno=3 + at).getsockname()[:2] for at in range(int(os.environ['LISTEN_FDS']))];"
    "print(json.dumps([os.environ['LISTEN_PID'] == str(os.getpid()), found, sys.argv[1:]]))"
)


def test_both_loopbacks_are_listened_on_at_once() -> None:
    port = free_port()
    with taken(LOOPBACK, port) as sockets:
        assert [each.getsockname()[:2] for each in sockets] == [("127.0.0.1", port), ("::1", port)]
        for each in sockets:
            with socket.create_connection(each.getsockname()[:2]):
                pass
        with pytest.raises(PortUnusable, match="is in use"), taken(LOOPBACK, port):
            pass
    assert [each.fileno() for each in sockets] == [-1, -1]


def test_a_port_of_which_one_half_is_taken_leaves_the_other_free() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortUnusable), taken(LOOPBACK, port):
            pass
        socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
def test_a_computer_without_ipv6_serves_on_the_other_alone(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kernel(socket.socket):
        def bind(self, address: tuple[str, int]) -> None:
            if self.family == socket.AF_INET6:
                raise OSError(number, os.strerror(number))
            super().bind(address)

    monkeypatch.setattr(socket, "socket", Kernel)
    with taken(LOOPBACK, free_port()) as sockets:
        assert [each.family for each in sockets] == [socket.AF_INET]


def test_a_port_that_may_not_be_used_is_told_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kernel(socket.socket):
        def bind(self, _: tuple[str, int]) -> None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket, "socket", Kernel)
    with pytest.raises(PortUnusable, match=r"cannot be used on 127.0.0.1:80: Permission denied"):
        taken(LOOPBACK, 80).__enter__()


@pytest.mark.parametrize("turned", [False, True])
def test_a_command_finds_the_sockets_where_systemd_would_have_put_them(turned: bool) -> None:
    with taken(LOOPBACK, free_port()) as sockets:
        passed = sockets[::-1] if turned else sockets
        command = handed(passed, [sys.executable, "-c", CHILD, "--quiet"])
        done = subprocess.run(
            command, capture_output=True, check=True, pass_fds=[each.fileno() for each in passed]
        )
        is_ours, found, arguments = json.loads(done.stdout)
        assert is_ours
        assert [tuple(where) for where in found] == [each.getsockname()[:2] for each in passed]
        assert arguments == ["--quiet"]
