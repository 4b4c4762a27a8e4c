"""The desk when somebody looks: live and its light, grants, exports, the drill."""

from datetime import timedelta

import msgspec
import pytest

from device.contract import commands, messages, replies
from device.contract.settings import Settings
from device.desk.tickets import Channel
from device.sealing.age_reader import open_bytes
from device.sealing.errors import NotARecipientError
from device.trust.commands import asking
from device.trust.lines import LiveEnded
from tests.support.door import HERE, Door, Says
from tests.support.household import TestReader

THERE = Channel(1, 2)


def test_the_light_is_on_and_the_line_is_written_before_anybody_watches(
    door: Door, phone: TestReader
) -> None:
    before = len(door.ledger.chain)
    body = door.ask(phone, commands.Live())
    assert isinstance(body, replies.LiveBegan)
    assert door.brightness.read_text() == "1\n"
    assert len(door.ledger.chain) == before + 1
    assert door.ask(phone, commands.LiveEnd()) == replies.Noted()
    assert door.brightness.read_text() == "0\n"
    assert len(door.ledger.chain) == before + 2


def test_a_light_that_does_not_work_means_no_live(door: Door, phone: TestReader) -> None:
    door.brightness.unlink()
    before = len(door.ledger.chain)
    body = door.ask(phone, commands.Live())
    assert isinstance(body, replies.Refused)
    assert "light" in body.sentence
    assert len(door.ledger.chain) == before
    assert not door.desk.live.is_on


def ends(door: Door) -> list[LiveEnded]:
    """Return the lines that say that somebody no longer watches."""
    return [body for body in door.bodies() if isinstance(body, LiveEnded)]


def test_the_line_of_its_end_says_how_long_by_running_time_and_for_each(
    door: Door, phone: TestReader, tablet: TestReader
) -> None:
    clock = door.household.clock
    door.ask(phone, commands.Live())
    clock.pass_s(20)
    door.ask(tablet, commands.Live(), THERE)
    door.ask(phone, commands.Live())  # asking again is the same watching
    clock.now_utc -= timedelta(hours=1)
    clock.pass_s(15)
    door.ask(phone, commands.LiveEnd())
    door.desk.closed(THERE)
    ended = ends(door)
    assert [(body.reader, body.watched_s) for body in ended] == [
        (phone.public.sign, 35),
        (tablet.public.sign, 15),
    ]


@pytest.mark.parametrize("harm", ["goes off", "is gone", "disobeys"])
def test_live_ends_for_everybody_with_the_light_and_whoever_asks_again_is_told_why(
    door: Door, phone: TestReader, tablet: TestReader, harm: str
) -> None:
    door.ask(phone, commands.Live())
    door.ask(tablet, commands.Live(), THERE)
    if harm == "goes off":
        door.brightness.write_text("0\n")
    else:
        door.brightness.unlink()
    if harm == "disobeys":
        door.brightness.symlink_to("/dev/null")
    assert door.desk.turned(), "the keys that turned; the light was looked at a moment ago"
    door.household.clock.pass_s(1.5)
    door.desk.turned()
    assert door.desk.live.sealer is None, "no picture is sealed any more"
    assert {body.reader for body in ends(door)} == {phone.public.sign, tablet.public.sign}
    body = door.ask(phone, commands.Live())
    if harm == "goes off":
        assert isinstance(body, replies.LiveBegan), "it was switched on again"
        assert door.brightness.read_text() == "1\n"
    else:
        assert isinstance(body, replies.Refused)
        assert "light" in body.sentence


def live_key(file: bytes, reader: TestReader) -> dict[str, object]:
    return msgspec.json.decode(open_bytes(file, [reader.open]))


def test_each_who_comes_or_goes_turns_the_key(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    first = door.ask(phone, commands.Live())
    second = door.ask(tablet, commands.Live(), THERE)
    assert isinstance(first, replies.LiveBegan)
    assert isinstance(second, replies.LiveBegan)
    assert live_key(first.file, phone) != live_key(second.file, phone) == live_key(second.file, tablet)
    with pytest.raises(NotARecipientError):
        live_key(first.file, tablet)
    [(channel, told)] = [note for note in door.desk.notices() if note[0] == HERE]
    assert channel == HERE
    assert isinstance(messages.decode_down(told), messages.LiveKey)
    door.change(phone, says.removed(phone, tablet))
    sealer = door.desk.live.sealer
    assert sealer is not None
    assert sealer.kid == 3, "whoever was removed holds no key of what comes now"


def test_closing_the_page_ends_watching(door: Door, phone: TestReader) -> None:
    door.ask(phone, commands.Live())
    door.desk.closed(HERE)
    assert not door.desk.live.is_on
    assert door.brightness.read_text() == "0\n"


def test_a_grant_is_for_the_one_it_is_for(door: Door, phone: TestReader, tablet: TestReader) -> None:
    assert door.ask(phone, commands.Grant(tablet.public.sign, 3, b"sealed")) == replies.Granted(1)
    assert door.ask(tablet, commands.AskGrants(0)) == replies.Grants(
        [replies.GrantFile(1, b"sealed")], more=False
    )
    assert door.ask(phone, commands.AskGrants(0)) == replies.Grants([], more=False)
    refused = door.ask(phone, commands.Grant(bytes(32), 3, b"sealed"))
    assert isinstance(refused, replies.Refused)


def test_an_export_leaves_a_line_of_its_own(door: Door, phone: TestReader) -> None:
    clip = door.clip()
    before = len(door.ledger.chain)
    assert isinstance(door.ask(phone, commands.Export(clip)), replies.Ticket)
    assert len(door.ledger.chain) == before + 1


def test_the_drill_is_on_record_and_the_authority_can_be_passed_on(door: Door, phone: TestReader) -> None:
    before = len(door.ledger.chain)
    assert door.ask(phone, commands.Drilled()) == replies.Noted()
    assert len(door.ledger.chain) == before + 1
    assert door.ask(phone, commands.AskAuthority()) == replies.Authority(b"an authority")


def test_a_joiner_with_a_wrong_head_is_not_told_the_head(door: Door) -> None:
    stranger = TestReader()
    head = messages.Head(0, bytes(32))
    signed = stranger.command(
        door.ledger.chain, door.nonce(), asking(door.household.adds(stranger)), head=head
    )
    assert isinstance(door.send(signed), messages.Error)


def test_settings_are_replaced_on_record_and_nonsense_is_refused_with_a_reason(
    door: Door, phone: TestReader
) -> None:
    corner = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2))
    before = len(door.ledger.chain)
    settings = Settings(masks=(corner,))
    assert door.ask(phone, commands.Set(settings)) == replies.Noted()
    assert len(door.ledger.chain) == before + 1
    assert door.ask(phone, commands.AskSettings()) == replies.SettingsBody(settings)
    everything = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    refused = door.ask(phone, commands.Set(Settings(masks=(everything,))))
    assert isinstance(refused, replies.Refused)
    assert refused.code == "bad_settings"
    assert "cover the whole picture" in refused.sentence
    assert door.ask(phone, commands.AskSettings()) == replies.SettingsBody(settings)
    assert len(door.ledger.chain) == before + 1
