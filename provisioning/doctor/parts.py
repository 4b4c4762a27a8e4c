"""How certificates, units and record are. Facts in, findings out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from device.trust.report import Finding

SOON_DAYS: Final = 60
LEAST_SCORES: Final = {"doorward-device.service": 0.6, "doorward-server.service": 1.2}
"""Exposure by ``systemd-analyze security`` that each unit stays below."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of systemd's.

    Attributes:
        name: of it.
        is_there: whether it is installed.
        state: such as ``active``, ``failed``.
        restarts: how often systemd started it again.
        score: exposure, 0 to 10; None if it is not told.
    """

    name: str
    is_there: bool
    state: str
    restarts: int
    score: float | None


def judge_certificates(ends_utc: list[datetime], now_utc: datetime) -> Finding:
    """Return for how long certificates are valid; ``ends_utc`` has the last second of each that is valid by ``now_utc``."""
    renew = "make new certificates with a new card: doorward card --tls"
    if not ends_utc:
        return Finding(
            "certificates",
            "fault",
            "none is valid at this computer's time",
            f"see the clock; if it is right, {renew}",
        )
    days = (max(ends_utc) - now_utc).days
    says = f"valid for {days:,} more days"
    return (
        Finding("certificates", "warning", says, renew)
        if days < SOON_DAYS
        else Finding("certificates", "ok", says)
    )


def judge_units(units: list[Unit] | None) -> Iterator[Finding]:
    """Yield how each unit is; None: there is no systemd to ask."""
    if units is None:
        yield Finding("units", "unknown", "systemd does not answer here")
        return
    for unit in units:
        yield _unit(unit)


def _unit(unit: Unit) -> Finding:
    log = f"see why: journalctl -u {unit.name}"
    if not unit.is_there:
        return Finding(unit.name, "unknown", "is not installed on this computer")
    if unit.state not in ("active", "activating", "reloading"):
        return Finding(unit.name, "fault", f"is {unit.state}", f"{log}; then systemctl restart {unit.name}")
    score = "" if unit.score is None else f"; exposure {unit.score:.1f}"
    if unit.restarts:
        return Finding(
            unit.name, "warning", f"runs, and was started again {unit.restarts:,} times{score}", log
        )
    if unit.score is not None and unit.score > LEAST_SCORES.get(unit.name, 10.0):
        return Finding(
            unit.name,
            "warning",
            f"runs{score}, more than {LEAST_SCORES[unit.name]}",
            f"a directive is overridden: systemctl cat {unit.name}",
        )
    return Finding(unit.name, "ok", f"runs{score}")


def judge_running(answers: str) -> Finding:
    """Return whether the device answers at the Pi; ``answers`` is empty, or says why it does not."""
    if answers:
        return Finding("device", "fault", answers, "start it, or run this as root: sudo doorward doctor")
    return Finding("device", "ok", "it runs and answers")


def judge_record(troubles: list[str], lines: int) -> Finding:
    """Return whether the ledger holds; ``troubles`` has a sentence for whatever does not."""
    if troubles:
        more = f", and {len(troubles) - 1:,} more" if len(troubles) > 1 else ""
        return Finding("record", "fault", f"{troubles[0]}{more}", "see all of it: doorward verify")
    return Finding("record", "ok", f"{lines:,} lines, and all of them hold")
