"""Recording writes lines while readers ask: whatever the device signs is of one moment, or an honest door looks forked."""

import threading

from device.contract import commands, messages, replies
from device.trust.ledger import Chain
from device.trust.lines import DrillPassed, utc
from tests.support.door import Door
from tests.support.household import Household, TestReader


def test_the_lines_of_a_reply_end_where_its_head_says(household: Household) -> None:
    door = Door(household)
    phone = door.join()
    drill = DrillPassed(at_utc=utc(household.clock.utc()), reader=phone.public.sign)
    lines, writing = door.ledger.lines, threading.Thread(target=lambda: door.ledger.note(drill), daemon=True)

    def with_a_line_right_after(start: int, budget_bytes: int) -> tuple[list[bytes], bool]:
        found = lines(start, budget_bytes)
        if start:
            writing.start()
            writing.join(0.2)  # long enough for a line, if it is let in
        return found

    door.ledger.lines = with_a_line_right_after  # type: ignore[method-assign]
    down = door.send(phone.command(door.ledger.chain, door.nonce(), commands.AskLedger(1)))
    writing.join()
    assert isinstance(down, messages.Reply)
    reply = household.reply(down.signed)
    assert isinstance(reply.body, replies.Lines)
    assert not reply.body.more
    assert reply.head.seq == len(reply.body.lines)


def test_a_head_is_never_half_of_one_line_and_half_of_the_next(household: Household) -> None:
    chain, seen = Chain(), []

    class Looking(bytearray):
        """What another thread sees in the middle of taking a line in."""

        def __iadd__(self, more: object) -> "Looking":
            seen.append(chain.head)
            super().__iadd__(more)  # type: ignore[arg-type]
            seen.append(chain.head)
            return self

    chain.add(household.born_line)
    chain._hashes = Looking(chain._hashes)
    chain.add(chain.next_line(household.adds(TestReader()), None))
    assert len(seen) == 2
    assert all(chain.holds(head.seq, head.hash) for head in seen)
