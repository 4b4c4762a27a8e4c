"""A reader in Python: pairs with a door, asks, verifies every answer, fetches sealed clips through the server.

What the page does in a browser, for the demo's self-check and for tests. It believes nothing that is not signed:
the door must be the one that the card names, a reply must name the command it answers, the ledger must continue
what was seen before.
"""

import hashlib
import ssl
from dataclasses import dataclass, field
from typing import Final, TypeVar

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, messages, replies
from device.contract.forms import UNREADABLE, Message
from device.sealing.identities import HybridIdentity
from device.trust.commands import asking
from device.trust.errors import LedgerBroken
from device.trust.household import Admission, Reader, ReaderAdded
from device.trust.ledger import Chain
from device.trust.signed import Context, sign, verify
from provisioning.errors import ProvisioningError
from provisioning.house.changes import Changes
from provisioning.printer import quoted
from provisioning.reader.farewell import farewell_in_words
from provisioning.reader.unreachable import unreachable

PATIENCE_S: Final = 30.0
_FAREWELL: Final = aiohttp.ClientWSTimeout(ws_close=2.0)

B = TypeVar("B", bound=Message)


class DoorError(ProvisioningError, ConnectionError):
    """The door did not answer as the household's door must."""


class DoorRefused(DoorError):
    """The door said no, and signed it.

    Attributes:
        code: the word that the refusal carries.
    """

    def __init__(self, code: replies.Code, sentence: str) -> None:
        super().__init__(f"the door refused: {quoted(sentence)}")
        self.code = code


