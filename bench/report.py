"""A bench's results: a table for people, JSON for the next run to compare with."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table


def report(
    title: str,
    results: Mapping[str, Mapping[str, float | None]],
    json_path: Path | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Print one row a metric and one column a subject, and write the same as JSON.

    Args:
        title: what was measured, and on how much.
        results: subject → metric → number; a metric that a subject has not is left blank, one that is None is a dash.
        json_path: where to write `results`; nowhere if None.
        notes: sentences that a reader of the table needs.
    """
    metrics = list(dict.fromkeys(metric for row in results.values() for metric in row))
    table = Table(title=title, title_justify="left")
    table.add_column("metric")
    for subject in results:
        table.add_column(subject, justify="right")
    for metric in metrics:
        table.add_row(metric, *(_figure(row[metric]) if metric in row else "" for row in results.values()))
    console = Console()
    console.print(table)
    for note in notes:
        console.print(f"- {note}", highlight=False)
    if json_path is not None:
        json_path.write_text(
            json.dumps({subject: dict(row) for subject, row in results.items()}, indent=2) + "\n"
        )


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
