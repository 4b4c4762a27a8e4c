"""What the card does to a running door, from the owner's computer: remove a reader, put a new card in force.

The card signs its own commands with Admit. It sees who belongs, and no more.
"""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

from device.contract import replies
from device.sealing.identities import HybridIdentity
from device.trust.commands import asking
from device.trust.household import (
    CardReplaced,
    Change,
    Reader,
    ReaderRemoved,
    Removal,
    Replacement,
)
from device.trust.roster import Roster
from device.trust.signed import Context, sign
from provisioning.card.card import Card, read_card_file
from provisioning.errors import ProvisioningError
from provisioning.house.addressing import addressed
from provisioning.reader import witness
from provisioning.reader.reader import DoorClient, DoorError, ReaderKeys


class NoAuthority(ProvisioningError, ValueError):
    """A file holds no certificate."""


@dataclass(frozen=True, slots=True)
class Door:
    """Which door, and the card that speaks to it.

    Attributes:
        url: ``http(s)://NAME``.
        card: both halves; only Admit is used.
        born_sha256: which door, as the card says.
        authority: file of the house CA's certificate; None for plain loopback, or for the system's own trust.
    """

    url: str
    card: Card
    born_sha256: bytes
    authority: Path | None = None

    @classmethod
    def reached(cls, url: str, card_file: Path, authority: Path | None) -> "Door":
        """Return the door at ``url`` that the card in a file belongs to; nothing is asked yet.

        Raises:
            CardError: the file is no card.
        """
        card, born_sha256 = read_card_file(card_file)
        return cls(url.rstrip("/"), card, born_sha256, authority)

    def readers(self) -> tuple[list[Reader], list[Reader], list[str]]:
        """Return who belongs to the household, who asks to, and what changed, a sentence each, the newest last.

        Raises:
            DoorError: the door did not answer as it must.
            LedgerBroken: its ledger does not hold.
            AnotherPast: it is not the one that this computer has seen.
        """
        return asyncio.run(self.look())

    async def look(self) -> tuple[list[Reader], list[Reader], list[str]]:
        """The same, within a loop."""
        async with self._client() as door:
            await witness.follow(door)
            roster = door.chain.roster
            return list(roster.readers), _asking(roster), door.changes.sentences()

    def remove(self, whom: str) -> Reader:
        """Remove the reader who is meant by a name, a number or the words of a key, or turn it away if it only asks; return it.

        Raises:
            NoSuchReader: none is meant, or several.
            AnotherPast: the door shows another past than this computer has seen.
            DoorError: the door refused.
        """

        async def ask() -> Reader:
            async with self._client() as door:
                await witness.follow(door)
                roster = door.chain.roster
                gone = addressed([*roster.readers, *_asking(roster)], whom)
                removal = Removal(roster.door, self._admit, gone.sign)
                await _change(door, ReaderRemoved(sign(self.card.admit_key(), Context.REMOVAL, removal)))
                await witness.follow(door)
                after = door.chain.roster
                if gone in (*after.readers, *_asking(after)):
                    raise DoorError("the door says that the reader is removed, and its ledger does not")
                return gone

        return asyncio.run(ask())

    def replace_card(self, new: Card) -> None:
        """Put a new card in force; this one is dead after that.

        Raises:
            AnotherPast: the door shows another past than this computer has seen.
            DoorError: the door refused.
        """

        async def ask() -> None:
            async with self._client() as door:
                await witness.follow(door)
                admit = new.admit_key().public_key().public_bytes_raw()
                replacement = Replacement(
                    door.chain.roster.door, self._admit, admit, str(new.open.recipient())
                )
                blob = sign(self.card.admit_key(), Context.REPLACEMENT, replacement)
                await _change(door, CardReplaced(blob, None))
                # The old Admit may ask for nothing any more: the answer itself names the line.
                witness.heard(door)

        asyncio.run(ask())

    @property
    def _admit(self) -> bytes:
        return self.card.admit_key().public_key().public_bytes_raw()

    def _client(self) -> DoorClient:
        # The card is no reader: the recipient in these keys is never sent.
        keys = ReaderKeys("the card", self.card.admit_key(), HybridIdentity.generate())
        return DoorClient(self.url, keys, self.born_sha256, tls_context(self.authority))


def born_line(url: str, authority: Path | None) -> bytes:
    """Return line 0 of whatever door answers at ``url``; only a person who compares its words can tell whose it is.

    Raises:
        DoorError: none answers.
    """

    async def ask() -> bytes:
        keys = ReaderKeys("nobody", open=HybridIdentity.generate())
        async with DoorClient(url, keys, None, tls_context(authority)) as door:
            return door.born

    return asyncio.run(ask())


def tls_context(authority: Path | None) -> ssl.SSLContext | None:
    """Return what trusts the house CA; None for the system's own trust.

    Raises:
        NoAuthority: the file holds no certificate.
        OSError: it cannot be read.
    """
    if authority is None:
        return None
    try:
        return ssl.create_default_context(cafile=authority)
    except ssl.SSLError as error:
        raise NoAuthority(
            f"{authority}: this is no certificate of a house's authority",
            hint="doorward card wrote it beside the card, as .authority.crt",
        ) from error


def _asking(roster: Roster) -> list[Reader]:
    return [application.reader for application in roster.applications.values()]


async def _change(door: DoorClient, change: Change) -> None:
    await door.ask(asking(change), replies.Changed)
