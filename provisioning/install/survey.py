"""A look at the computer behind HOST: what it is asked, and what its answer means. Nothing is changed there. Pure.

The questions are for any POSIX shell, since nobody knows yet what answers. Whatever it says is a stranger's word: numbers are
read as numbers, and texts are quoted where they are shown.
"""

from dataclasses import dataclass
from typing import Final

QUESTIONS: Final = r"""
say() { printf 'doorward-%s=%s\n' "$1" "$(printf %s "$2" | tr -d '\000\r' | tr '\n' ' ')"; }
say system "$(uname -s)"; say machine "$(uname -m)"; say architecture "$(dpkg-query -W -f '${Architecture}' dpkg 2>/dev/null)"
say os "$(. /etc/os-release 2>/dev/null; printf %s "$PRETTY_NAME")"
say release "$(. /etc/os-release 2>/dev/null; printf %s "$VERSION_CODENAME")"
say model "$(cat /proc/device-tree/model 2>/dev/null)"
say python "$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)"
say init "$(cat /proc/1/comm 2>/dev/null)"; say uid "$(id -u)"; say home "$HOME"; say host "$(uname -n)"
say free_kb "$(df -Pk /opt 2>/dev/null | awk 'END { print $4 }')"
say home_free_kb "$(df -Pk "$HOME" 2>/dev/null | awk 'END { print $4 }')"
say read_only "$(awk '$2 == "/" { print $4 }' /proc/mounts 2>/dev/null | tail -n1 | grep -Ec '^ro(,|$)')"
say sudo "$(if ! command -v sudo >/dev/null 2>&1; then echo none
            elif sudo -n true >/dev/null 2>&1; then echo yes; else echo asks; fi)"
say busy "$(systemctl is-active doorward-install.service 2>/dev/null)"
say current "$(readlink /opt/doorward/current 2>/dev/null)"
say locked "$(cat /opt/doorward/current/packages 2>/dev/null)"
say born "$(sed -n 's/^born=//p' /etc/doorward/installed 2>/dev/null)"
say name "$(sed -n 's/^name=//p' /etc/doorward/installed 2>/dev/null)"
if [ ! -e /opt/doorward/before.json ] && [ ! -e /etc/doorward/installed ]; then
  for place in /opt/doorward /etc/doorward /var/lib/doorward /etc/systemd/system/doorward-device.service; do
    if [ -e "$place" ]; then say foreign "$place"; fi
  done
fi
say https "$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$2 ~ /:01BB$/ && $4 == "0A"' | grep -c .)"
say end yes
"""
_MARK: Final = "doorward-"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a computer said of itself; empty or 0 where it said nothing.

    Attributes:
        system: of the kernel, such as ``Linux``.
        machine: as the kernel calls it, such as ``aarch64``.
        architecture: as Debian calls it, such as ``arm64``.
        os: its operating system by name.
        release: of Debian, such as ``trixie``.
        model: of a Raspberry Pi and its like.
        python: such as ``3.13``.
        init: name of the first process.
        uid: whom ssh logged in as.
        home: that user's directory.
        host: the computer's own name.
        free_kb: room for programs.
        home_free_kb: room for what is carried.
        read_only: whether the system cannot be written to.
        sudo: ``yes``; ``asks`` for a password; ``none`` is installed.
        busy: whether an installation is at work there.
        current: the release that runs there.
        locked: archive that its packages came in.
        born: which door lives there.
        name: that door's DNS name.
        foreign: what stands in our places and is not ours.
        https: whether somebody listens on port 443.
    """

    system: str = ""
    machine: str = ""
    architecture: str = ""
    os: str = ""
    release: str = ""
    model: str = ""
    python: str = ""
    init: str = ""
    uid: int = -1
    home: str = ""
    host: str = ""
    free_kb: int = 0
    home_free_kb: int = 0
    read_only: bool = False
    sudo: str = "none"
    busy: bool = False
    current: str = ""
    locked: str = ""
    born: str = ""
    name: str = ""
    foreign: str = ""
    https: bool = False


def read_facts(answer: str) -> Facts | None:
    """Return the facts; None if whatever answered is no computer that knows our questions, or was cut off."""
    told: dict[str, str] = {}
    for line in answer.splitlines():
        key, is_there, value = line.removeprefix(_MARK).partition("=")
        if line.startswith(_MARK) and is_there:
            told[key] = value.strip()
    if told.get("end") != "yes":
        return None
    texts = ("system", "machine", "architecture", "os", "release", "model", "python", "init", "home", "host", "sudo", "locked",
             "born", "name", "foreign")  # fmt: skip  # a list of names, read as one
    return Facts(
        **{name: told.get(name, "") for name in texts},
        uid=_number(told.get("uid", ""), -1),
        free_kb=_number(told.get("free_kb", ""), 0),
        home_free_kb=_number(told.get("home_free_kb", ""), 0),
        read_only=told.get("read_only") == "1",
        busy=told.get("busy") in ("active", "activating", "deactivating"),
        current=told.get("current", "").rpartition("/")[2],
        https=_number(told.get("https", ""), 0) > 0,
    )


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else otherwise
