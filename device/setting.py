"""Replacing the settings on a reader's word: seen, checked, on record, durable, painted, in this order.

All of them are replaced, so whoever asks must have seen the last change: a snooze from an old page, or a command that a server
held back and delivers late, would otherwise take away a mask that somebody set in between.

One thread.
"""

from device.clock import Clock
from device.contract import messages, replies
from device.contract.settings import MAX_SNOOZE_DAYS, Settings, snoozes_too_long
from device.ledger import Ledger
from device.trust.lines import SettingsChanged, utc
from device.watch import SettingsRefused, Watch


class Setting:
    """Looks at the settings in force, and replaces them."""

    def __init__(self, ledger: Ledger, clock: Clock, watch: Watch) -> None:
        self._ledger = ledger
        self._clock = clock
        self._watch = watch
        # Which line changed them last is sealed, for the device too: whoever sets must have seen this start at least.
        self._changed_seq = ledger.chain.head.seq

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
        try:
            self._watch.check(settings)
        except SettingsRefused as error:
            return replies.Refused("bad_settings", f"{error}; {error.hint}")
        # Asked of a new snooze alone: a clock that was set back shall not stand in the way of a mask.
        if "snoozed_until_utc" in what and snoozes_too_long(settings, now_utc):
            return replies.Refused(
                "bad_settings",
                f"the snooze lasts until {settings.snoozed_until_utc:%Y-%m-%d}, and for the door it is {now_utc:%Y-%m-%d}; "
                f"at most {MAX_SNOOZE_DAYS} days are allowed",
            )
        with self._ledger.still():
            self._ledger.note(SettingsChanged(at_utc=now_utc, reader=claim.reader, what=what))
            self._changed_seq = self._ledger.chain.head.seq
        self._watch.set(settings)
        return replies.Noted()
