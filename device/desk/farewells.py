"""What is said to a reader that was removed, or turned away while it asked: by whom, and when. Nothing else, and to nobody else.

When, only the running door knows: a card tells no thief at what hour a household changed. What is said does not change with
the household: a former reader must not learn by it who still belongs.

Pure but for signing: keys and times in, signed blobs out.

Source: docs/FORMAT.md, "Farewell".
"""

from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract.messages import FarewellPayload
from device.trust.household import Removal
from device.trust.lines import utc
from device.trust.roster import Roster
from device.trust.signed import Context, payload_of, sign

MAX_NOTED: Final = 64  # the newest; to whoever left before it is said as after a start


class Farewells:
    """Who was removed while this door runs, and the words for them."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Begin with nobody removed; ``key`` is the device's."""
        self._key = key
        self._noted: dict[bytes, tuple[str | None, datetime]] = {}

    def note(self, reader: bytes, roster: Roster, at_utc: datetime) -> None:
        """Remember when a reader was removed, and what whoever removed it was called."""
        by = roster.reader(payload_of(roster.removals[reader], Removal).by)
        self._noted[reader] = (None if by is None else by.label, at_utc)
        if len(self._noted) > MAX_NOTED:
            del self._noted[next(iter(self._noted))]

    def to(self, reader: bytes, roster: Roster) -> bytes:
        """Return the signed farewell to a reader that the roster has removed."""
        label, at_utc = self._noted.get(reader, (None, None))
        at_utc = None if at_utc is None else utc(at_utc)
        payload = FarewellPayload(roster.door, reader, roster.removals[reader], label, at_utc)
        return sign(self._key, Context.FAREWELL, payload)
