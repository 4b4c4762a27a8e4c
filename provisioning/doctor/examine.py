"""Reads all facts and has them judged: the one place that knows every file of the room."""

from collections.abc import Generator, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final

from device.config import Config
from device.contract.errors import LinkError
from device.contract.local import AskHealth, Health, ask
from device.health import storage
from device.health.card import read_storage
from device.health.parts import Part, judge_part
from device.health.sensors import ROOT
from device.trust.report import Finding
from provisioning.doctor import computer
from provisioning.doctor.certificates import NoCertificates, read_ends
from provisioning.doctor.kernel import read_computer
from provisioning.doctor.mounted import (
    button_part,
    camera_part,
    chime_part,
    light_part,
    loudspeaker_part,
    microphone_part,
    relay_part,
)
from provisioning.doctor.parts import judge_certificates, judge_record, judge_running, judge_units
from provisioning.doctor.systemd import read_units
from provisioning.house.house import House, NoHouse

_ROOT_HINT: Final = "run this on the Pi itself, as root: sudo doorward doctor"


def examine(config: Config, tls: Path | None, now_utc: datetime, root: Path = ROOT) -> Iterator[Finding]:
    """Yield a finding for each thing of the door that ``config`` describes.

    Args:
        config: the device's.
        tls: where the server's certificates lie; None: they are not looked at.
        now_utc: wall time.
        root: where ``proc``, ``sys``, ``dev`` and ``run`` lie.
    """
    health, silence = _health(Path(config.link.socket))
    ails = health.ails if health is not None else ()
    yield judge_running(silence)
    if health is not None and health.self_test is not None:
        yield Finding("self-test", health.self_test.level, health.self_test.says, health.self_test.do)
    runs = health is not None
    for part in (
        camera_part(config.camera, root),
        button_part(config.door, runs=runs),
        light_part(config.door),
        chime_part(config.door, root),
        relay_part(config.door, runs=runs),
        loudspeaker_part(config.door, root),
        microphone_part(config.door, root),
    ):
        yield judge_part(part, ails)
    if any(ail.kind == "disk" for ail in ails):
        yield judge_part(Part("disk", config.state), ails)
    newest_day = yield from _state(config, root)
    told = read_computer(health.pid if health is not None else None, now_utc, newest_day, root)
    yield from computer.judge(told)
    if tls is not None:
        yield _certificates(tls, now_utc)
    yield from judge_units(read_units())


def _health(link: Path) -> tuple[Health | None, str]:
    """Return what the device says of itself, or None and why it says nothing."""
    try:
        answer = ask(link, AskHealth())
    except LinkError as error:
        return None, str(error)
    return (
        (answer, "")
        if isinstance(answer, Health)
        else (None, f"{link}: the door is another version of doorward")
    )


def _state(config: Config, root: Path) -> Generator[Finding, None, date | None]:
    """Yield how card, room and record are, and return the day of the newest clip."""
    state = Path(config.state)
    newest_day: date | None = None
    try:
        found, newest_day = read_storage(state, root)
        yield from storage.judge(found, config.retention)
        house = House(state)
        yield judge_record(house.troubles, len(house.chain))
    except NoHouse as error:
        yield Finding("record", "fault", str(error), error.hint or _ROOT_HINT)
    except OSError as error:
        yield Finding("card", "fault", f"{state}: cannot be read: {error.strerror or error}", _ROOT_HINT)
    return newest_day


def _certificates(tls: Path, now_utc: datetime) -> Finding:
    try:
        return judge_certificates(read_ends(tls, now_utc), now_utc)
    except NoCertificates as error:
        return Finding("certificates", "fault", str(error), error.hint)
