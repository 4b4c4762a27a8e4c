"""How the computer under a door is: memory, network, and what the device finds too: power, heat, clock. Facts in, findings out.

Whatever a computer does not tell is None, and found unknown, never well.

Source: proc(5); ``device.health.judging``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from device.health.judging import judge_clock, judge_heat, judge_memory, judge_power
from device.trust.report import Finding

WEAK_DBM: Final = -75.0
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
    yield judge_power(computer.throttled)
    yield judge_heat(computer.throttled, computer.celsius)
    yield _swap(computer.swaps, computer.locked_kib)
    yield judge_memory(computer.locked_kib)
    yield judge_clock(computer.now_utc, computer.newest_day, is_set=computer.is_set)
    yield _network(computer.networks)


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
