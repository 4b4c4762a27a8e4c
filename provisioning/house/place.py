"""What the keys at hand ought to open: decided by the roster, never by what a file says of itself.

A device that was changed can seal to a stranger *in place of* a member: as many keys as the household has, and the one who is
left out would take the file for one from before its time. So whoever belongs knows its own place: on the roster and not sealed
to means that something is wrong.

Pure.
"""

from collections.abc import Sequence
from typing import Protocol

from device.sealing.errors import NotARecipientError, SealError
from device.sealing.header import Header, Identity, unwrap_file_key
from device.trust.members import Members, members
from device.trust.roster import Roster


class Held(Identity, Protocol):
    """A private half at hand; ``str`` of its recipient is what stands on the roster."""

    def recipient(self) -> object:
        """Return the public half."""


class Place:
    """The place that some keys have in the household, line by line."""

    def __init__(self, identities: Sequence[Held]) -> None:
        self._held = {str(identity.recipient()): identity for identity in identities}
        self._known: dict[tuple[str, ...], Members] = {}

    def on(self, roster: Roster) -> list[Held]:
        """Return the identities that belong to this roster, and can be sealed to."""
        known = (str(recipient) for recipient in self.members(roster).recipients)
        return [self._held[text] for text in known if text in self._held]

    def members(self, roster: Roster) -> Members:
        """Return who can be sealed to, and who cannot; nobody at all if it is so."""
        known = self._known.get(roster.recipients)
        if known is None:
            try:
                known = members(roster)
            except SealError:
                known = Members((), tuple(key for key, _ in roster.members))
            self._known[roster.recipients] = known
        return known

    def doubt(self, header: Header, roster: Roster) -> str:
        """Return why an age file is not sealed to exactly this roster, as far as these keys can tell; or nothing."""
        stanzas, known = len(header.stanzas), len(self.members(roster).recipients)
        if stanzas != known:
            return f"it is sealed to {stanzas} keys, when the household had {known}"
        # Each by itself: a file that opens with one of them may have a stranger in the place of another.
        for identity in self.on(roster):
            try:
                unwrap_file_key(header, [identity])
            except NotARecipientError:
                return "it is not sealed to this key, which belonged to the household when it began"
            except SealError as error:
                return str(error)
        return ""
