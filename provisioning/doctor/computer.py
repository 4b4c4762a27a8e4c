"""How the computer under a door is: power, heat, memory, clock, network. Facts in, findings out.

Whatever a computer does not tell is None, and found unknown, never well.

Source: proc(5); ``device.health.signs``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from device.health.signs import BORN_UTC, HOT_C, SINCE_START, SLOWED, STRANGE_UTC, UNDER_VOLTAGE
from provisioning.doctor.finding import Finding

WARM_C: Final = 75.0
WEAK_DBM: Final = -75.0
_SUPPLY: Final = "use the power supply made for this Pi, and a short, thick cable"
_SWAP: Final = "turn off the swap that lies on the card: set Mechanism=zram in /etc/rpi/swap.conf and boot"


@dataclass(frozen=True, slots=True)
class Computer:
    """What the kernel says.

    Attributes:
        throttled: the firmware's bits; None on a computer that is no Pi.
        celsius: how hot the processor is; None if nothing measures it.
        swaps: where memory is swapped to that outlasts the plug, files and devices; empty: nowhere.
        locked_kib: how much of the device's memory is kept from swap; None if the device does not run, or may not be looked at.
        now_utc: wall time.
        is_set: whether a time server was heard since the start; None if nothing tells.
        newest_day: the day of the newest clip; None without clips.
        networks: interfaces that have a link, loopback aside → strength in dBm; None: a cable, or not told.
    """

    throttled: int | None
    celsius: float | None
    swaps: tuple[str, ...]
    locked_kib: int | None
    now_utc: datetime
    is_set: bool | None
    newest_day: date | None
    networks: dict[str, float | None]


def judge(computer: Computer) -> Iterator[Finding]:
    """Yield a finding for each thing, in the order in which people ask."""
    yield _power(computer.throttled)
    yield _heat(computer.throttled, computer.celsius)
    yield _swap(computer.swaps, computer.locked_kib)
    yield _clock(computer.now_utc, computer.newest_day, is_set=computer.is_set)
    yield _network(computer.networks)


def _power(throttled: int | None) -> Finding:
    if throttled is None:
        return Finding("power", "unknown", "this computer does not tell of its power")
    if throttled & UNDER_VOLTAGE:
        return Finding("power", "fault", "the voltage is too low", _SUPPLY)
    if throttled & UNDER_VOLTAGE << SINCE_START:
        return Finding("power", "warning", "the voltage was too low since the start", _SUPPLY)
    return Finding("power", "ok", "the voltage has held since the start")


def _heat(throttled: int | None, celsius: float | None) -> Finding:
    if celsius is None:
        return Finding("heat", "unknown", "this computer does not tell how hot it is")
    says = f"the processor has {celsius:.0f} °C"
    cool = "give it shade, air or a heat sink, or fewer pictures a second (camera.fps)"
    slowed = (throttled or 0) & SLOWED
    if celsius >= HOT_C:
        return Finding("heat", "fault", f"{says}, and is slowed down from {HOT_C:.0f} °C on", cool)
    if slowed:
        return Finding("heat", "warning", f"{says}, and is slowed down now", cool)
    if celsius >= WARM_C:
        return Finding("heat", "warning", f"{says}; it is slowed down from {HOT_C:.0f} °C on", cool)
    if (throttled or 0) >> SINCE_START & SLOWED:
        return Finding("heat", "warning", f"{says}, and was slowed down since the start", cool)
    return Finding("heat", "ok", says)


def _swap(swaps: tuple[str, ...], locked_kib: int | None) -> Finding:
    if not swaps:
        return Finding("swap", "ok", "no memory is swapped to the card")
    where = f"memory may be swapped to {', '.join(swaps)}"
    if locked_kib:
        return Finding("swap", "ok", f"{where}, and the device keeps its own out of it")
    if locked_kib is None:
        return Finding(
            "swap", "warning", f"{where}, and whether the device keeps its own out of it is not told", _SWAP
        )
    return Finding("swap", "fault", f"{where}, and pictures with it", _SWAP)


def _clock(now_utc: datetime, newest_day: date | None, *, is_set: bool | None) -> Finding:
    says = f"the clock says {now_utc:%Y-%m-%d %H:%M} UTC"
    wait = "let the Pi reach a time server of your network; order and age of recordings do not hang on it"
    if now_utc < BORN_UTC:
        return Finding("clock", "fault", f"{says}, which is before doorward was made", wait)
    if now_utc >= STRANGE_UTC:
        return Finding("clock", "fault", f"{says}, which cannot be", wait)
    if newest_day is not None and now_utc.date() < newest_day:
        return Finding(
            "clock", "warning", f"{says}, which is before the newest recording, of {newest_day}", wait
        )
    if is_set is False:
        return Finding("clock", "warning", f"{says}, and no time server was heard since the start", wait)
    if is_set is None:
        return Finding("clock", "unknown", f"{says}, and whether a time server was heard is not told")
    return Finding("clock", "ok", f"{says}, as a time server has it")


def _network(networks: dict[str, float | None]) -> Finding:
    if not networks:
        return Finding(
            "network",
            "fault",
            "no network has a link; the door records, and no page reaches it",
            "look at the cable, or at name and password of the wireless network",
        )
    weak = [name for name, dbm in networks.items() if dbm is not None and dbm < WEAK_DBM]
    says = ", ".join(
        name if dbm is None else f"{name} at {dbm:.0f} dBm" for name, dbm in sorted(networks.items())
    )
    if len(weak) == len(networks):
        return Finding(
            "network", "warning", f"{says} has a weak link", "move the access point nearer, or use a cable"
        )
    return Finding("network", "ok", f"{says} has a link")
