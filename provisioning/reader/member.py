"""This computer as a reader of the household: a key file, and what it may ask of a running door.

The file is an age identity file with two comments more: which door, and the key that signs. So the same file opens clips
(``-i``) and speaks to the door (``--key``).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, replies
from device.contract.forms import Message
from device.contract.settings import Settings, excess
from device.sealing.errors import SealError
from device.sealing.identities import HybridIdentity, parse_identity
from provisioning.errors import ProvisioningError
from provisioning.reader import witness
from provisioning.reader.reader import DoorClient, DoorError, DoorRefused, ReaderKeys
from provisioning.reader.remote import Door, tls_context
from provisioning.texts import NoText, name_of, read_text

MOST_TRIES: Final = 5
_DOOR: Final = "# Door: "
_SIGN: Final = "# Sign: "
_NAME: Final = "# Name: "

B = TypeVar("B", bound=Message)


class SettingsTooLong(ProvisioningError, ValueError):
    """Settings that fit into no message."""


class NoMember(ProvisioningError, ValueError):
    """A file is no reader's key file."""


@dataclass(frozen=True, slots=True)
class Member:
    """A reader at one door.

    Attributes:
        url: ``http(s)://NAME``.
        keys: both private halves.
        born_sha256: which door.
        authority: file of the house CA's certificate, or None.
    """

    url: str
    keys: ReaderKeys
    born_sha256: bytes
    authority: Path | None = None

    @classmethod
    def join(cls, door: Door, label: str, keep: Callable[["Member"], object] = lambda _: None) -> "Member":
        """Return a new reader, whom the card has added.

        Args:
            door: whose household it joins.
            label: what the others call it.
            keep: puts its keys by before the door knows it: a reader whose keys are lost would stay on the roster as a ghost.

        Raises:
            AnotherPast: the door shows another past than this computer has seen.
            DoorError: the door refused.
        """
        member = cls(door.url, ReaderKeys(label), door.born_sha256, door.authority)
        keep(member)

        async def pair() -> None:
            # The card may read the ledger too: a past that was rewritten is found out before anybody joins it.
            await door.look()
            async with member._client() as client:
                await client.pair(door.card.admit_key())
                await witness.follow(client)
                if client.chain.roster.reader(member.keys.public.sign) is None:
                    raise DoorError("the door says that this computer joined, and its ledger does not")

        asyncio.run(pair())
        return member

    @classmethod
    def read(cls, path: Path, url: str, authority: Path | None) -> "Member":
        """Return the reader whose key file this is.

        Raises:
            NoMember: it cannot be read, or is no reader's.
        """
        hint = "doorward join makes one"
        try:
            lines = [line.strip() for line in read_text(path).splitlines()]
        except NoText as error:
            raise NoMember(str(error), hint=error.hint or hint) from error
        name = name_of(path)
        told = {
            mark: line.removeprefix(mark)
            for line in lines
            for mark in (_DOOR, _SIGN, _NAME)
            if line.startswith(mark)
        }
        secrets = [line for line in lines if line and not line.startswith("#")]
        try:
            (secret,) = secrets
            born_sha256, seed = bytes.fromhex(told[_DOOR]), bytes.fromhex(told[_SIGN])
            identity = parse_identity(secret)
            sign = Ed25519PrivateKey.from_private_bytes(seed)
        except (ValueError, KeyError, SealError) as error:
            raise NoMember(f"{name}: is no reader's key file", hint=hint) from error
        if not isinstance(identity, HybridIdentity):
            raise NoMember(f"{name}: its identity is not a post-quantum one", hint=hint)
        return cls(url.rstrip("/"), ReaderKeys(told.get(_NAME, ""), sign, identity), born_sha256, authority)

    def text(self) -> bytes:
        """Return the key file."""
        lines = [
            "# A reader of a doorward. Whoever has this file sees what is recorded, for as long as it belongs to the household.",
            f"{_NAME}{self.keys.label}",
            f"{_DOOR}{self.born_sha256.hex()}",
            f"{_SIGN}{self.keys.sign.private_bytes_raw().hex()}",
            self.keys.open.secret_text(),
        ]
        return ("\n".join(lines) + "\n").encode()

    def settings(self) -> Settings:
        """Return what is in force.

        Raises:
            AnotherPast: the door shows another past than this computer has seen.
            DoorError: the door refused.
        """
        return self._ask(commands.AskSettings(), replies.SettingsBody).settings

    def change(self, changed: Callable[[Settings], Settings]) -> None:
        """Put in force what ``changed`` makes of the settings in force; the household sees who did.

        If somebody else sets them at the same time, it is asked again, so that nothing of theirs is undone.

        Raises:
            SettingsTooLong: nothing was asked of the door.
            AnotherPast: the door shows another past than this computer has seen.
            DoorError: the door refused; it says what cannot be meant so.
        """

        async def ask() -> None:
            async with self._client() as client:
                for _ in range(MOST_TRIES):
                    # Looked at under the head that the command names: what is set after it is refused.
                    await witness.follow(client)
                    held = await client.ask(commands.AskSettings(), replies.SettingsBody)
                    wanted = changed(held.settings)
                    if long := excess(wanted):
                        raise SettingsTooLong(
                            long, hint="draw with fewer corners, or write them with fewer digits: 0.123"
                        )
                    try:
                        await client.ask(commands.Set(wanted), replies.Noted)
                    except DoorRefused as refused:
                        if refused.code != "changed_meanwhile":
                            raise
                    else:
                        witness.heard(client)
                        return
                raise DoorError(
                    "somebody else changes the settings again and again", hint="look at them, and try again"
                )

        asyncio.run(ask())

    def _ask(self, body: commands.CommandBody, kind: type[B]) -> B:
        async def ask() -> B:
            async with self._client() as client:
                await witness.follow(client)
                return await client.ask(body, kind)

        return asyncio.run(ask())

    def _client(self) -> DoorClient:
        return DoorClient(self.url, self.keys, self.born_sha256, tls_context(self.authority))
