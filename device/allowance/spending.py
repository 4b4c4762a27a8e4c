"""The allowance at work: who asks pays first, and who has nothing left is refused, on record.

    allowance    digits: what all readers together have left, in whole steps of 64 KiB, replaced at each step

A restart gives each reader a share again, and never the household as a whole: or whoever can unplug the door could write on and
on. A file that cannot be read counts as a whole share.

One thread.

Source: docs/FORMAT.md, "Allowance".
"""

import logging
from pathlib import Path
from typing import Final

from device.allowance.allowance import CARD, NEW_CARD, TOGETHER, TOGETHER_BYTES, Allowance
from device.allowance.costs import cost
from device.clock import Clock
from device.disk.durable import read_file, write_file
from device.ledger import Ledger
from device.trust.commands import CommandRefused, Verified
from device.trust.lines import AllowanceSpent, utc

FILE: Final = "allowance"
STEP_BYTES: Final = 65_536

logger = logging.getLogger(__name__)


class Spending:
    """Keeps the accounts of one household."""

    def __init__(self, ledger: Ledger, state: Path, clock: Clock) -> None:
        self._ledger = ledger
        self._path = state / FILE
        self._clock = clock
        self._allowance = Allowance(clock.monotonic_us(), self._read())
        self._kept_steps = self._steps

    def pay(self, command: Verified) -> None:
        """Take what a command costs from the share of who pays for it.

        Raises:
            CommandRefused: there is not so much left; nothing was taken.
        """
        roster = self._ledger.roster
        account, cost_bytes = cost(command, roster)
        if not cost_bytes:
            return
        now_us = self._clock.monotonic_us()
        spent = self._allowance.take(account, cost_bytes, now_us)
        if spent is None:
            self._keep()
            return
        if self._allowance.is_news(spent):
            self._tell(spent)
        sentence = (
            "the household as a whole has had as much written as a day allows"
            if spent == TOGETHER
            else "as much was written for this reader, or with this card, as a day allows"
        )
        claimed = command.claim.reader
        known = claimed == roster.admit or roster.reader(claimed) is not None
        raise CommandRefused(
            "allowance_spent", f"{sentence}; some of it comes back every hour", to_reader=known
        )

    def give_back(self, command: Verified) -> None:
        """Return what a command cost that was refused and wrote nothing."""
        account, cost_bytes = cost(command, self._ledger.roster)
        if cost_bytes:
            self._allowance.give_back(account, cost_bytes, self._clock.monotonic_us())

    def forget(self, reader: bytes) -> None:
        """Close the account of a reader who was removed."""
        self._allowance.forget(reader)

    @property
    def _steps(self) -> int:
        return self._allowance.together_bytes // STEP_BYTES

    def _tell(self, account: bytes) -> None:
        """Have the household read whose share is spent: a reader's, the card's (by its Admit key), or all readers'."""
        reader = self._ledger.roster.admit if account in (CARD, NEW_CARD) else account
        line = AllowanceSpent(at_utc=utc(self._clock.utc()), reader=None if account == TOGETHER else reader)
        try:
            self._ledger.note(line)
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace

    def _read(self) -> int:
        try:
            return max(0, int(read_file(self._path, 16)))
        except FileNotFoundError:
            return TOGETHER_BYTES
        except (OSError, ValueError) as error:
            logger.error("%s cannot be read: %s", self._path, error)  # noqa: TRY400 - a sentence, not a trace
            return TOGETHER_BYTES

    def _keep(self) -> None:
        if self._steps == self._kept_steps:
            return
        try:
            write_file(self._path, b"%d\n" % (self._steps * STEP_BYTES))
            self._kept_steps = self._steps
        except OSError as error:
            logger.error("%s cannot be written: %s", self._path, error.strerror)  # noqa: TRY400 - a sentence
