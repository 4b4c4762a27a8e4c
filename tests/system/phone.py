"""A reader at a running device's own socket: it joins with the card, asks, and checks who answers."""

from device.contract import commands, messages, replies
from device.trust.commands import asking
from device.trust.ledger import Chain, split
from tests.support.household import Household, TestReader
from tests.support.raw_link import RawLink
from tests.system.device_process import DeviceProcess

CHANNEL = 1


class Phone:
    """A reader of the household; a context manager."""

    def __init__(self, household: Household, door: DeviceProcess) -> None:
        self._household = household
        self._reader = TestReader("Phone")
        self._link = RawLink(door.socket)
        self._link.open(CHANNEL)
        joined = self.ask(asking(household.adds(self._reader)))
        assert isinstance(joined.body, replies.Changed), joined.body

    def __enter__(self) -> "Phone":
        return self

    def __exit__(self, *raised: object) -> None:
        self._link.socket.close()

    def ask(self, body: commands.CommandBody) -> messages.ReplyPayload:
        """Return what the device answers, signed."""
        hello = self._link.say(CHANNEL, messages.Hello(1))
        assert isinstance(hello, messages.HelloReply)
        signed = self._reader.command(self._chain(), hello.nonce, body)
        reply = self._link.say(CHANNEL, messages.Command(2, signed))
        assert isinstance(reply, messages.Reply), reply
        return self._household.reply(reply.signed)

    def _chain(self) -> Chain:
        chain = Chain()
        for raw in split((self._household.state / "ledger").read_bytes())[0]:
            chain.add(raw)
        return chain
