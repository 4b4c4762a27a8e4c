"""The owner's own ``ssh``: its settings, its keys, its agent, its questions. We bring no key and no password, and keep none.

One connection serves all calls while a ``Ssh`` is open; its socket lies in a directory that is ours alone. What runs over there
is one shell program in quotation marks that nothing in it can close.

Source: ssh(1), ssh_config(5): ControlMaster; 255 is ssh's own failure, anything else the remote program's.
"""

import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from provisioning.errors import ProvisioningError
from provisioning.printer import quoted

_HOST: Final = re.compile(r"(ssh://)?[A-Za-z0-9_][A-Za-z0-9_.@:%+\[\]-]{0,250}\Z")
_OPTIONS: Final = {
    "ControlMaster": "auto",
    "ControlPersist": "30",
    "ConnectTimeout": "15",
    "ServerAliveInterval": "5",
    "ServerAliveCountMax": "3",
}
_SSH_FAILED: Final = 255


class Unreachable(ProvisioningError, ConnectionError):
    """The connection cannot be made, or broke."""


class RemoteFailed(ProvisioningError, RuntimeError):
    """A program over there failed."""


class Ssh:
    """Calls to one host. Use as a context manager; closing ends the connection.

    Attributes:
        host: as the owner named it.
    """

    def __init__(self, host: str) -> None:
        if not _HOST.match(host):
            raise Unreachable(f"{quoted(host)} is no host", hint="name it as ssh does: pi@raspberrypi.local")
        if shutil.which("ssh") is None:
            raise Unreachable(
                "there is no ssh on this computer", hint="install OpenSSH's client (openssh-client)"
            )
        self.host = host
        self._place = tempfile.TemporaryDirectory(prefix="dw-")

    def __enter__(self) -> "Ssh":
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run([*self._ssh(), "-O", "exit", "--", self.host], capture_output=True, check=False)  # noqa: S603 - words of ours
        self._place.cleanup()

    def ask(self, script: str, stdin: bytes = b"") -> str:
        """Return what a shell program prints over there.

        Raises:
            Unreachable: ssh failed.
            RemoteFailed: the program did; the message is the last line it said.
        """
        done = subprocess.run(self._called(script), input=stdin, capture_output=True, check=False)  # noqa: S603 - words of ours
        self._judge(done.returncode, done.stderr)
        return done.stdout.decode(errors="replace")

    def ask_at_the_terminal(self, script: str) -> None:
        """Run a shell program that may ask the owner something, such as a password for sudo.

        Raises:
            Unreachable, RemoteFailed: as for ``ask``.
        """
        done = subprocess.run(self._called(script, "-t"), check=False)  # noqa: S603 - words of ours
        self._judge(done.returncode, b"")

    def lines(self, script: str) -> Iterator[str]:
        """Yield each line that a shell program prints, as it comes.

        Raises:
            Unreachable, RemoteFailed: as for ``ask``, at the end.
        """
        with (
            tempfile.TemporaryFile() as said,
            subprocess.Popen(  # noqa: S603 - words of ours
                self._called(script), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
            ) as process,
        ):
            try:
                for line in process.stdout or ():
                    yield line.decode(errors="replace").rstrip("\r\n")
                process.wait()
            finally:
                process.kill()
            said.seek(0)
            self._judge(process.returncode, said.read())

    def _ssh(self) -> list[str]:
        options = [f"-o{name}={value}" for name, value in _OPTIONS.items()]
        return ["ssh", *options, f"-oControlPath={Path(self._place.name, 's')}"]

    def _called(self, script: str, *flags: str) -> list[str]:
        return [*self._ssh(), *flags, "--", self.host, shlex.join(["sh", "-c", script])]

    def _judge(self, code: int, stderr: bytes) -> None:
        if code == 0:
            return
        said = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
        last = quoted(said[-1]) if said else f"code {code}"
        if code == _SSH_FAILED:
            raise Unreachable(
                f"ssh does not reach {self.host}: {last}",
                hint=f"see that 'ssh {self.host}' works, with the Pi on and in the same network",
            )
        raise RemoteFailed(f"{self.host} answers: {last}")
