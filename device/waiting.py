"""How long a proposed card has waited, in running time, kept across restarts.

    waiting    {"subject":b,"ran_s":n}, replaced every ten minutes while a proposal waits

A power cut costs at most ten minutes of the seven days. Time in which the device does not run does not count: whoever holds
it in a drawer for a week has let nobody object.

Source: docs/FORMAT.md, "Household".
"""

from pathlib import Path
from typing import Final

import msgspec

from device.contract.forms import UNREADABLE
from device.durable import read_file, write_file
from device.trust.patience import RIPE_S
from device.trust.roster import Proposal

FILE: Final = "waiting"
SAVE_EVERY_S: Final = 600


class _Waited(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subject: bytes
    ran_s: float


class Waiting:
    """Counts for one door. One thread."""

    def __init__(self, state: Path) -> None:
        self._path = state / FILE
        self._waited = _Waited(b"", 0.0)
        self._saved_s = 0.0
        self._last_us: int | None = None
        try:
            self._waited = msgspec.json.decode(read_file(self._path, 1_024), type=_Waited)
            self._saved_s = self._waited.ran_s
        except (OSError, *UNREADABLE):
            # Nothing waits, or a card that fails forgot for how long: then the days begin anew, which errs on the safe side.
            return

    @property
    def ran_s(self) -> float:
        """How long the proposal has waited."""
        return self._waited.ran_s

    def tick(self, proposal: Proposal | None, now_us: int) -> bool:
        """Count the time since the last call and return whether the proposal is ripe.

        Args:
            proposal: the one that waits, if any.
            now_us: monotonic time.

        Raises:
            OSError: the count could not be kept.
        """
        past_s = 0.0 if self._last_us is None else (now_us - self._last_us) / 1e6
        self._last_us = now_us
        if proposal is None:
            if self._waited.subject:
                self._path.unlink(missing_ok=True)
                self._waited, self._saved_s = _Waited(b"", 0.0), 0.0
            return False
        if proposal.subject != self._waited.subject:
            self._waited, past_s, self._saved_s = _Waited(proposal.subject, 0.0), 0.0, -SAVE_EVERY_S
        self._waited = _Waited(proposal.subject, self._waited.ran_s + past_s)
        if self._waited.ran_s - self._saved_s >= SAVE_EVERY_S:
            write_file(self._path, msgspec.json.encode(self._waited))
            self._saved_s = self._waited.ran_s
        return self._waited.ran_s >= RIPE_S
