"""Who belongs to a household, as a person with paper and pencil would keep it: no lines, no signatures, no fold.

The rules are those of docs/FORMAT.md, "Household", written a second time and simpler; where the device differs, one of the two
is wrong.
"""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.household import Card, TestReader

MAX_READERS = 16
MAX_WAITING = 4
INVITE_S = 600


def name(key: Ed25519PrivateKey) -> bytes:
    """Return the public half, by which everybody is known."""
    return key.public_key().public_bytes_raw()


@dataclass(eq=False)
class Invite:
    """A key that may be applied with once; ``alive`` until a restart."""

    key: Ed25519PrivateKey
    by: bytes
    until_s: float
    alive: bool = True


@dataclass(eq=False)
class Waits:
    """An application, and the invite that it used up."""

    person: TestReader
    invite: Invite


@dataclass(eq=False)
class Offer:
    """A card that was proposed."""

    card: Card
    by: TestReader
    blob: bytes


@dataclass(eq=False)
class Belonging:
    """Everything that decides who may do what.

    Attributes:
        vouched: member → the keys that let it in: the card's alone, or two readers'.
    """

    card: Card
    members: dict[bytes, TestReader] = field(default_factory=dict)
    vouched: dict[bytes, set[bytes]] = field(default_factory=dict)
    spent: set[bytes] = field(default_factory=set)
    invites: list[Invite] = field(default_factory=list)
    waiting: list[Waits] = field(default_factory=list)
    offer: Offer | None = None
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.spent.add(name(self.card.admit))

    def may_join(self, person: TestReader) -> bool:
        return name(person.sign) not in self.spent and len(self.members) < MAX_READERS

    def is_member(self, person: TestReader) -> bool:
        return name(person.sign) in self.members

    def is_card(self, person: TestReader) -> bool:
        return name(person.sign) == name(self.card.admit)

    def joins(self, person: TestReader, vouched: set[bytes]) -> None:
        self.members[name(person.sign)] = person
        self.vouched[name(person.sign)] = vouched
        self.spent.add(name(person.sign))

    def may_invite(self, by: TestReader, key: Ed25519PrivateKey) -> bool:
        return self.is_member(by) and name(key) not in self.spent

    def invited(self, by: TestReader, key: Ed25519PrivateKey) -> Invite:
        invite = Invite(key, name(by.sign), self.now_s + INVITE_S)
        self.invites = [*self.invites, invite][-MAX_WAITING:]
        self.spent.add(name(key))
        return invite

    def lives(self, invite: Invite) -> bool:
        return invite.alive and self.now_s <= invite.until_s

    def may_apply(self, invite: Invite, person: TestReader) -> bool:
        return invite in self.invites and self.lives(invite) and self.may_join(person)

    def applied(self, invite: Invite, person: TestReader) -> Waits:
        waits = Waits(person, invite)
        self.invites.remove(invite)
        self.waiting = [*self.waiting, waits][-MAX_WAITING:]
        return waits

    def may_confirm(self, by: TestReader, waits: Waits) -> bool:
        return (
            waits in self.waiting
            and self.is_member(by)
            and name(by.sign) != waits.invite.by
            and self.lives(waits.invite)
            and self.may_join(waits.person)
        )

    def confirmed(self, by: TestReader, waits: Waits) -> None:
        self.waiting.remove(waits)
        self.joins(waits.person, {waits.invite.by, name(by.sign)})

    def may_remove(self, by: TestReader, gone: TestReader) -> bool:
        may_speak = self.is_member(by) or self.is_card(by)
        return may_speak and (self.is_member(gone) or self.waits(gone))

    def waits(self, person: TestReader) -> bool:
        return any(name(waits.person.sign) == name(person.sign) for waits in self.waiting)

    def removed(self, gone: TestReader) -> None:
        """Remove a member, or turn away somebody who waits: for good, either."""
        who = name(gone.sign)
        self.members.pop(who, None)
        self.spent.add(who)
        self.invites = [invite for invite in self.invites if invite.by != who]
        self.waiting = [
            waits for waits in self.waiting if who not in (waits.invite.by, name(waits.person.sign))
        ]
        if self.offer is not None and name(self.offer.by.sign) == who:
            self.offer = None

    def is_new(self, card: Card) -> bool:
        used = [*(member.open for member in self.members.values()), self.card.open]
        return name(card.admit) not in self.spent and card.open not in used

    def offered(self, offer: Offer) -> None:
        self.offer = offer
        self.spent.add(name(offer.card.admit))

    def is_offer(self, offer: Offer) -> bool:
        return self.offer is not None and self.offer.blob == offer.blob

    def card_is(self, card: Card) -> None:
        self.card, self.offer = card, None
        self.spent.add(name(card.admit))

    def restarted(self) -> None:
        for invite in [*self.invites, *(waits.invite for waits in self.waiting)]:
            invite.alive = False
