"""How the computer is, as the page and the doctor say it: power, heat, clock, memory. Facts in, findings out.

Whatever a computer does not tell is None, and found unknown, never well. Pure.

Source: proc(5); ``device.health.signs``.
"""

from datetime import date, datetime
from typing import Final

from device.health.signs import BORN_UTC, HOT_C, SINCE_START, SLOWED, STRANGE_UTC, UNDER_VOLTAGE
from device.trust.report import Finding

WARM_C: Final = 75.0
_SUPPLY: Final = "use the power supply made for this Pi, and a short, thick cable"


def judge_power(throttled: int | None) -> Finding:
    """Return how the power is, by the firmware's bits."""
    if throttled is None:
        return Finding("power", "unknown", "this computer does not tell of its power")
    if throttled & UNDER_VOLTAGE:
        return Finding("power", "fault", "the voltage is too low", _SUPPLY)
    if throttled & UNDER_VOLTAGE << SINCE_START:
        return Finding("power", "warning", "the voltage was too low since the start", _SUPPLY)
    return Finding("power", "ok", "the voltage has held since the start")


def judge_heat(throttled: int | None, celsius: float | None) -> Finding:
    """Return how hot it is, and whether that slows it down."""
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


def judge_clock(now_utc: datetime, newest_day: date | None, *, is_set: bool | None) -> Finding:
    """Return how the clock is.

    Args:
        now_utc: wall time.
        newest_day: the day of the newest clip; None without clips.
        is_set: whether a time server was heard since the start; None if nothing tells.
    """
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


def judge_memory(locked_kib: int | None) -> Finding:
    """Return whether the device keeps its own memory, and every picture in it, out of swap."""
    if locked_kib is None:
        return Finding("memory", "unknown", "this computer does not tell what is kept out of swap")
    if locked_kib == 0:
        return Finding(
            "memory",
            "warning",
            "pictures in memory may be written to the card where there is swap",
            "have systemd start the device (LimitMEMLOCK=infinity), or turn swap off",
        )
    return Finding("memory", "ok", "the device keeps its memory out of swap")
