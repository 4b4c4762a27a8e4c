"""A reader who speaks at the door, as a page does: opens the talk key, and seals a moment after the other."""

import msgspec

from device.contract import replies
from device.desk.live import LiveKey
from device.desk.talking import METADATA
from device.door.voice import FRAME_BYTES
from device.sealing.age_reader import open_bytes
from device.sealing.sframe import Key, seal
from tests.support.household import TestReader


def moment(number: int) -> bytes:
    """Return the sound of one moment, like that of no other."""
    return (number + 1).to_bytes(2, "little") * (FRAME_BYTES // 2)


class Talker:
    """One talk."""

    def __init__(self, reader: TestReader, body: replies.ReplyBody) -> None:
        assert isinstance(body, replies.TalkBegan), body
        key = msgspec.json.decode(open_bytes(body.file, [reader.open]), type=LiveKey)
        assert key.kid == body.kid
        self.key = Key(key.kid, key.key)

    def frame(self, number: int, sound: bytes | None = None, metadata: bytes = METADATA) -> bytes:
        """Return a sealed moment."""
        return seal(self.key, number, moment(number) if sound is None else sound, metadata)
