"""What changed in a household, a sentence a change: from the public lines with the card's Admit half alone, else all of it.

Each kind, by each person, about each thing, is one sentence, the newest, with how often there was one like it. So whoever says
something a thousand times buries nothing under it.

Source: docs/FORMAT.md, "Household".
"""

from typing import Final

from device.trust.household import (
    Admission,
    Applied,
    CardObjected,
    CardProposed,
    CardReplaced,
    Change,
    Confirmation,
    Invite,
    Invited,
    Objection,
    ReaderAdded,
    ReaderConfirmed,
    ReaderRemoved,
    ReaderRenamed,
    Removal,
    Renaming,
    Replacement,
)
from device.trust.lines import (
    AllowanceSpent,
    Born,
    EpochBegun,
    Gap,
    GapReason,
    Granted,
    Line,
    PrivateBody,
    SettingsChanged,
)
from device.trust.roster import Roster
from device.trust.signed import payload_of
from provisioning.printer import letters, quoted

GAPS: Final[dict[GapReason, str]] = {
    "camera": "the camera is or was gone",
    "overload": "pictures were lost: too much to do",
    "disk": "the disk refused",
    "stuck": "the camera shows the same picture again and again",
    "blind": "the camera sees nothing: it is covered, or it is black dark",
    "clock": "the camera's time jumped; what happened in between is not known",
    "picture": "the camera's picture had another form; what happened in between is not known",
    "unfit": "nothing can be sealed to some who belong: recordings are not for them",
    "settings": "the settings are damaged or lost, and nothing is seen until somebody sets them anew",
}

Key = tuple[object, ...]
"""Kind, who, and about whom: what counts as the same again."""


class Changes:
    """Follows a chain that somebody else verifies, line by line."""

    def __init__(self) -> None:
        self._told: dict[Key, tuple[str, int]] = {}

    def learn(self, before: Roster, after: Roster, line: Line) -> str:
        """Return the sentence for a line that the chain took; empty if it changes nothing in the household.

        Args:
            before: the roster before the line.
            after: the roster after it.
            line: as the chain gave it back.
        """
        change = line.public
        if change is None or isinstance(change, Born | EpochBegun):
            return ""
        key, sentence = _meaning(before, after, change)
        self._count(key, sentence)
        return sentence

    def note(self, roster: Roster, body: PrivateBody | None) -> None:
        """Take in what a private line says, if it is for the whole household to notice.

        Args:
            roster: who belonged at that line.
            body: the line's, opened; None if it is for others.
        """
        match body:
            case SettingsChanged(reader=reader, what=what):
                self._count(("set", reader, what), f"{_name(roster, reader)} {set_by(body)}")
            case Granted(reader=reader, to=to, clips=clips):
                sentence = f"{_name(roster, reader)} gave {clips} older clips to {_name(roster, to)}"
                self._count(("gave", reader, to), sentence)
            case AllowanceSpent(reader=reader):
                self._count(("spent", reader), spent(roster, reader))
            case Gap(reason=reason):
                self._count(("gap", reason), GAPS[reason])

    def sentences(self) -> list[str]:
        """Return all of them, the newest last."""
        return [
            sentence + (f" ({times} times in all)" if times > 1 else "")
            for sentence, times in self._told.values()
        ]

    def _count(self, key: Key, sentence: str) -> None:
        _, times = self._told.pop(key, ("", 0))
        self._told[key] = (sentence, times + 1)


def set_by(body: SettingsChanged) -> str:
    """Return what somebody did by setting, for after their name."""
    done = []
    if "privacy" in body.what:
        done.append(f"turned privacy {'on: nothing is seen' if body.privacy else 'off'}")
    if "snoozed_until_utc" in body.what:
        until = body.snoozed_until_utc
        done.append(
            "ended the snooze"
            if until is None
            else f"let motion pass until {until.astimezone():%Y-%m-%d %H:%M %z}"
        )
    if "hush" in body.what:
        done.append("changed when the chime is silent")
    if "silent" in body.what:
        done.append("changed who may speak at the door")
    told = ("privacy", "snoozed_until_utc", "hush", "silent")
    if others := [part for part in body.what if part not in told]:
        done.append(f"changed what the door sees: {letters(', '.join(others))}")
    return "; ".join(done) or "set the same again"


def spent(roster: Roster, reader: bytes | None) -> str:
    """Return the sentence for a share that was spent: a reader's, the card's, or that of all together."""
    who = "all readers together" if reader is None else _name(roster, reader)
    return f"{who} had as much written down as a day allows"


def _meaning(before: Roster, after: Roster, change: Change) -> tuple[Key, str]:
    match change:
        case CardProposed() | CardObjected() | CardReplaced():
            return _meaning_of_card(before, change)
        case Invited() | Applied() | ReaderConfirmed():
            return _meaning_of_invite(before, after, change)
        case ReaderAdded(admission=blob):
            reader = payload_of(blob, Admission).reader
            return ("joined", reader.sign), f"{quoted(reader.label)} was added with the card"
        case ReaderRemoved(removal=blob):
            removal = payload_of(blob, Removal)
            gone, actor = _name(before, removal.reader), _name(before, removal.by)
            if before.reader(removal.reader) is None:
                asked = before.applications[before.application_of(removal.reader) or b""].reader.label
                return ("turned away", removal.by), f"{quoted(asked)} was turned away by {actor}"
            return ("removed", removal.reader), f"{gone} was removed by {actor}"
        case ReaderRenamed(renaming=blob):
            said = payload_of(blob, Renaming)
            old, actor = _name(before, said.reader), _name(before, said.by)
            return ("renamed", said.by, said.reader), f"{actor} gave {old} the name {quoted(said.label)}"


def _meaning_of_invite(
    before: Roster, after: Roster, change: Invited | Applied | ReaderConfirmed
) -> tuple[Key, str]:
    match change:
        case Invited(invite=blob):
            by = payload_of(blob, Invite).by
            return ("invited", by), f"{_name(before, by)} made an invitation"
        case Applied():
            newest = list(after.applications.values())[-1]
            asked, inviter = quoted(newest.reader.label), _name(before, newest.inviter)
            return ("applied", newest.inviter), f"{asked} asked to join, invited by {inviter}"
        case ReaderConfirmed(confirmation=blob):
            said = payload_of(blob, Confirmation)
            waiting = before.applications[said.subject]
            joined = f"{quoted(waiting.reader.label)} was let in by {_name(before, said.by)}"
            return (
                ("joined", waiting.reader.sign),
                f"{joined}, invited by {_name(before, waiting.inviter)}",
            )


def _meaning_of_card(before: Roster, change: CardProposed | CardObjected | CardReplaced) -> tuple[Key, str]:
    match change:
        case CardProposed(replacement=blob):
            by = payload_of(blob, Replacement).by
            return ("proposed", by), f"{_name(before, by)} asked for a new card"
        case CardObjected(objection=blob):
            by = payload_of(blob, Objection).by
            return ("objected", by), f"{_name(before, by)} objected to the new card"
        case CardReplaced(replacement=blob, confirmation=agreed):
            by = payload_of(blob, Replacement).by
            if agreed is None:
                return ("replaced", by), "the card was replaced, with the old one"
            other = payload_of(agreed, Confirmation).by
            both = f"{_name(before, by)} and {_name(before, other)}"
            return ("replaced", by, other), f"the card was replaced by {both}"


def _name(roster: Roster, sign: bytes) -> str:
    if sign == roster.admit:
        return "the card"
    found = roster.reader(sign)
    return quoted(found.label) if found else "somebody who is gone"
