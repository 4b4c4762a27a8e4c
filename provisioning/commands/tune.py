"""``doorward tune``."""

import json
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from device.contract.settings import Settings
from device.durable import write_file
from provisioning.commands.settings import read_settings
from provisioning.tune import Seen, watch
from provisioning.tune_sheet import as_data, clock, draw, png, visits


@click.command(short_help="Show what the motion decision sees in recordings.")
@click.argument(
    "files",
    metavar="FILE…",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="zones and masks to try, as docs/FORMAT.md says under Settings",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="where the pictures go; beside each recording if not given",
)
@click.option("--json", "as_json", is_flag=True, help="print every frame and every visit as JSON")
def tune(files: tuple[Path, ...], settings_file: Path | None, out: Path | None, as_json: bool) -> None:
    """Run the motion decision over recordings and draw what it saw: FILE.tune.png, a timeline and each visit.

    The same eyes, zones, masks and rules as on the device decide. Warm ones are pixels that moved. FILE is an open film, such
    as "doorward clips open" writes, or any video of your doorstep.
    """
    settings = Settings() if settings_file is None else read_settings(settings_file)
    found: dict[str, object] = {}
    for file in files:
        seen = _seen(file, settings)
        sheet = (out or file.parent) / f"{file.name}.tune.png"
        sheet.parent.mkdir(parents=True, exist_ok=True)
        write_file(sheet, png(draw(file.name, seen)), mode=0o644)
        found[str(file)] = _as_data(seen, sheet)
        if not as_json:
            _tell(file, seen, sheet)
    if as_json:
        click.echo(json.dumps(found, indent=2))


def _seen(file: Path, settings: Settings) -> Seen:
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn(f"watching {file.name}"),
        TextColumn("{task.fields[at]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, at="0:00")
        return watch(file, settings, time.thread_time_ns, lambda at_us: bar.update(task, at=clock(at_us)))


def _tell(file: Path, seen: Seen, sheet: Path) -> None:
    click.echo(
        f"{file}: {clock(seen.looks[-1].at_us)}, {visits(len(seen.visits))}, {seen.cpu_ms:.2f} ms a frame → {sheet}"
    )
    for number, visit in enumerate(seen.visits, 1):
        where = f"  in {visit.zone}" if visit.zone else ""
        click.echo(
            f"  {number:3}  {clock(visit.from_us):>8} to {clock(visit.to_us):>8}  {visit.score:6.1%} stirred{where}"
        )


def _as_data(seen: Seen, sheet: Path) -> dict[str, object]:
    return {
        "sheet": str(sheet),
        "cpu_ms": round(seen.cpu_ms, 3),
        "visits": [
            {
                "from_ms": visit.from_us // 1000,
                "to_ms": visit.to_us // 1000,
                "zone": visit.zone,
                "score_permille": round(visit.score * 1000),
            }
            for visit in seen.visits
        ],
        "frames": [as_data(look) for look in seen.looks],
    }
