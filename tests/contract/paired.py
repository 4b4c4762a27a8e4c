"""A desk on disk, and a page of the oracle's that pairs with it and asks."""

import base64
import hashlib
from typing import Any

from device.contract import messages
from device.desk.tickets import Channel
from device.disk.spool import Spool
from device.ledger import Ledger
from provisioning.card.card import Card
from tests.support.household import Household

HERE = Channel(1, 1)
CARD = Card(b"\x01" * 16)


def b64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


class Door:
    """The two of them."""

    def __init__(self, household: Household, oracle: Any) -> None:
        self.household, self.oracle = household, oracle
        self.ledger = Ledger(household.state, household.device, household.clock)
        self.spool = Spool(household.state)
        self.desk = household.desk(self.ledger, self.spool)
        self.born_sha256 = hashlib.sha256(household.born_line).digest()

    def say(self, message: messages.Up) -> messages.Down:
        return messages.decode_down(self.desk.answer(HERE, messages.encode(message)))

    def command(self, reader: str, body: dict[str, Any]) -> tuple[bytes, messages.Down]:
        hello = self.say(messages.Hello(1))
        assert isinstance(hello, messages.HelloReply)
        head = self.ledger.chain.head
        signed = b64(
            self.oracle.ask(
                "command",
                reader=reader,
                door=self.household.door,
                nonce=hello.nonce,
                head={"seq": head.seq, "hash": head.hash},
                body=body,
            )["signed"]
        )
        return signed, self.say(messages.Command(2, signed))

    def reply(self, command: bytes, down: messages.Down) -> Any:
        assert isinstance(down, messages.Reply), down
        head = {"seq": 0, "hash": self.born_sha256}
        request = {"signed": down.signed, "command": command, "head": head, "born": self.household.born_line}
        return self.oracle.ask("verify_reply", **request)["reply"]

    def pair(self, reader: str, label: str) -> None:
        self.oracle.ask("new_reader", reader=reader, native=False)
        code = CARD.code(self.born_sha256)
        admission = self.oracle.ask(
            "admission", code=code, born=self.household.born_line, label=label, reader=reader
        )
        line = {"type": "reader_added", "admission": admission["admission"]}
        signed, down = self.command(reader, {"type": "change", "line": line})
        assert self.reply(signed, down)["body"]["type"] == "changed"
