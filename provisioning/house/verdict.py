"""What is to be said of a clip: from the ledger, and from what the keys at hand ought to open. The directory is held to that.

    the ledger tells of                    and then
    its end                                the film is here, whole, and its event too: else missing or destroyed
    its beginning alone                    recording, if it is the newest of a run that has not ended; else doubtful
    neither, and these keys ought to see   doubtful: it may be forged
    neither, and these keys need not       locked

``locked`` takes a roster or an epoch to which no key at hand belongs: that a file will not open is never enough.

The page judges by the same table (server/web/src/clips/verdict.ts); tests/contract holds the two to each other. Pure.

Source: docs/FORMAT.md, "A clip is genuine if".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from device.trust.lines import ClipSealed
from device.trust.statement import Statement
from provisioning.house.facts import Facts
from provisioning.house.spoken import Word

Verdict = Literal[
    "genuine", "interrupted", "unrecorded", "recording", "locked", "missing", "destroyed", "doubtful"
]
SOUND: Final = frozenset({"genuine", "interrupted", "unrecorded", "recording", "locked"})

Judgement = tuple[Verdict, str]
_LATER: Final = "sealed before this key belonged to the household"
_LEFT: Final = "what became of it was told when this key no longer belonged to the household"


@dataclass(frozen=True, slots=True)
class Film:
    """A film before its first chunk is opened.

    Attributes:
        kind: ``absent``, ``damaged`` (not even its header can be read) or ``there``.
        reason: what is wrong with a damaged one, as the end of a sentence.
        header_sha256: of header and payload nonce.
        doubt: why it is not sealed to the household of its first line; empty if it is, or if that is not known.
        size_bytes: of the ciphertext.
        has_chunk: whether a whole chunk follows the header.
    """

    kind: Literal["absent", "damaged", "there"]
    reason: str = ""
    header_sha256: bytes = b""
    doubt: str = ""
    size_bytes: int = 0
    has_chunk: bool = False

    def is_begun_in(self, facts: Facts) -> bool:
        """Return whether this is the film that the ledger saw beginning, sealed to the household of that line."""
        begun = facts.begun
        return (
            begun is not None
            and not facts.stale
            and not self.doubt
            and self.header_sha256 == begun.header_sha256
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of a clip without opening its film.

    Attributes:
        facts: what the ledger says of it.
        event, begun: the door's words beside it.
        film: its film.
        may_run: it is the newest of a run that has not ended.
        sees_end: the keys at hand ought to read every line since its first (or since its event, if they know no line of it).
        belongs_at: line → whether a key at hand belonged to the household then.
        is_afresh: it lies among the unfinished, under a number above all that the ledger tells of.
        has_keys: whether there is any key at hand.
    """

    facts: Facts
    event: Word
    begun: Word
    film: Film
    may_run: bool
    sees_end: bool
    belongs_at: Callable[[int], bool]
    is_afresh: bool
    has_keys: bool


def judge(evidence: Evidence) -> Judgement:
    """Return the verdict on a clip, and its reason; the chunks of its film are still to be read."""
    sealed = evidence.facts.sealed
    if sealed is None:
        return _untold(evidence) if evidence.facts.begun is None else _unfinished(evidence)
    if _is_gone(evidence) and not evidence.sees_end:
        return "locked", _LEFT
    return _unrecorded(evidence) if sealed.state == "unrecorded" else _finished(evidence, sealed)


def _is_gone(evidence: Evidence) -> bool:
    return (
        evidence.film.kind == "absent" and evidence.event.kind == "absent" and evidence.begun.kind == "absent"
    )


def _finished(evidence: Evidence, sealed: ClipSealed) -> Judgement:
    facts, film, event = evidence.facts, evidence.film, evidence.event
    if film.kind == "absent":
        return "missing", "its film is missing: it was removed without a line"
    if wrong := _film(evidence):
        return wrong
    if film.size_bytes != sealed.ciphertext_bytes:
        return "destroyed", (
            f"its film has {film.size_bytes:,} bytes, and had {sealed.ciphertext_bytes:,} when it was finished"
        )
    if event.statement is None:
        return _wordless(event, "its event")
    said = event.statement
    if said.state != sealed.state or said.ciphertext_sha256 != sealed.ciphertext_sha256:
        return "doubtful", "the ledger tells of another end of this film"
    if said.state == "interrupted":
        return _interrupted(evidence)
    if facts.begun is not None:
        return ("doubtful", doubt) if (doubt := _doubt_of(said, facts)) else ("genuine", "")
    return _begun_unseen(evidence, said)


