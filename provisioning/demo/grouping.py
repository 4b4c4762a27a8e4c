"""Why clips are not one per visit: a sentence for each visit, for people who compare the two.

Pure.
"""

from collections.abc import Sequence

Span = tuple[int, int]
"""From and to, camera microseconds."""


def explain_grouping(visits: Sequence[Span], clips: Sequence[Span], post_roll_s: float) -> list[str]:
    """Return one sentence for each visit that has not exactly one clip to itself; none, if all have.

    Args:
        visits: when somebody was in the picture, in order.
        clips: what the clips hold, pre-roll and post-roll included, in order.
        post_roll_s: of the policy that made them.
    """
    sentences = []
    home: list[int | None] = []
    for number, (from_us, to_us) in enumerate(visits, 1):
        holding = [i for i, clip in enumerate(clips) if clip[0] < to_us and from_us < clip[1]]
        # A clip's post-roll may reach into the next visit, whose own clip then has the most of it.
        best = max(holding, key=lambda i: _shared(clips[i], (from_us, to_us)), default=None)
        split = [i + 1 for i in holding if i != best and clips[i][0] > from_us]
        if best is None:
            sentences.append(f"visit {number} is in no clip")
        elif number > 1 and best == home[-1]:
            apart_s = (from_us - visits[number - 2][1]) / 1e6
            why = (
                f"inside the post-roll of {post_roll_s:g} s"
                if apart_s < post_roll_s
                else f"and motion was seen until less than {post_roll_s:g} s before"
            )
            sentences.append(f"visit {number} came {apart_s:.1f} s after visit {number - 1} left, {why}")
        elif split:
            others = ", ".join(map(str, split))
            sentences.append(
                f"visit {number} goes on in clip {others}: it was longer than a clip, or nothing moved for a while"
            )
        home.append(best)
    return sentences


def _shared(a: Span, b: Span) -> int:
    return min(a[1], b[1]) - max(a[0], b[0])
