"""Programs of the Pi's system, and the page as the Pi itself sees it: the one file here that asks somebody else."""

import os
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

Run = Callable[..., str]
_WAIT_S: Final = 1_800.0  # apt on a slow card and a slow line
_PAGE_S: Final = 5.0


class Failed(Exception):
    """Something did not work; the text is one sentence without a full stop."""


def run(*words: str | Path, fails: bool = False) -> str:
    """Return what a program prints.

    Args:
        words: the program and its arguments.
        fails: whether it may end with another code than 0.

    Raises:
        Failed: it is not there, hung, or ended with another code.
    """
    environment = {
        **os.environ,
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        "PYTHONDONTWRITEBYTECODE": "",
    }
    try:
        done = subprocess.run(  # noqa: S603 - a list, never a shell
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_WAIT_S,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"{words[0]} does not run: {error}") from error
    if done.returncode != 0 and not fails:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        raise Failed(f"{Path(words[0]).name} failed: {said[-1] if said else f'code {done.returncode}'}")
    return done.stdout.decode(errors="replace")


def page_is_served(name: str, authority: Path) -> bool:
    """Return whether the door's page is served here under ``name``, over TLS that the house's own authority vouches for."""
    try:
        context = ssl.create_default_context(cafile=str(authority))
        with (
            socket.create_connection(("127.0.0.1", 443), _PAGE_S) as plain,
            context.wrap_socket(plain, server_hostname=name) as tls,
        ):
            tls.settimeout(_PAGE_S)
            tls.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            return tls.recv(64).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False