def _interrupted(evidence: Evidence) -> Judgement:
    """The end of a clip that a later start found: who rang, and the picture, stand in ``begun``, which came before any chunk."""
    said, begun = evidence.event.statement, evidence.begun
    if begun.kind == "locked" and evidence.facts.begun is None:
        return "locked", _LATER
    if begun.statement is None:
        return _wordless(begun, "the word on its beginning")
    if evidence.facts.begun is None:
        return _begun_unseen(evidence, begun.statement)
    for statement in (said, begun.statement):
        if statement is not None and (doubt := _doubt_of(statement, evidence.facts)):
            return "doubtful", doubt
    if begun.statement.state != "recording":
        return "doubtful", "an end stands in the place of its beginning"
    return "interrupted", "cut short, as the door says itself"


def _begun_unseen(evidence: Evidence, said: Statement) -> Judgement:
    """The line in which it begins is not known: it must be one that no key at hand ought to read."""
    if evidence.belongs_at(said.roster_seq):
        return "doubtful", "the ledger does not know that it began: it may be forged"
    return "locked", _LATER


def _unrecorded(evidence: Evidence) -> Judgement:
    event = evidence.event
    if event.kind == "absent":
        return "missing", "the word on it is missing: it was removed without a line"
    if event.statement is None:
        return _wordless(event, "its event")
    if event.statement.state != "unrecorded":
        return "doubtful", "the ledger says that nothing of it was recorded"
    return "unrecorded", ""


def _unfinished(evidence: Evidence) -> Judgement:
    if _is_gone(evidence) and not evidence.sees_end:
        return "locked", _LEFT
    if evidence.film.kind == "absent":
        return (
            "missing",
            "the ledger tells that it began, and its film is missing: it was removed without a line",
        )
    if wrong := _film(evidence):
        return wrong
    if not evidence.sees_end:
        return "locked", _LEFT
    if evidence.event.kind == "absent":
        return _running(evidence)
    said = evidence.event.statement
    if said is None:
        return _wordless(evidence.event, "its event")
    doubt = _doubt_of(said, evidence.facts)
    if doubt or not evidence.may_run or said.state == "recording":
        return "doubtful", doubt or "the ledger does not know that it was finished"
    return "recording", "its end is not on the ledger yet: the next start finishes it"


def _running(evidence: Evidence) -> Judgement:
    begun = evidence.begun
    if begun.kind == "absent" and not evidence.film.has_chunk and evidence.may_run:
        return "recording", "it was beginning"
    if begun.statement is None:
        return _wordless(begun, "the word on its beginning")
    doubt = _doubt_of(begun.statement, evidence.facts)
    if doubt or begun.statement.state != "recording":
        return "doubtful", doubt or "an end stands in the place of its beginning"
    if not evidence.may_run:
        return "doubtful", "the ledger went on, and does not know that it was finished"
    return "recording", "it is not finished: the next start finishes it"


def _untold(evidence: Evidence) -> Judgement:
    """No line that these keys read tells of it."""
    word = evidence.event if evidence.event.kind != "absent" else evidence.begun
    if word.kind == "absent":
        if evidence.is_afresh:
            return "recording", "it was beginning"
        return "doubtful", "it has no event, and the ledger does not know it"
    if word.kind == "locked":
        return "locked", _LATER if evidence.has_keys else "no key was given"
    if word.statement is None:
        return "doubtful", f"its event {word.reason}"
    said = word.statement
    is_hidden = said.state in ("sealed", "recording") and not evidence.belongs_at(said.roster_seq)
    if is_hidden and (said.state == "recording" or not evidence.sees_end):
        return "locked", _LATER
    return "doubtful", "the ledger does not know it: it may be forged"


def _film(evidence: Evidence) -> Judgement | None:
    """Return what speaks against a film before its first picture."""
    film, facts = evidence.film, evidence.facts
    if film.kind == "damaged":
        return "destroyed", f"its film {film.reason}"
    if facts.begun is None:
        return None
    if film.header_sha256 != facts.begun.header_sha256:
        return "destroyed", "another film lies in its place: the ledger tells of one with another header"
    if film.doubt:
        return "doubtful", film.doubt
    if facts.stale:
        return "doubtful", "it is sealed for a household that was past when it began"
    return None


def _wordless(word: Word, what: str) -> Judgement:
    """The door's word ought to be there, and is not."""
    if word.kind == "locked":
        return "locked", "the door's word on it is sealed under a key that this one was not given"
    return ("doubtful" if word.kind == "false" else "destroyed"), f"{what} {word.reason}"


def _doubt_of(said: Statement, facts: Facts) -> str:
    """Return why a statement is not of the film that the ledger saw beginning, or nothing."""
    if facts.begun is None or said.header_sha256 == facts.begun.header_sha256:
        return ""
    return "the ledger tells of another film under this number"
