"""The private side of a ledger, as far as some identities can open it."""

from dataclasses import dataclass

from device.contract import canonical
from device.disk.epochs import EpochKey
from device.sealing.age_reader import open_bytes
from device.sealing.errors import NotARecipientError
from device.sealing.header import Identity
from device.sealing.sframe import Opener
from device.trust.lines import Line, PrivateBody, PublicBody, decode_private, private_metadata
from device.trust.statement import EVENT_METADATA


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, opened: ``private`` is None where there is none, or none that the identities may read."""

    seq: int
    public: PublicBody | None
    private: PrivateBody | None


class History:
    """Opens private lines and events with the epoch keys that some identities are given.

    Attributes:
        epoch_keys: the keys that were learned, by number.
    """

    def __init__(self, *identities: Identity) -> None:
        self._identities = identities
        self._opener = Opener()
        self.epoch_keys: dict[int, bytes] = {}

    def learn_epoch(self, data: bytes) -> bool:
        """Take in an epoch file and return whether it is for one of them.

        Raises:
            SealError: it was changed.
            one of ``UNREADABLE``: what is in it is no epoch key.
        """
        try:
            key = canonical.decode(open_bytes(data, self._identities), EpochKey)
        except NotARecipientError:
            return False
        self._opener.add(key.epoch, key.key)
        self.epoch_keys[key.epoch] = key.key
        return True

    def entry(self, raw: bytes) -> Entry:
        """Return a line that the chain has verified, opened as far as it can be.

        Raises:
            SealBroken: its private body belongs elsewhere or was changed.
            one of ``UNREADABLE``: the device sealed what is no private body.
        """
        line = canonical.decode(raw, Line)
        if line.private is None:
            return Entry(line.seq, line.public, None)
        try:
            plaintext = self._opener.open(line.private, private_metadata(line.seq, line.prev))
        except NotARecipientError:
            return Entry(line.seq, line.public, None)
        return Entry(line.seq, line.public, decode_private(plaintext))

    def open_event(self, data: bytes) -> bytes:
        """Return the signed statement in an event file.

        Raises:
            NotARecipientError: it is of an epoch that they are not in.
            SealBroken: it was changed.
        """
        return self._opener.open(data, EVENT_METADATA)
