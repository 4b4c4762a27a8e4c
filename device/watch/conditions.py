"""What keeps the door from seeing, recording or being heard now, sealed for those who belong: what a page's header stands on.

It is asked of the device each time, not read off the record, since a covered camera, a disk that refuses and hours that begin
by themselves must be told also where no line can be written. One thread.
"""

import logging
from collections.abc import Callable
from typing import Final, get_args

from device.ledger import Ledger
from device.trust.condition import CONDITIONS_METADATA, Condition, Kind, encode_conditions
from device.watch.setting import Setting

_WEIGHT: Final = get_args(Kind)

logger = logging.getLogger(__name__)


class Conditions:
    """Joins what the settings say and what recorder and door meet."""

    def __init__(self, ledger: Ledger, setting: Setting, met: Callable[[], tuple[Condition, ...]]) -> None:
        """Begin; ``met`` tells what recorder and door meet, from any thread."""
        self._ledger = ledger
        self._setting = setting
        self._met = met

    def sealed(self) -> bytes | None:
        """Return them, the gravest first, under the epoch key; None if nothing can be sealed now: the disk refuses a new key."""
        found = sorted((*self._met(), *self._setting.conditions()), key=lambda one: _WEIGHT.index(one.kind))
        try:
            return self._ledger.seal(encode_conditions(tuple(found)), CONDITIONS_METADATA)
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace
            return None
