"""A hijacked server wants to see: clips without a line, the state on the disk, live without a viewer."""

import base64
import contextlib
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, messages, replies
from device.contract.errors import LinkError, TicketDenied
from device.contract.local import PressBell, ask, beside
from device.contract.settings import Settings
from device.disk.spool import Spool
from device.door.panel import Panel
from device.ledger import Ledger
from device.sealing.age_reader import open_bytes
from device.sealing.errors import NotARecipientError
from device.trust.commands import asking
from device.trust.signed import payload_of
from provisioning.card.birth import birth, write_state
from tests.support.door import Says
from tests.support.hijacked import Attack, is_refused, joined
from tests.support.household import DrivenClock, TestReader
from tests.support.waiting import eventually


async def test_it_cannot_have_a_clip_without_a_line(attack: Attack) -> None:
    await joined(attack)
    attack.door.clip()
    before = attack.record()
    for ticket in ("t" * 43, base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("="), ""):
        with pytest.raises(TicketDenied):
            await attack.link.real.redeem(ticket)
    assert attack.record() == before


async def test_a_ticket_is_one_clip_dies_with_its_channel_and_is_for_one_connection(attack: Attack) -> None:
    keys = await joined(attack)
    attack.door.clip(b"first film")
    attack.door.clip(b"second film")
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        ticket = (await door.ask(commands.AskClip(1), replies.Ticket)).ticket
        descriptor, size = await attack.link.real.redeem(ticket)
        assert os.pread(descriptor, 100, 0) == b"first film"
        assert size == 10
        for spoil in (
            lambda: os.write(descriptor, b"x"),
            lambda: os.ftruncate(descriptor, 0),
            lambda: os.open("..", os.O_RDONLY, dir_fd=descriptor),
        ):
            with pytest.raises(OSError, match=r"Bad file descriptor|Invalid argument|Not a directory"):
                spoil()
        os.close(descriptor)
        attack.household.clock.pass_s(601)
        with pytest.raises(TicketDenied):
            await attack.link.real.redeem(ticket)
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        ticket = (await door.ask(commands.AskClip(1), replies.Ticket)).ticket

    async def is_dead() -> bool:
        try:
            os.close((await attack.link.real.redeem(ticket))[0])
        except TicketDenied:
            return True
        return False

    await eventually(is_dead, "the ticket dies with its channel")


@pytest.mark.skipif(os.geteuid() != 0, reason="to become the server's user takes root")
def test_its_user_cannot_read_the_state_nor_make_a_descriptor_writable(tmp_path: Path) -> None:
    state = tmp_path / "state"
    write_state(birth("Front door"), state, None)
    key = Ed25519PrivateKey.from_private_bytes((state / "device.key").read_bytes())
    ledger = Ledger(state, key, DrivenClock())
    spool = Spool(state)
    clip, descriptor = spool.begin()
    os.close(descriptor)
    spool.write_event(clip, b"event")
    spool.publish(clip, DrivenClock().utc().date())
    ledger.close()
    passed = os.open(next(state.rglob("clip.mp4.age")), os.O_RDONLY)
    # Only what the product itself sets may keep the server's user out.
    for directory in (tmp_path, *tmp_path.parents[:-2]):
        directory.chmod(0o755)
    names = [str(path) for path in (state, *state.rglob("*"))]
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        got = 0
        for name, flags in [(f"/proc/self/fd/{passed}", os.O_RDWR), *((name, os.O_RDONLY) for name in names)]:
            with contextlib.suppress(PermissionError):
                os.open(name, flags)
                got += 1
        os._exit(min(got, 255))
    _, status = os.waitpid(child, 0)
    os.close(passed)
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="to become the server's user takes root")
def test_its_user_cannot_ring_by_the_socket_for_who_is_at_the_pi(tmp_path: Path) -> None:
    pressed: list[int] = []
    link = tmp_path / "link"
    panel = Panel(None, None, None, beside(link), DrivenClock(), Settings, pressed.append, tuple)
    for directory in (tmp_path, *tmp_path.parents[:-2]):
        directory.chmod(0o755)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            ask(link, PressBell())
        except LinkError as error:
            os._exit(0 if "Permission denied" in str(error) else 1)
        os._exit(2)
    _, status = os.waitpid(child, 0)
    panel.attend(0)
    panel.close()
    assert os.waitstatus_to_exitcode(status) == 0
    assert pressed == []


async def test_it_cannot_switch_live_on_nor_the_light_off(attack: Attack) -> None:
    keys = await joined(attack)
    before, me, channel = attack.record(), TestReader("Me"), attack.channel()
    assert is_refused(await attack.command(channel, me, commands.Live()))
    assert attack.record() == before
    assert attack.door.brightness.read_text().strip() == "0"
    async with attack.reader(keys) as door:
        await door.ask(commands.Live(), replies.LiveBegan)
        assert attack.door.brightness.read_text().strip() != "0"
        assert is_refused(await attack.command(channel, me, commands.LiveEnd()))
        assert attack.door.brightness.read_text().strip() != "0"


async def test_a_removed_viewers_live_key_opens_nothing_new(attack: Attack) -> None:
    phone, guest = await joined(attack), await joined(attack, "Guest")
    async with attack.reader(phone) as here, attack.reader(guest) as there:
        await there.follow_ledger()
        await here.follow_ledger()
        await there.ask(commands.Live(), replies.LiveBegan)
        both = await here.ask(commands.Live(), replies.LiveBegan)
        assert open_bytes(both.file, [guest.open])
        says = Says(attack.household.door)
        removal = says.removed(TestReader("", phone.sign, phone.open), TestReader("", guest.sign, guest.open))
        await here.ask(asking(removal), replies.Changed)
        newest = await _live_key_after(attack, both.kid)
        with pytest.raises(NotARecipientError):
            open_bytes(newest.file, [guest.open])
        assert open_bytes(newest.file, [phone.open])


async def test_a_live_key_opens_for_nobody_who_did_not_ask_to_watch(attack: Attack) -> None:
    """It could pass the key on to a reader's page that left no line; that reader cannot open it either."""
    phone, tablet = await joined(attack), await joined(attack, "Tablet")
    async with attack.reader(phone) as door:
        live = await door.ask(commands.Live(), replies.LiveBegan)
    assert open_bytes(live.file, [phone.open])
    for other in (tablet.open, attack.household.card.open):
        with pytest.raises(NotARecipientError):
            open_bytes(live.file, [other])


async def _live_key_after(attack: Attack, kid: int) -> messages.LiveKeyPayload:
    """Return the newest live key that passed, once there is one after ``kid``."""

    def newest() -> messages.LiveKeyPayload | None:
        for data in reversed(attack.link.heard_down):
            message = messages.decode_down(data)
            if isinstance(message, messages.LiveKey):
                key = payload_of(message.signed, messages.LiveKeyPayload)
                return key if key.kid > kid else None
        return None

    return await eventually(newest, "the live key turns")
