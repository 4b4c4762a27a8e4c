"""Who of a household can be sealed to, and who has to be left out of what is sealed.

The desk lets nobody join to whom nothing can be sealed. This is for what is on the roster all the same: a door does not stop
recording for it. Verifiers come to the same members by themselves, and doubt what leaves out anybody else.

Source: docs/FORMAT.md, "Household".
"""

from dataclasses import dataclass

from device.sealing.age import seal
from device.sealing.errors import SealError
from device.sealing.fitness import TRIAL, unfit
from device.sealing.recipients import MLKEM768X25519, Recipient, parse_recipient
from device.trust.errors import ChangeRefused
from device.trust.roster import Roster


@dataclass(frozen=True, slots=True)
class Members:
    """A roster, divided.

    Attributes:
        recipients: those to whom something can be sealed: readers in their order, then Open.
        left_out: the others: sign keys of readers, Admit's key for Open.
    """

    recipients: tuple[Recipient, ...]
    left_out: tuple[bytes, ...]


def check_fitness(before: Roster, after: Roster) -> None:
    """Check that a change lets nobody join, or wait to, who could not be sealed to beside all others.

    Raises:
        ChangeRefused: sixteen bytes could not be sealed to them.
    """
    here = {recipient for _, recipient in before.members}
    waiting = [application.reader.recipient for application in after.applications.values()]
    cards = {after.open} if after.proposal is None else {after.open, after.proposal.replacement.open}
    to_be = dict.fromkeys([*(recipient for _, recipient in after.members), *waiting, *cards])
    for recipient in to_be.keys() - here:
        if fault := unfit(recipient):
            raise ChangeRefused("bad_admission", f"nothing can be sealed to the new key: {fault}")
        # A card is read back from paper, and age has no text for the identity of a tagged recipient.
        if recipient in cards and not isinstance(parse_recipient(recipient), MLKEM768X25519):
            raise ChangeRefused("bad_admission", "a card's recipient begins 'age1pq1'")
    together = [parse_recipient(recipient) for recipient in to_be if not unfit(recipient)]
    try:
        seal(TRIAL, together)
    except SealError as error:
        raise ChangeRefused(
            "bad_admission", f"nothing could be sealed to the household as it would be: {error}"
        ) from error


def members(roster: Roster) -> Members:
    """Return who can be sealed to, each tried.

    Raises:
        SealError: nobody: neither a reader nor the card.
    """
    left_out = tuple(key for key, recipient in roster.members if unfit(recipient))
    if len(left_out) == len(roster.members):
        raise SealError(
            "nothing can be sealed to anybody of this household, not even to its card",
            hint="reset the door, and set it up anew",
        )
    return Members(
        tuple(parse_recipient(recipient) for key, recipient in roster.members if key not in left_out),
        left_out,
    )
