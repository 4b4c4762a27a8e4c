"""Random histories of a household: whoever asks, the desk must grant what the model grants, no more and no less."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from device.allowance.allowance import Allowance
from device.recording.sealed_clip import Beginning, Ending, SealedClip
from device.sealing.header import read_header
from device.trust.household import Applied, Change, ReaderAdded
from provisioning.house.house import House
from tests.support.audit import check_nobody_joined_alone, opened
from tests.support.belonging import Belonging, Invite, Offer, Waits, name
from tests.support.door import Door, Says, as_reader
from tests.support.household import Card, Household, TestReader

T = TypeVar("T")
WHO = st.integers(0, 40)
EVENTS = st.sampled_from(["", "", "soon", "late", "restart", "objection", "farewell"])
NEWEST = st.sampled_from([0, 0, 0, 1, 2, 3])


def pick(things: Sequence[T], number: int) -> T:
    """Return one of ``things``; 0 is the newest."""
    return things[-1 - number % len(things)]


class Histories(RuleBasedStateMachine):
    """One household from birth on; plain numbers make every choice, so that a failing history shrinks."""

    home: Path

    def __init__(self) -> None:
        super().__init__()
        state = self.home / f"{len(list(self.home.iterdir()))}"
        self.household = Household(state)
        self.door, self.says = Door(self.household), Says(self.household.door)
        self.model = Belonging(self.household.card)
        self.cards, self.hands = [self.household.card], [as_reader(self.household.card)]
        self.people = [TestReader("Stranger")]
        self.invites: list[Invite] = []
        self.applications: list[tuple[Waits, Applied]] = []
        self.offers: list[Offer] = []
        self.differs = self.emptying = False
        self.names = 0
        for number in (1, 2):
            self.the_card_adds(card=0, who=number)

    def somebody(self, number: int) -> TestReader:
        """Return a member more often than not; else whoever was ever here, or a card that asks."""
        members = list(self.model.members.values())
        if number % 3 and members:
            return pick(members, number // 3)
        return pick([*self.people, *self.hands], number // 3)

    def newcomer(self, number: int) -> TestReader:
        """Return somebody new more often than not; else a person, or an invite's or card's key, that was here before."""
        if number % 3:
            self.people.append(TestReader(f"Guest {len(self.people)}"))
            return self.people[-1]
        used = [TestReader(f"Again {len(self.people)}", invite.key) for invite in self.invites[-1:]]
        return pick([*self.people, *used, *self.hands], number // 3)

    def another_card(self, number: int) -> Card:
        """Return a new card more often than not; else one that was made before."""
        if number % 3:
            self.cards.append(Card())
            self.hands.append(as_reader(self.cards[-1]))
            return self.cards[-1]
        return pick(self.cards, number // 3)

    def asks(self, who: TestReader, change: Change, allowed: bool) -> bool:
        """Ask, expect what the model says, and return it."""
        # How much a day allows is another test's matter: no history here is stopped by it.
        self.door.desk._spending._allowance = Allowance(self.household.clock.monotonic_us())
        went = self.door.change(who, change)
        self.differs = (went == "changed") != allowed
        assert not self.differs, (went, change)
        return allowed

    @rule(card=NEWEST, who=WHO)
    def the_card_adds(self, card: int, who: int) -> None:
        card, person = pick([*self.cards, self.model.card], card), self.newcomer(who)
        added = ReaderAdded(card.admission(self.household.door, person.public))
        if self.asks(person, added, card is self.model.card and self.model.may_join(person)):
            self.model.joins(person, {name(card.admit)})

    @rule(by=WHO, again=st.integers(0, 5))
    def somebody_invites(self, by: int, again: int) -> None:
        by, key = self.somebody(by), Ed25519PrivateKey.generate()
        if self.invites and not again:
            key = self.invites[-1].key
        if self.asks(by, self.says.invited(by, key), self.model.may_invite(by, key)):
            self.invites.append(self.model.invited(by, key))

    @precondition(lambda self: self.invites)
    @rule(invite=NEWEST, who=WHO)
    def somebody_applies(self, invite: int, who: int) -> None:
        invite, person = pick(self.invites, invite), self.newcomer(who)
        applied = self.says.applied(invite.key, person)
        if self.asks(person, applied, self.model.may_apply(invite, person)):
            self.applications.append((self.model.applied(invite, person), applied))

    @precondition(lambda self: self.applications)
    @rule(application=NEWEST, by=WHO, alone=st.booleans())
    def somebody_confirms(self, application: int, by: int, alone: bool) -> None:
        (waits, applied), by = pick(self.applications, application), self.somebody(by)
        if alone:  # who invited says the second word too
            by = next(one for one in self.people if name(one.sign) == waits.invite.by)
        if self.asks(by, self.says.confirmed(by, applied), self.model.may_confirm(by, waits)):
            self.model.confirmed(by, waits)

    @rule(by=WHO, who=WHO, second=WHO, alone=st.booleans(), events=st.tuples(EVENTS, EVENTS))
    def an_invite_goes_its_way(
        self, by: int, who: int, second: int, alone: bool, events: tuple[str, str]
    ) -> None:
        """Invite, apply and confirm in a row, which chance alone hardly ever does; something may happen in between."""
        self.somebody_invites(by, again=1)
        self.meanwhile(events[0], by)
        if self.invites:
            self.somebody_applies(0, who)
        self.meanwhile(events[1], by)
        if self.applications:
            self.somebody_confirms(0, second, alone)

    @rule(by=WHO, card=WHO, second=WHO, alone=st.booleans(), event=EVENTS)
    def a_card_goes_its_way(self, by: int, card: int, second: int, alone: bool, event: str) -> None:
        """Propose a card and confirm it in a row."""
        self.somebody_proposes_a_card(by, card, again=False)
        self.meanwhile(event, by)
        if self.offers:
            self.somebody_confirms_a_card(0, second, alone, silent=False)

    def meanwhile(self, event: str, by: int) -> None:
        match event:
            case "soon":
                self.time_passes(300)
            case "late":
                self.time_passes(601)
            case "restart":
                self.the_device_restarts(0)
            case "objection":
                if self.offers:
                    self.somebody_objects(0, by)
            case "farewell":
                self.somebody_removes(by + 1, by)

    @precondition(lambda self: len(self.model.members) > 2 or self.emptying)
    @rule(by=WHO, gone=WHO)
    def somebody_removes(self, by: int, gone: int) -> None:
        by, gone = self.somebody(by), self.somebody(gone)
        if self.model.waiting and by is gone:  # somebody who only asks
            gone = self.model.waiting[-1].person
        if self.asks(by, self.says.removed(by, gone), self.model.may_remove(by, gone)):
            self.model.removed(gone)

    @rule(by=WHO, whom=WHO)
    def somebody_renames(self, by: int, whom: int) -> None:
        by, whom = self.somebody(by), self.somebody(whom)
        allowed = self.model.is_member(by) and self.model.is_member(whom)
        self.names += 1
        self.asks(by, self.says.renamed(by, whom, f"Name {self.names}"), allowed)

    @rule(by=WHO, card=WHO, again=st.booleans())
    def somebody_proposes_a_card(self, by: int, card: int, again: bool) -> None:
        if again and self.offers:
            by, card = self.offers[-1].by, self.offers[-1].card
        else:
            by, card = self.somebody(by), self.another_card(card)
        proposed = self.says.proposed(by, card)
        if self.asks(by, proposed, self.model.is_member(by) and self.model.is_new(card)):
            self.offers.append(Offer(card, by, proposed.replacement))
            self.model.offered(self.offers[-1])

    @precondition(lambda self: self.offers)
    @rule(offer=NEWEST, by=WHO)
    def somebody_objects(self, offer: int, by: int) -> None:
        offer, by = pick(self.offers, offer), self.somebody(by)
        may = self.model.is_member(by) or self.model.is_card(by)
        if self.asks(by, self.says.objected(by, offer.blob), may and self.model.is_offer(offer)):
            self.model.offer = None

    @precondition(lambda self: self.offers)
    @rule(offer=NEWEST, by=WHO, alone=st.booleans(), silent=st.booleans())
    def somebody_confirms_a_card(self, offer: int, by: int, alone: bool, silent: bool) -> None:
        offer = pick(self.offers, offer)
        by = offer.by if alone else self.somebody(by)
        confirmation = None if silent else self.says.confirmation(by, offer.blob)
        second = not silent and self.model.is_member(by) and name(by.sign) != name(offer.by.sign)
        if self.asks(by, self.says.replaced(offer.blob, confirmation), second and self.model.is_offer(offer)):
            self.model.card_is(offer.card)

    @rule(old=NEWEST, new=WHO, carrier=WHO)
    def a_card_replaces_itself(self, old: int, new: int, carrier: int) -> None:
        old = pick([*self.hands, self.hands[self.cards.index(self.model.card)]], old)
        new = self.another_card(new)
        word = self.says.replacement(old, new)
        carrier = self.somebody(carrier)
        if name(carrier.sign) != name(old.sign):
            # Whoever overhears the card's word cannot speak it, not even with a confirmation.
            self.asks(carrier, self.says.replaced(word, self.says.confirmation(carrier, word)), allowed=False)
        if self.asks(old, self.says.replaced(word), self.model.is_card(old) and self.model.is_new(new)):
            self.model.card_is(new)

    @rule(yes=st.booleans())
    def readers_may_leave_to_the_last(self, yes: bool) -> None:
        self.emptying = yes

    @rule(drawer_s=st.sampled_from([0, 3_600, 8 * 86_400]))
    def the_device_restarts(self, drawer_s: int) -> None:
        self.household.clock.pass_s(drawer_s)
        self.model.now_s += drawer_s
        self.door.restart()
        self.model.restarted()

    @rule(seconds=st.sampled_from([1, 300, 599, 601, 30 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.household.clock.pass_s(seconds)
        self.model.now_s += seconds

    @rule()
    def a_clip_is_recorded(self) -> None:
        ledger, spool = self.door.ledger, self.door.spool
        beginning = Beginning("ring", self.household.clock.utc(), 0, 640, 368, 15, "avc1.42c01f", b"")
        sealed = SealedClip(spool, ledger, beginning)
        with spool.unfinished_path(sealed.clip).open("rb") as file:
            header = read_header(file)
        epoch = ledger.epoch_file(ledger.chain.epoch)
        sealed.finish(Ending(1_000, (beginning.first_trigger,), b"", self.household.clock.utc()))
        here = {id(person.open) for person in self.model.members.values()} | {id(self.model.card.open)}
        for identity in [thing.open for thing in (*self.people, *self.cards)]:
            assert opened(identity, header, epoch) == [id(identity) in here] * 2

    @invariant()
    def the_device_knows_who_belongs(self) -> None:
        roster = self.door.ledger.roster
        assert [reader.sign for reader in roster.readers] == list(self.model.members)
        assert roster.admit == name(self.model.card.admit)
        assert (roster.proposal is None) == (self.model.offer is None)
        assert all(
            len(keys) == 2 or keys <= {name(card.admit) for card in self.cards}
            for keys in self.model.vouched.values()
        )

    def teardown(self) -> None:
        if self.differs:
            return  # what follows from it would hide it
        self.a_clip_is_recorded()
        house = House(self.household.state, [self.model.card.open])
        assert house.troubles == []
        assert house.chain.roster == self.door.ledger.roster
        check_nobody_joined_alone((self.household.state / "ledger").read_bytes())
        self.door.ledger.close()
