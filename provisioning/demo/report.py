"""The figures of ``doorward demo --check``, as a table and as data, with a word on visits that share a clip."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.config import Recording
from provisioning.demo.check import CheckedClip
from provisioning.demo.grouping import explain_grouping
from provisioning.layout import Column, Row
from provisioning.printer import say, table


@dataclass(frozen=True, slots=True)
class Figures:
    """What one check measured.

    Attributes:
        clips: each verified whole.
        peak_mb: most memory each process has held, by its name.
        took_s: from the running door to the last verified clip.
    """

    clips: Sequence[CheckedClip]
    peak_mb: dict[str, float]
    took_s: float

    def as_data(self) -> dict[str, object]:
        """Return the figures for ``--json``."""
        return {
            "clips": [
                {
                    "clip": clip.clip,
                    "trigger": clip.trigger,
                    "begun_s": round(clip.begun_s, 2),
                    "clip_s": clip.seconds,
                    "size_bytes": clip.size_bytes,
                    "pre_roll_s": clip.pre_roll_s,
                    "trigger_to_sealed_s": round(clip.trigger_to_sealed_s, 3),
                    "psnr_db": round(clip.likeness.psnr_db, 1),
                }
                for clip in self.clips
            ],
            **{f"{name}_peak_mb": round(peak, 1) for name, peak in self.peak_mb.items()},
            "took_s": round(self.took_s, 1),
        }


_COLUMNS: Final[Sequence[Column]] = (
    ("clip", "right"), ("trigger", "left"), ("begins", "right"), ("length", "right"), ("bytes", "right"),
    ("pre-roll", "right"), ("sealed after", "right"), ("likeness", "right"),
)  # fmt: skip  # a list of names, read as one


def report(figures: Figures, source: str, *, err: bool) -> None:
    """Print the table."""
    title = "Opened with the reader's key and with the card, verified, decoded, compared"
    table(title, _COLUMNS, map(_row, figures.clips), err=err)
    for sentence in visits_and_clips(source, figures.clips):
        say(f"  {sentence}", err=err)
    peaks = ", ".join(f"{name} {peak:.0f} MB" for name, peak in figures.peak_mb.items())
    say(f"Peak memory: {peaks}. Everything held, in {figures.took_s:.0f} s.", err=err)


def _row(clip: CheckedClip) -> Row:
    cells = (
        str(clip.clip),
        clip.trigger,
        f"{clip.begun_s:.1f} s",
        f"{clip.seconds:.1f} s",
        f"{clip.size_bytes:,}",
        f"{clip.pre_roll_s:.1f} s",
        f"{clip.trigger_to_sealed_s:.1f} s",
        f"{clip.likeness.psnr_db:.0f} dB",
    )
    return cells, ""


def visits_and_clips(source: str, clips: Sequence[CheckedClip]) -> list[str]:
    """Return how visits and clips go together, if the replayed file has labels beside it (``labels/raw/NAME.csv``)."""
    path = Path(source.removeprefix("replay:"))
    labels = path.parent / "labels" / "raw" / f"{path.stem}.csv"
    if not source.startswith("replay:") or not labels.is_file():
        return []
    with labels.open(encoding="utf-8", newline="") as file:
        visits = [
            (float(row["start_s"]), float(row["end_s"]))
            for row in csv.DictReader(file)
            if not row["what"].startswith("ignore")
        ]
    spans = [(_us(clip.begun_s), _us(clip.begun_s + clip.seconds)) for clip in clips]
    seen = [(_us(start_s), _us(end_s)) for start_s, end_s in visits]
    return [
        f"{len(visits)} labelled visits, {len(clips)} clips",
        *explain_grouping(seen, spans, Recording().post_roll_s),
    ]


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
