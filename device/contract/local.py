"""What somebody at the Pi itself may ask of the device: one question on a connection, one answer.

The socket lies beside the link's, and the kernel says who asks: root, or the device's own user. The server is neither.

Source: docs/FORMAT.md, "At the Pi"; unix(7).
"""

import socket
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from device.contract.errors import LinkError
from device.contract.forms import UNREADABLE, Message

MAX_LOCAL_BYTES: Final = 4_096
ANSWER_S: Final = 5.0


class PressBell(Message, tag="ring", frozen=True):
    """Ring, as the button does."""


class Rung(Message, tag="rung", frozen=True):
    """It rang."""


class AskHealth(Message, tag="health", frozen=True):
    """Tell what does not work."""


class Ail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that does not work: its kind as conditions have it, since when, and why, if that is known."""

    kind: str
    since_utc: datetime | None = None
    says: str = ""


class SelfTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the last self-test was: a finding's level, what it says and what to do."""

    level: Literal["ok", "unknown", "warning", "fault"]
    says: str
    do: str


class Health(Message, tag="health", frozen=True):
    """What does not work, the number of the process that says so, and how its self-test was."""

    pid: int
    ails: tuple[Ail, ...]
    self_test: SelfTest | None = None


class Unread(Message, tag="unread", frozen=True):
    """The question is none that this device knows."""


Question = PressBell | AskHealth
Answer = Rung | Health | Unread

encode = msgspec.json.Encoder().encode
_question = msgspec.json.Decoder(Question)


def decode_question(data: bytes) -> Question:
    """Return a question.

    Raises:
        one of ``UNREADABLE``: it is none.
    """
    question: Question = _question.decode(data)
    return question


def _read_answer(data: bytes) -> Answer:
    answer: Answer = msgspec.json.decode(data, type=Answer)
    return answer


def beside(link: Path) -> Path:
    """Return where the socket lies for a device whose link is at ``link``."""
    return link.with_name(f"{link.name}.local")


def ask(link: Path, question: Question) -> Answer:
    """Return the answer of the device whose link is at ``link``.

    Raises:
        LinkError: there is none; the sentence says why.
    """
    path = beside(link)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(ANSWER_S)
        try:
            connection.connect(str(path))
            connection.send(encode(question))
            answer = connection.recv(MAX_LOCAL_BYTES)
        except OSError as error:
            raise LinkError(f"{path}: no door answers here: {error.strerror or error}") from error
    if not answer:
        raise LinkError(f"{path}: the door does not answer this user; it answers root, and its own")
    try:
        return _read_answer(answer)
    except UNREADABLE as error:
        raise LinkError(f"{path}: what answers here is another version of doorward") from error
