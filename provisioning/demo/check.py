"""``doorward demo --check``: the main job without a person, believed only as far as it can be verified.

A reader pairs with the card's Admit half, waits, fetches each clip's ciphertext through the server, opens it with
its own key and again with the card's Open half, verifies statement and ledger lines, decodes the H.264 and compares
it with what the camera showed.
"""

import asyncio
import hashlib
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from device.camera.protocol import VideoFormat
from device.contract import commands, replies
from device.sealing.age_reader import open_bytes, read_header
from device.sealing.identities import HybridIdentity
from device.trust.lines import ClipBegun, ClipSealed, PrivateBody
from device.trust.signed import Context, verify
from device.trust.statement import Statement
from provisioning.card.card import Card
from provisioning.demo.likeness import Likeness, compare
from provisioning.errors import ProvisioningError
from provisioning.house.history import History
from provisioning.reader.reader import DoorClient, ReaderKeys

POLL_S: Final = 0.4


class CheckFailed(ProvisioningError, AssertionError):
    """Something that doorward promises did not hold."""


@dataclass(frozen=True, slots=True)
class CheckedClip:
    """Figures of one clip that held."""

    clip: int
    trigger: str
    begun_s: float
    seconds: float
    size_bytes: int
    pre_roll_s: float
    trigger_to_sealed_s: float
    likeness: Likeness


@dataclass
class _Known:
    """What the reader has learned so far."""

    history: History
    bodies: list[PrivateBody] = field(default_factory=list)
    epochs: int = 0


async def check_door(
    url: str,
    card: Card,
    born_sha256: bytes,
    source: str,
    video: VideoFormat,
    is_done: Callable[[float, int], bool],
) -> list[CheckedClip]:
    """Return the figures of every clip that was sealed until ``is_done``, each verified whole.

    Args:
        url: of the server.
        card: both halves.
        born_sha256: which door.
        source: ``scene`` or ``replay:FILE``.
        video: what the camera is set to.
        is_done: told the seconds since the start and the number of sealed clips.

    Raises:
        CheckFailed: something did not hold.
        DoorError: the door refused.
        TrustError: a signature or the ledger did not hold.
        SealError: a clip did not open.
    """
    keys = ReaderKeys("Self-check")
    began_s = time.monotonic()
    async with DoorClient(url, keys, born_sha256) as door:
        await door.pair(card.admit_key())
        known = _Known(History(keys.open))
        while True:
            await _learn(door, known)
            sealed = [body for body in known.bodies if isinstance(body, ClipSealed)]
            if is_done(time.monotonic() - began_s, len(sealed)):
                break
            await asyncio.sleep(POLL_S)
        elapsed_s = time.monotonic() - began_s
        return [await _check(door, keys, card.open, known, body, source, video, elapsed_s) for body in sealed]


async def _learn(door: DoorClient, known: _Known) -> None:
    """Fetch new lines and epochs and open what this reader can."""
    raws = await door.follow_ledger()
    more = True
    while more:
        page = await door.ask(commands.AskEpochs(from_=known.epochs + 1), replies.Epochs)
        for file in page.epochs:
            known.history.learn_epoch(file.file)
            known.epochs = file.epoch
        more = page.more
    entries = [known.history.entry(raw) for raw in raws]
    known.bodies += [entry.private for entry in entries if entry.private is not None]


async def _check(
    door: DoorClient,
    keys: ReaderKeys,
    card_open: HybridIdentity,
    known: _Known,
    sealed: ClipSealed,
    source: str,
    video: VideoFormat,
    elapsed_s: float,
) -> CheckedClip:
    statement = await _statement(door, known, sealed.clip)
    begun = next(
        (body for body in known.bodies if isinstance(body, ClipBegun) and body.clip == sealed.clip), None
    )
    data = await door.fetch(sealed.clip)
    header_sha256 = read_header(io.BytesIO(data)).header_sha256
    _hold("the ledger has the line in which the clip begins", begun is not None)
    if begun is None:
        raise CheckFailed("unreachable")
    digest = hashlib.sha256(data).digest()
    _hold("the begin line names the header", begun.header_sha256 == statement.header_sha256 == header_sha256)
    _hold(
        "the sealed line and the statement name the file",
        digest == sealed.ciphertext_sha256 == statement.ciphertext_sha256,
    )
    plaintext = open_bytes(data, [keys.open])
    _hold("the card's Open half opens the same clip", open_bytes(data, [card_open]) == plaintext)
    _hold(
        "the statement names the plaintext", hashlib.sha256(plaintext).digest() == statement.plaintext_sha256
    )
    likeness = await asyncio.to_thread(compare, plaintext, source, video, elapsed_s)
    _hold(f"the clip shows what the camera showed ({likeness.psnr_db:.1f} dB)", likeness.is_same)
    return CheckedClip(
        clip=sealed.clip,
        trigger=statement.triggers[0].kind,
        begun_s=likeness.offset_s,
        seconds=statement.duration_ms / 1000,
        size_bytes=len(data),
        pre_roll_s=statement.pre_roll_ms / 1000,
        trigger_to_sealed_s=(sealed.at_utc - begun.at_utc).total_seconds(),
        likeness=likeness,
    )


async def _statement(door: DoorClient, known: _Known, clip: int) -> Statement:
    """Return the verified statement of a clip, from the day that lists it."""
    days = await door.ask(commands.AskDays(), replies.Days)
    for day in days.days:
        page = await door.ask(commands.AskDay(day.day, clip - 1), replies.DayEvents)
        if page.events and page.events[0].clip == clip and page.events[0].event is not None:
            blob = known.history.open_event(page.events[0].event)
            statement = verify(door.chain.roster.device, Context.STATEMENT, blob, Statement)
            _hold(
                "the statement is about this door and clip",
                (statement.door, statement.clip) == (door.chain.roster.door, clip),
            )
            _hold("the event has a thumbnail", statement.thumbnail.startswith(b"\xff\xd8"))
            return statement
    raise CheckFailed(f"clip {clip} is on the ledger and on no day's list")


def _hold(promise: str, holds: bool) -> None:
    if not holds:
        raise CheckFailed(f"this does not hold: {promise}")
