"""Makes room on the disk: retention's plan, carried out and put on the ledger."""

from collections.abc import Callable
from datetime import datetime

from device.disk.spool import Spool
from device.ledger import Record
from device.trust.lines import ClipDeleted, utc
from device.upkeep.retention import Limits, give_way, has_room


def make_room(
    spool: Spool, ledger: Record, limits: Limits, age_s: Callable[[int], float], now_utc: datetime
) -> bool:
    """Delete what must give way and return whether another clip may begin.

    A clip's line comes before its removal, as a reader must be able to tell retention from theft.

    Args:
        spool: where they lie.
        ledger: where it is told.
        limits: what may be kept.
        age_s: clip → running time since it ended, at least.
        now_utc: wall time, for the lines alone.

    Raises:
        OSError: the spool or the ledger failed.
    """
    for clip, reason in give_way(spool.kept(), limits, age_s, spool.free_bytes()):
        ledger.note(ClipDeleted(at_utc=utc(now_utc), clip=clip, reason=reason))
        spool.delete(clip)
    return has_room(spool.kept(), limits, spool.free_bytes())
