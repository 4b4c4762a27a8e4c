"""A hijacked server wants to hear what is said at the door."""

import msgspec
import pytest

from device.contract import commands, replies
from device.contract.forms import Message
from device.contract.settings import Settings
from device.desk.broadcast import METADATA, SOUND_METADATA, Broadcast
from device.desk.live import SOUND_KID, LiveKey
from device.hearing.sound import MOMENT_BYTES, MOMENT_US, Sound
from device.sealing.age_reader import open_bytes
from device.sealing.errors import SealError
from device.sealing.sframe import Key, open_
from tests.support.hijacked import Attack, is_refused, joined
from tests.support.household import TestReader


class SetWithEars(Message, tag="set", frozen=True):
    """What no door knows: settings that name a microphone."""

    settings: dict[str, object]


def moments(count: int) -> list[Sound]:
    """Return moments of which every other is silence."""
    return [
        Sound(bytes([number * (number % 2)]) * MOMENT_BYTES, number * MOMENT_US) for number in range(count)
    ]


async def test_it_cannot_give_the_door_ears(attack: Attack) -> None:
    """Not even with the powers of a reader: no command, no setting and no message names a microphone."""
    keys = await joined(attack)
    reader = TestReader(keys.public.label, keys.sign, keys.open)
    channel = attack.channel()
    named = {**msgspec.to_builtins(Settings()), "microphone": "default"}
    assert is_refused(await attack.command(channel, reader, SetWithEars(named)))  # type: ignore[arg-type]
    words = msgspec.json.encode(msgspec.json.schema(commands.CommandBody)).decode().lower()
    assert "silent" in words, "the schema is that of all commands, with their settings"
    assert "microphone" not in words
    assert "listen" not in words
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        assert await door.ask(commands.Watch(), replies.Watching) == replies.Watching(
            speaks=True, listens=False
        )


async def test_it_cannot_hear_what_the_door_hears(attack: Attack) -> None:
    """What passes through it is as long whatever is said, opens for whoever watches alone, and is none of the pictures."""
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        broadcast = Broadcast(attack.door.desk.live, 40_000, lambda: False)
        assert [broadcast.tell(sound) for sound in moments(5)] == [None] * 5, "nobody watches"
        body = await door.ask(commands.Live(), replies.LiveBegan)
        passed = [broadcast.tell(sound) for sound in moments(20)]
        frames = [shown.data for shown in passed if shown is not None]
        assert len(frames) == 20
        assert len({len(frame) for frame in frames[8:]}) == 1, "words are no longer than silence"
        with pytest.raises(SealError):
            open_bytes(body.file, [TestReader("Stranger").open])
        live = msgspec.json.decode(open_bytes(body.file, [keys.open]), type=LiveKey)
        for wrong, metadata in (
            (Key(live.kid, live.key), SOUND_METADATA),
            (Key(SOUND_KID + live.kid, live.key), METADATA),
        ):
            with pytest.raises(SealError):
                open_(wrong, frames[0], metadata)
        assert open_(Key(SOUND_KID + live.kid, live.key), frames[3], SOUND_METADATA)[8:] == moments(4)[3].pcm
        await door.ask(commands.LiveEnd(), replies.Noted)
        assert [broadcast.tell(sound) for sound in moments(5)] == [None] * 5, "nor afterwards"
