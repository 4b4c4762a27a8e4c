"""Replacing the settings on a reader's word: seen, checked, on record, durable, painted, in this order.

All of them are replaced, so whoever asks must have seen the last change: a snooze from an old page, or a command that a server
held back and delivers late, would otherwise take away a mask that somebody set in between.

One thread.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from device.clock import Clock
from device.contract import messages, replies
from device.contract.settings import MAX_SNOOZE_DAYS, Quiet, Settings, too_long
from device.ledger import Ledger
from device.trust.condition import Condition
from device.trust.lines import SettingsChanged, utc
from device.watch.attention import quiet_hours
from device.watch.watch import SettingsRefused, Watch


class Setting:
    """Looks at the settings in force, and replaces them."""

    def __init__(self, ledger: Ledger, clock: Clock, watch: Watch) -> None:
        self._ledger = ledger
        self._clock = clock
        self._watch = watch
        # Which line changed them last is sealed, for the device too: whoever sets must have seen this start at least.
        self._changed_seq = ledger.chain.head.seq
        self._begun_utc = utc(clock.utc())
        self._said: dict[str, tuple[datetime, bytes]] = {}

    def conditions(self) -> tuple[Condition, ...]:
        """Return what the settings in force keep the door from; who said so is known since this start, and sealed before."""
        held = self._watch.current
        if self._watch.trouble:
            return (Condition("settings", self._begun_utc),)
        silent = self._pause("hushed", "hush", held.hush.until_utc), self._hours("hush", held.hush.hours)
        seeing = (
            (self._on_word_of("privacy", "privacy"),)
            if held.privacy
            else (
                self._pause("snoozed", "snoozed_until_utc", held.snoozed_until_utc),
                self._hours("quiet", held.quiet),
            )
        )
        return tuple(condition for condition in (*seeing, *silent) if condition is not None)

    def body(self) -> replies.ReplyBody:
        """Return the settings in force."""
        return replies.SettingsBody(self._watch.current)

    def replace(self, settings: Settings, claim: messages.CommandPayload) -> replies.ReplyBody:
        """Put settings in force, or say why not; ``claim`` is the command that asks for it.

        Raises:
            OSError: they were not kept; the old ones stay in force.
        """
        if claim.head.seq < self._changed_seq:
            return replies.Refused("changed_meanwhile", "the settings changed meanwhile; look at them again")
        before, now_utc = self._watch.current, utc(self._clock.utc())
        what = tuple(
            name for name in Settings.__struct_fields__ if getattr(settings, name) != getattr(before, name)
        )
        if refusal := _voices(before, settings, what, claim.reader):
            return replies.Refused("bad_settings", refusal)
        try:
            self._watch.check(settings)
        except SettingsRefused as error:
            return replies.Refused("bad_settings", f"{error}; {error.hint}")
        for part, far_utc in too_long(settings, now_utc).items():
            # Asked of a new one alone: a clock that was set back shall not stand in the way of a mask.
            if part.partition(".")[0] in what:
                return replies.Refused(
                    "bad_settings",
                    f"{part} is {far_utc:%Y-%m-%d}, and for the door it is {now_utc:%Y-%m-%d}; "
                    f"at most {MAX_SNOOZE_DAYS} days are allowed",
                )
        until_utc = settings.snoozed_until_utc
        with self._ledger.still():
            self._ledger.note(
                SettingsChanged(
                    at_utc=now_utc,
                    reader=claim.reader,
                    what=what,
                    privacy=settings.privacy,
                    # To the second: with all parts named, a line as long as any other has no room for more.
                    snoozed_until_utc=None if until_utc is None else utc(until_utc).replace(microsecond=0),
                )
            )
            self._changed_seq = self._ledger.chain.head.seq
        self._watch.set(settings)
        self._said |= dict.fromkeys(what, (now_utc, claim.reader))
        return replies.Noted()

    def _pause(
        self, kind: Literal["snoozed", "hushed"], part: str, until_utc: datetime | None
    ) -> Condition | None:
        if until_utc is None or self._clock.utc() >= until_utc:
            return None
        return msgspec.structs.replace(self._on_word_of(kind, part), until_utc=utc(until_utc))

    def _hours(self, kind: Literal["quiet", "hush"], hours: Sequence[Quiet]) -> Condition | None:
        if (stretch := quiet_hours(hours, self._clock.utc().astimezone())) is None:
            return None
        began, ends = (None if local is None else utc(local.astimezone()) for local in stretch)
        _, by = self._said.get(kind, (None, None))
        return Condition(kind, began, ends, by)

    def _on_word_of(self, kind: Literal["privacy", "snoozed", "hushed"], part: str) -> Condition:
        since_utc, by = self._said.get(part, (None, None))
        return Condition(kind, since_utc, by=by)


def _voices(before: Settings, after: Settings, what: tuple[str, ...], reader: bytes) -> str:
    """Return why who may be heard at the door cannot be changed so; empty if it can, or stays.

    Set by itself, so that its line is as long as any other; and nobody gives back to themselves what others took.
    """
    if "silent" not in what:
        return ""
    if what != ("silent",):
        return "who may speak at the door is set by itself"
    if (reader in before.silent) != (reader in after.silent):
        return "whether you may speak at the door is for the others to say"
    return ""