class Parted(DoorError):
    """The door's signed word that this reader was removed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, hint="to come back, it needs an invitation (doorward join), or the card")


class ServerSays(DoorError):
    """Somebody between here and the door said no, unsigned: it proves nothing, and the door may have done what was asked."""

    def __init__(self, url: str, sentence: str) -> None:
        super().__init__(
            f"the server at {url} says: {quoted(sentence)}",
            hint="the door did not sign that; look whether it did what you asked",
        )


@dataclass
class ReaderKeys:
    """Both private halves of a reader."""

    label: str
    sign: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    open: HybridIdentity = field(default_factory=HybridIdentity.generate)

    @property
    def public(self) -> Reader:
        """The public halves, as the roster has them."""
        return Reader(self.label, self.sign.public_key().public_bytes_raw(), str(self.open.recipient()))


class DoorClient:
    """One WebSocket to a door. Use it as an async context manager."""

    def __init__(
        self, url: str, keys: ReaderKeys, born_sha256: bytes | None, tls: ssl.SSLContext | None = None
    ) -> None:
        """Prepare a client.

        Args:
            url: ``http(s)://HOST:PORT``.
            keys: who asks.
            born_sha256: SHA-256 of the born line, from the card: which door is meant. None takes whoever answers, for a
                person to compare the words of its key.
            tls: trusts the house CA; None for http, or for the system's own trust.
        """
        self._url = url
        self._keys = keys
        self._born_sha256 = born_sha256
        self._tls = tls
        self._number = 0
        self._nonce = b""
        self.born = b""
        self.promised = messages.Head(0, b"")
        """Head in the last answer that the device signed."""
        self.chain = Chain()
        self.changes = Changes()

    async def __aenter__(self) -> "DoorClient":
        """Connect and check which door this is.

        Raises:
            DoorError: another door, or none.
        """
        origin = {"Origin": self._url}
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self._tls or True))
        try:
            self._socket = await self._session.ws_connect(
                f"{self._url}/door", headers=origin, timeout=_FAREWELL
            )
        except aiohttp.ClientError as error:
            await self._session.close()
            sentence, hint = unreachable(self._url, error)
            raise DoorError(sentence, hint=hint) from error
        except BaseException:
            await self._session.close()
            raise
        try:
            hello = await self._greet()
        except BaseException:
            await self.__aexit__()
            raise
        self._nonce, self.born = hello.nonce, hello.born
        if not len(self.chain):
            self.chain.add(hello.born)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        await self._socket.close()
        await self._session.close()

    async def _greet(self) -> messages.HelloReply:
        hello = await self._exchange(messages.Hello(self._next()), messages.HelloReply)
        if self._born_sha256 not in (None, hashlib.sha256(hello.born).digest()):
            raise DoorError(
                "this is not the door that the card belongs to", hint="check the address, or the card"
            )
        return hello

    async def pair(self, admit: Ed25519PrivateKey) -> None:
        """Join the household with the card's Admit half.

        Raises:
            DoorError: the door refused.
        """
        admission = sign(admit, Context.ADMISSION, Admission(self.chain.roster.door, self._keys.public))
        await self.ask(asking(ReaderAdded(admission)), replies.Changed)

    async def ask(self, body: commands.CommandBody, kind: type[B]) -> B:
        """Return the verified answer to a command.

        Raises:
            DoorError: refused, unsigned, or for another command.
        """
        roster = self.chain.roster
        head = messages.Head(self.chain.head.seq, self.chain.head.hash)
        payload = messages.CommandPayload(roster.door, self._nonce, head, self._keys.public.sign, body)
        signed = sign(self._keys.sign, Context.COMMAND, payload)
        answer = await self._exchange(messages.Command(self._next(), signed), messages.Reply)
        reply = verify(roster.device, Context.REPLY, answer.signed, messages.ReplyPayload)
        if reply.command != hashlib.sha256(signed).digest() or reply.door != roster.door:
            raise DoorError("the answer belongs to another command")
        self._check_head(reply.head)
        self._nonce = reply.nonce
        if isinstance(reply.body, replies.Refused):
            raise DoorRefused(reply.body.code, reply.body.sentence)
        if not isinstance(reply.body, kind):
            raise DoorError(f"the door answered something else than {kind.__name__}")
        return reply.body

    async def follow_ledger(self) -> list[bytes]:
        """Return every line that is new since the last call, each verified.

        Raises:
            LedgerBroken: the door's history does not continue the one that was seen.
            DoorError: the door refused.
        """
        new: list[bytes] = []
        more = True
        while more:
            page = await self.ask(commands.AskLedger(from_=len(self.chain)), replies.Lines)
            for raw in page.lines:
                before = self.chain.roster
                line = self.chain.add(raw)
                self.changes.learn(before, self.chain.roster, line)
            new += page.lines
            more = page.more
        if self.promised.seq != self.chain.head.seq or self.promised.hash != self.chain.head.hash:
            raise LedgerBroken(len(self.chain), "was promised by the door and not shown")
        return new

    async def fetch(self, clip: int) -> bytes:
        """Return the ciphertext of one clip, through a ticket.

        Raises:
            DoorError: the door refused, or the server did.
        """
        ticket = await self.ask(commands.AskClip(clip), replies.Ticket)
        headers = {"Origin": self._url, "Sec-Fetch-Site": "same-origin"}
        async with self._session.get(f"{self._url}/sealed/{ticket.ticket}", headers=headers) as response:
            if response.status != 200:
                raise DoorError(f"the server answered {response.status} to a ticket")
            return await response.read()

    def _check_head(self, head: messages.Head) -> None:
        """Refuse a door that shows less than was seen before, or something else."""
        mine = self.chain.head
        if head.seq < mine.seq or (head.seq == mine.seq and head.hash != mine.hash):
            raise LedgerBroken(
                head.seq, "is where the ledger ends today; it went on, or said something else, before"
            )
        self.promised = head

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def _exchange(self, message: messages.Up, kind: type[B]) -> B:
        try:
            await self._socket.send_str(messages.encode(message).decode())
        except aiohttp.ClientError as error:
            raise DoorError(f"the connection broke: {quoted(str(error))}", hint="try again") from error
        while True:
            try:
                frame = await self._socket.receive(timeout=PATIENCE_S)
            except TimeoutError as error:
                raise DoorError(
                    f"the door has not answered for {PATIENCE_S:.0f} s", hint="is the device running?"
                ) from error
            if frame.type is not aiohttp.WSMsgType.TEXT:
                raise DoorError("the server closed the connection", hint="is the device running?")
            try:
                answer = messages.decode_down(frame.data)
            except UNREADABLE as error:
                raise DoorError(f"the answer cannot be read: {quoted(str(error))}") from error
            if isinstance(answer, messages.Notice | messages.LiveKey | messages.Ring):
                continue
            if isinstance(answer, messages.Farewell):
                raise Parted(farewell_in_words(answer.signed, self.chain.roster, self._keys.public.sign))
            if isinstance(answer, messages.Error):
                raise ServerSays(self._url, answer.sentence)
            if not isinstance(answer, kind):
                raise DoorError(f"the door answered something else than {kind.__name__}")
            return answer
