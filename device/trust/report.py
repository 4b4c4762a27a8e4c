"""How a door is, thing by thing, as it tells those who belong and nobody else: what the page's Health shows, and the doctor.

The server that relays it learns neither what it says nor that it changed: sealed anew for every answer, and always as long.

Source: docs/FORMAT.md, "Health".
"""

from datetime import datetime
from typing import Final, Literal

import msgspec

from device.contract import canonical
from device.trust.household import Digest

REPORT_METADATA: Final = b"doorward/v1/health\n"
SIZE_BYTES: Final = 8_192
MAX_FINDINGS: Final = 16
"""More than a door has."""
MOST_SAID: Final = 160
"""Letters in a sentence; whatever is longer is cut, so that the report is never too long to be told."""

Level = Literal["ok", "unknown", "warning", "fault"]
"""``unknown``: this computer does not tell, so that nobody takes silence for health."""


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one thing is.

    Attributes:
        subject: what was looked at, such as ``power``.
        level: how grave it is.
        says: a sentence without a full stop.
        do: what helps, the same; empty if nothing is to be done.
    """

    subject: str
    level: Level
    says: str
    do: str = ""


class Film(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The film of the last self-test that passed: SHA-256 of it opened, and whether a reader said that it opens."""

    sha256: Digest
    opened: bool


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it.

    Attributes:
        at_utc: when it was looked at.
        findings: in the order in which people ask.
        film: None while no self-test has passed since the device started.
    """

    at_utc: datetime
    findings: tuple[Finding, ...]
    film: Film | None

    def __post_init__(self) -> None:
        canonical.in_utc(self.at_utc)


def shortened(finding: Finding) -> Finding:
    """Return a finding as a report has it, cut to its length."""
    return Finding(finding.subject, finding.level, _cut(finding.says), _cut(finding.do))


def encode_report(report: Report) -> bytes:
    """Return the padded plaintext, of ``SIZE_BYTES`` whatever it says; what finds no room at its end is left out."""
    while len(data := canonical.encode(report)) > SIZE_BYTES:
        report = msgspec.structs.replace(report, findings=report.findings[:-1])
    return data.ljust(SIZE_BYTES)


def decode_report(plaintext: bytes) -> Report:
    """Return what ``plaintext`` is the one padded text of.

    Raises:
        one of ``UNREADABLE``: it is nobody's.
    """
    report = canonical.decode(plaintext.rstrip(b" "), Report)
    if len(plaintext) != SIZE_BYTES:
        raise msgspec.ValidationError("it is padded to another length")
    return report


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= MOST_SAID else f"{sentence[: MOST_SAID - 1]}…"
