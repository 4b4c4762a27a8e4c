"""What a Pi's kernel is told at boot, as we need it. Pure.

The firmware of a Pi turns the memory cgroup off, and with it every ``MemoryMax=``, without a word; Raspberry Pi OS swaps to a
file on the card. The door's pages are locked, so no picture goes there; but what else runs should not wear the card out.

Source: kernel-parameters, ``cgroup_enable``; swap.conf(5) of rpi-swap.
"""

from typing import Final

_WORD: Final = "cgroup_enable=memory"
SWAP: Final = "# doorward: compressed memory instead of a file on the card\n[Main]\nMechanism=zram\n"


def with_memory_limits(line: str) -> str:
    """Return a kernel's command line with the memory cgroup on; the same text if it is on already."""
    words = line.split()
    if _WORD in words:
        return line
    return " ".join([*words, _WORD]) + "\n"


def without_ours(now: str, before: str) -> str:
    """Return the line as it is to be once we are gone: as it was, or what somebody else made of it without our word.

    Args:
        now: the line.
        before: the line that ``with_memory_limits`` was given.
    """
    if now == with_memory_limits(before):
        return before
    words = now.split()
    if _WORD in words and _WORD not in before.split():
        words.remove(_WORD)
    return " ".join(words) + "\n"
