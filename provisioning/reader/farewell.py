"""The door's word that this reader was removed, in a sentence.

Source: docs/FORMAT.md, "Farewell".
"""

from device.contract.messages import FarewellPayload
from device.trust.errors import TrustError
from device.trust.household import Removal
from device.trust.roster import Roster
from device.trust.signed import Context, payload_of, verify
from provisioning.printer import moment, quoted


def farewell_in_words(signed: bytes, roster: Roster, reader: bytes) -> str:
    """Return by whom a reader was removed, and when as far as the door knows.

    Args:
        signed: signed blob, context farewell.
        roster: the door's, as far as this computer knows it.
        reader: sign key of the reader who asked.

    Raises:
        TrustError: the door did not say so, or to somebody else.
    """
    said = verify(roster.device, Context.FAREWELL, signed, FarewellPayload)
    by = payload_of(said.removal, Removal).by
    removal = verify(by, Context.REMOVAL, said.removal, Removal)
    if {said.door, removal.door} != {roster.door} or {said.reader, removal.reader} != {reader}:
        raise TrustError("the door's farewell is to somebody else")
    known = roster.reader(by)
    label = said.label or (known.label if known is not None else None)
    when = "" if said.at_utc is None else f" on {moment(said.at_utc)}"
    if by == reader:
        return f"this computer removed itself from the household{when}"
    if label is not None:
        return f"this computer was removed from the household by {quoted(label)}{when}"
    whom = "with the card" if by == roster.admit else "by somebody of the household"
    return f"this computer was removed from the household {whom}{when}"
