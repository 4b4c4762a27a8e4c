"""Time that no fold can see: an invite dies after ten minutes for which the device runs.

Kept in RAM only, so it dies with a restart too: whoever can unplug the Pi cannot make an old invite live again.

Pure: monotonic microseconds in, answers out.
"""

import hashlib
from typing import Final

from device.trust.errors import ChangeRefused
from device.trust.household import Applied, Change, Confirmation, Invite, Invited, ReaderConfirmed
from device.trust.roster import Roster
from device.trust.signed import payload_of

INVITE_US: Final = 600_000_000


class Patience:
    """What is alive since this start."""

    def __init__(self) -> None:
        self._until_us: dict[bytes, int] = {}

    def check(self, change: Change, before: Roster, after: Roster, now_us: int) -> None:
        """Check a change that the fold allows, and that a reader (or the card) asks for.

        Args:
            change: what is asked for.
            before: the roster without it.
            after: the roster with it.
            now_us: monotonic time.

        Raises:
            ChangeRefused: its invite is dead.
        """
        match change:
            case Applied():
                self._check_alive(_used_invite(before, after), now_us)
            case ReaderConfirmed(confirmation=confirmation):
                self._check_alive(payload_of(confirmation, Confirmation).subject, now_us)

    def note(self, change: Change, before: Roster, after: Roster, now_us: int) -> None:
        """Remember what a change began."""
        match change:
            case Invited(invite=invite):
                self._until_us[payload_of(invite, Invite).key] = now_us + INVITE_US
            case Applied(admission=admission):
                # The application lives no longer than the invite that it used up.
                until_us = self._until_us.pop(_used_invite(before, after))
                self._until_us[hashlib.sha256(admission).digest()] = until_us

    def is_alive(self, key: bytes, now_us: int) -> bool:
        """Return whether an invite, by its key, or an application, by its SHA-256, is still good."""
        until_us = self._until_us.get(key)
        return until_us is not None and until_us >= now_us

    def _check_alive(self, key: bytes, now_us: int) -> None:
        if not self.is_alive(key, now_us):
            raise ChangeRefused("invite_dead", "this invite is no longer good", hint="invite again")


def _used_invite(before: Roster, after: Roster) -> bytes:
    return next(iter(before.invites.keys() - after.invites.keys()))
