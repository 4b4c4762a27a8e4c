"""What a detector's answers are worth to a household: events, not pixels.

- Frames with motion form alerts; GAP_S without one ends an alert.
- An event is hit by a frame with motion from just before its start to LATE_S after its end. It is a fresh hit if no alert was
  already up when it began: what somebody who reads alerts would notice. Delays are those of fresh hits.
- Negative is everything outside events (with TAIL_S after each) and outside stretches that are not scored. Each run of motion
  there is a false event, and one more for each further MINUTE_S. A run that only continues an event's own alert counts
  as motion in negative time, but as a false event only past HANG_S.

These are the rules of the labelled footage's own evaluation, so that figures can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

GAP_S = 5.0
TAIL_S = 2.0
HANG_S = 30.0
MINUTE_S = 60.0
EARLY_S, LATE_S = 0.05, 0.5
BEFORE_S = 0.3

Label = tuple[float, float, str]
"""From, to, what; what begins with ``ignore`` if it is not scored, with ``hard:`` if it is reported apart."""


@dataclass
class Score:
    """One subject's sums over all clips; ``nuisances`` maps a kind to [seconds, seconds with motion, false events]."""

    events: int = 0
    hits: int = 0
    fresh: int = 0
    recorded: int = 0
    hard_events: int = 0
    hard: int = 0
    delays_s: list[float] = field(default_factory=list)
    false: int = 0
    negative_s: float = 0.0
    moving_s: float = 0.0
    nuisances: dict[str, list[float]] = field(default_factory=dict)

    def add(
        self,
        moving: Sequence[float],
        length_s: float,
        step_s: float,
        labels: Sequence[Label],
        kinds: Sequence[Label],
    ) -> None:
        """Count one clip.

        Args:
            moving: times of the frames with motion, rising.
            length_s: of the clip.
            step_s: from frame to frame.
            labels: events, and stretches that are not scored.
            kinds: what each negative stretch holds.
        """
        events = [label for label in labels if not label[2].startswith("ignore")]
        alerts = joined(moving)
        times = np.array(moving)
        for start, end, what in events:
            inside = times[(times >= start - EARLY_S) & (times <= end + LATE_S)]
            if what.startswith("hard"):
                self.hard_events += 1
                self.hard += bool(inside.size)
                continue
            self.events += 1
            self.hits += bool(inside.size)
            up = any(first < start - BEFORE_S <= last for first, last in alerts)
            if inside.size and not up:
                self.fresh += 1
                self.delays_s.append(max(0.0, float(inside[0]) - start))
        self._count_negative(times, length_s, step_s, labels, kinds, alerts)

    def figures(self) -> dict[str, float | None]:
        """Return what was counted, by metric; always the same ones. Without a fresh hit there is no delay: None."""
        row: dict[str, float | None] = {"events": self.events, "hits": self.hits, "fresh": self.fresh}
        row["recorded"] = self.recorded
        row.update(hard_events=self.hard_events, hard=self.hard)
        for name, part in (("delay_p50_s", 50), ("delay_p95_s", 95)):
            row[name] = float(np.percentile(self.delays_s, part)) if self.delays_s else None
        hours = max(self.negative_s, 0.1) / 3600
        row.update(negative_h=hours, false_per_hour=self.false / hours)
        row.update(negative_motion_percent=100 * self.moving_s / max(self.negative_s, 0.1))
        return row

    def _count_negative(
        self,
        times: np.ndarray,
        length_s: float,
        step_s: float,
        labels: Sequence[Label],
        kinds: Sequence[Label],
        alerts: list[tuple[float, float]],
    ) -> None:
        grid = np.arange(0, length_s, step_s)
        negative = np.ones(len(grid), bool)
        events = [label for label in labels if not label[2].startswith("ignore")]
        for start, end, what in labels:
            if what.startswith("ignore"):
                negative &= ~((grid >= start - 0.001) & (grid < end))
            else:
                negative &= ~((grid >= start - BEFORE_S) & (grid <= end + TAIL_S))
        marked = np.zeros(len(grid), bool)
        marked[np.clip(np.round(times / step_s).astype(int), 0, len(grid) - 1)] = True
        starts = [start for start, _, _ in events]
        false = []
        for first, last in joined(grid[negative & marked].tolist(), starts):
            first_s = hanging(first, alerts, events) or first
            if last >= first_s:
                false.append((first_s, last))
        self.negative_s += float(negative.sum()) * step_s
        self.moving_s += float((negative & marked).sum()) * step_s
        self.false += sum(1 + int((last - first) // MINUTE_S) for first, last in false)
        for start, end, kind in kinds:
            during = negative & (grid >= start) & (grid < end)
            row = self.nuisances.setdefault(kind, [0.0, 0.0, 0.0])
            row[0] += float(during.sum()) * step_s
            row[1] += float((during & marked).sum()) * step_s
            row[2] += sum(
                1 + int((min(last, end) - first) // MINUTE_S) for first, last in false if start <= first < end
            )


def joined(times: Sequence[float], cuts: Sequence[float] = ()) -> list[tuple[float, float]]:
    """Return the runs of these times, as (first, last); a gap of more than GAP_S, or a cut, ends one."""
    runs: list[tuple[float, float]] = []
    for at_s in times:
        if runs and at_s - runs[-1][1] <= GAP_S and not any(runs[-1][1] < cut_s < at_s for cut_s in cuts):
            runs[-1] = (runs[-1][0], at_s)
        else:
            runs.append((at_s, at_s))
    return runs


def hanging(first: float, alerts: Sequence[tuple[float, float]], events: Sequence[Label]) -> float | None:
    """Return until when a run that began at ``first`` may hang on to the event whose alert it continues; None if to none."""
    own = [
        end
        for alert_first, alert_last in alerts
        if alert_first <= first + 1e-6 <= alert_last + 1e-6
        for start, end, _ in events
        if start - BEFORE_S <= first and alert_first <= end and alert_last >= start and end < first + 1e-6
    ]
    return max(own) + HANG_S if own else None
