"""What the ledger says of each clip, folded from the lines that some keys may read.

Source: docs/FORMAT.md, "Ledger", private bodies.
"""

from dataclasses import dataclass

from device.trust.lines import ClipBegun, ClipDeleted, ClipSealed, PrivateBody, Stopped


@dataclass(slots=True)
class Facts:
    """What the ledger says of one clip.

    Attributes:
        begun: its first line; None for an ``unrecorded`` one, or if these keys may not read it.
        sealed: its line when it was finished; a start after a power cut may have written that again.
        deleted: it gave way.
        stale: its first line names a household that was past by then.
        epoch: the one that the first of these lines is sealed under.
        is_past: the run in which it began has stopped in order.
    """

    begun: ClipBegun | None = None
    sealed: ClipSealed | None = None
    deleted: ClipDeleted | None = None
    stale: bool = False
    epoch: int = 0
    is_past: bool = False


class ClipFacts(dict[int, Facts]):
    """Clip → what the ledger says of it."""

    def learn(self, body: PrivateBody | None, epoch: int, roster_seq: int) -> str:
        """Take in a private body; return what is wrong with it where it stands, or nothing.

        Args:
            body: None if these keys may not read it.
            epoch: the newest at that line.
            roster_seq: line in which who can open changed last.
        """
        if isinstance(body, Stopped):
            for known in self.values():
                known.is_past = known.sealed is None
        if not isinstance(body, ClipBegun | ClipSealed | ClipDeleted):
            return ""
        facts = self.setdefault(body.clip, Facts(epoch=epoch))
        match body:
            case ClipBegun():
                if facts.begun is not None:
                    return f"clip {body.clip} begins a second time"
                facts.begun = body
                facts.stale = body.roster_seq != roster_seq
            case ClipSealed():
                facts.sealed = facts.sealed or body
            case ClipDeleted():
                facts.deleted = body
        return ""

    def may_run(self, clip: int) -> bool:
        """Return whether a clip may not be finished yet: the newest of all, in a run that has not ended."""
        return clip == max(self) and not self[clip].is_past
