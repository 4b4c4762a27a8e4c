"""A ledger that holds all that a ledger can, and a verifier of it that saw its head, and takes it up where an edit begins."""

import bisect
import copy
import itertools
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.disk.ledger_file import LEDGER
from device.ledger import Ledger
from device.trust.errors import LedgerBroken
from device.trust.ledger import Chain, split
from device.trust.lines import ClipDeleted, Head
from tests.support.door import Says, as_reader
from tests.support.household import Card, Household, TestReader


def live(household: Household, ending: int = 0) -> bytes:
    """Return the ledger file of a household that did everything once, with its device's help; ``ending`` makes its end differ."""
    ledger = Ledger(household.state, household.device, household.clock)
    says, card = Says(household.door), as_reader(household.card)
    phone, tablet, guest = TestReader("Hallway phone"), TestReader("Kitchen tablet"), TestReader("Guest")
    key, numbers = Ed25519PrivateKey.generate(), itertools.count(1)
    applied, proposed = says.applied(key, guest), says.proposed(phone, Card())
    second = says.proposed(tablet, Card())
    changes = [
        household.adds(phone),
        household.adds(tablet),
        says.invited(phone, key),
        applied,
        says.confirmed(tablet, applied),
        says.renamed(guest, guest, "Grandmother's phone"),
        proposed,
        says.objected(tablet, proposed.replacement),
        says.removed(card, guest),
        second,
        says.replaced(second.replacement, says.confirmation(phone, second.replacement)),
    ]
    for change in changes:
        ledger.change(change)
        for _ in range(4):
            household.clock.pass_s(3_600)
            ledger.note(
                ClipDeleted(at_utc=household.clock.utc(), clip=next(numbers) + 1000 * ending, reason="age")
            )
    ledger.close()
    return (household.state / LEDGER).read_bytes()


@dataclass
class Annals:
    """A ledger file, and what somebody remembers who read it.

    Attributes:
        data: the file.
        raws: its lines without newlines.
        ends: where each line ends in it.
        seen: the last head.
    """

    data: bytes

    def __post_init__(self) -> None:
        self.raws, _ = split(self.data)
        self.ends = list(itertools.accumulate(len(raw) + 1 for raw in self.raws))
        chain = Chain()
        self._before = [self._copy(chain)]
        for raw in self.raws:
            chain.add(raw)
            self._before.append(self._copy(chain))
        self.seen: Head = chain.head

    def before(self, line: int) -> Chain:
        """Return a verified chain of the lines before ``line``."""
        return self._copy(self._before[line])

    def verdict(self, data: bytes) -> str:
        """Return ``broken``, ``another past`` (it holds, and is not what was seen), or ``accepted``.

        The lines before the first that differs were verified already, with the same bytes.
        """
        line = bisect.bisect_left(self.ends, True, key=lambda end: data[:end] != self.data[:end])
        chain = self.before(line)
        start = self.ends[line - 1] if line else 0
        try:
            for raw in split(data[start:])[0]:
                chain.add(raw)
        except LedgerBroken:
            return "broken"
        return "accepted" if chain.holds(self.seen.seq, self.seen.hash) else "another past"

    @staticmethod
    def _copy(chain: Chain) -> Chain:
        twin = copy.copy(chain)
        twin._hashes = bytearray(chain._hashes)
        return twin
