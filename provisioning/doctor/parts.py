"""How the parts of a door are: camera, button, light, chime, certificates, units, record. Facts in, findings out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from device.contract.local import Ail
from provisioning.doctor.finding import Finding

SOON_DAYS: Final = 60
LEAST_SCORES: Final = {"doorward-device.service": 0.6, "doorward-server.service": 1.2}
"""Exposure by ``systemd-analyze security`` that each unit stays below."""
_JOURNAL: Final = "see why: journalctl -u doorward-device.service"
_AILS: Final = {
    "camera": ("camera", "it gives no pictures", _JOURNAL),
    "blind": ("camera", "it sees nothing", "see whether something hangs before the lens"),
    "stuck": ("camera", "its picture does not change any more", "take the plug out and put it in again"),
    "disk": ("disk", "it does not take what is recorded", "see the lines on card and room"),
    "button": ("button", "it does not work", _JOURNAL),
    "chime": ("chime", "it does not sound", _JOURNAL),
}
"""Kind of a condition → the part it belongs to, a sentence, what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is mounted, or not.

    Attributes:
        name: what it is, such as ``button``.
        what: what the configuration calls it; empty: none.
        trouble: a sentence on what is wrong with it; empty: nothing that is seen without using it.
        do: what helps.
        seen: what was found of it; empty if it says no more than ``what``.
    """

    name: str
    what: str
    trouble: str = ""
    do: str = ""
    seen: str = ""


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


def judge_part(part: Part, ails: Sequence[Ail]) -> Finding:
    """Return how a part is: by what the device says does not work, ``ails``, before what is seen from here."""
    for ail in ails:
        subject, says, do = _AILS.get(ail.kind, (ail.kind, f"it says: {ail.kind}", "see the journal"))
        if subject == part.name:
            since = f" since {ail.since_utc:%Y-%m-%d %H:%M} UTC" if ail.since_utc is not None else ""
            said, _, hint = ail.says.partition("; ")  # a trouble of the panel's, with its hint
            why = f": {said}" if said else ""
            return Finding(part.name, "fault", f"{says}{since}{why}", hint or part.do or do)
    if part.trouble:
        return Finding(part.name, "fault", part.trouble, part.do)
    if not part.what:
        return Finding(part.name, "ok", "none is set")
    return Finding(part.name, "ok", part.seen or part.what)


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
