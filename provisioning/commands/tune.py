"""``doorward tune``."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.progress import TextColumn, TimeElapsedColumn

from device.contract.settings import Settings
from device.errors import DeviceError
from provisioning.commands.command import Command, force_option
from provisioning.commands.options import json_option
from provisioning.commands.output import Output
from provisioning.places import private_directory
from provisioning.printer import data, explain, letters, progress, quoted, say, spinner
from provisioning.tune.settings import settings_to_try
from provisioning.tune.sheet import as_data, draw, png, visits
from provisioning.tune.timeline import clock
from provisioning.tune.tune import VIDEO, Seen, watch


@click.command(
    cls=Command,
    examples=["doorward tune visit.mp4", "doorward tune --settings settings.json --force -o sheets *.mp4"],
)
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="zones and masks to try, as docs/FORMAT.md says under Settings",
)
@click.option(
    "-o",
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="where the pictures go; beside each recording if not given",
)
@force_option
@json_option
def tune(
    files: tuple[Path, ...], settings_file: Path | None, out: Path | None, force: bool, as_json: bool
) -> int:
    """Run the motion decision over recordings and draw what it saw: FILE.tune.png, a timeline and each visit.

    The same eyes, zones, masks and rules as on a device that nobody has configured decide. Orange is what moved. FILE is an
    open film, such as "doorward clips open" writes, or any video of your doorstep; a damaged one is drawn up to the damage.
    """
    settings = Settings() if settings_file is None else settings_to_try(settings_file, VIDEO)
    # Before hours of watching, not after.
    if out is not None and not out.exists():
        private_directory(out)
    sheets = list(_sheets(files, out))
    for _, sheet in sheets:
        sheet.check(force=force)
    found: dict[str, object] = {}
    whole = True
    for file, sheet in sheets:
        try:
            seen = _seen(file, settings)
            sheet.write(png(draw(file.name, seen, settings)))
        except (DeviceError, OSError) as error:
            # What the other recordings showed is not lost for it.
            sentence = _sentence(error)
            found[str(file)] = {"error": sentence}
            whole = False
            explain("error", sentence, getattr(error, "hint", ""))
            continue
        found[str(file)] = _as_data(seen, sheet)
        if seen.broken:
            explain("warning", f"{seen.broken}; watched up to {clock(seen.length_us)}", "")
        if not as_json:
            _tell(file, seen, sheet)
    if as_json:
        data(json.dumps(found, indent=2))
    return 0 if whole else 1


def _sheets(files: tuple[Path, ...], out: Path | None) -> Iterator[tuple[Path, Output]]:
    """Yield each recording once, and where its picture goes; pictures of the same name are numbered."""
    taken: set[Path] = set()
    for file in dict.fromkeys(files):
        folder, number = (out or file.parent).resolve(), 1
        while (sheet := folder / f"{file.name}{f'.{number}' if number > 1 else ''}.tune.png") in taken:
            number += 1
        taken.add(sheet)
        yield file, Output(str((out or file.parent) / sheet.name))


def _sentence(error: Exception) -> str:
    if isinstance(error, DeviceError):
        return str(error)
    return f"{getattr(error, 'filename', None) or 'the system refused'}: {getattr(error, 'strerror', None) or error}"


def _seen(file: Path, settings: Settings) -> Seen:
    columns = (
        spinner(),
        TextColumn("watching {task.description}", markup=False),
        TextColumn("{task.fields[at]}"),
        TimeElapsedColumn(),
    )
    with progress(*columns) as bar:
        task = bar.add_task(letters(file.name), total=None, at="0:00")
        return watch(file, settings, time.thread_time_ns, lambda at_us: bar.update(task, at=clock(at_us)))


def _tell(file: Path, seen: Seen, sheet: Output) -> None:
    say(
        f"{file}: {clock(seen.length_us)}, {visits(len(seen.visits))}, {seen.cpu_ms:.2f} ms a frame → {sheet}"
    )
    for number, visit in enumerate(seen.visits, 1):
        where = f" in {quoted(visit.zone)}" if visit.zone else ""
        say(
            f"  {number:3}  {clock(visit.from_us):>8} to {clock(visit.to_us):>8}  {visit.score:6.1%} of the picture moved{where}"
        )


def _as_data(seen: Seen, sheet: Output) -> dict[str, object]:
    return {
        "sheet": str(sheet),
        "broken": seen.broken,
        "cpu_ms": round(seen.cpu_ms, 3),
        "visits": [
            {
                "clip_from_ms": visit.clip_from_us // 1000,
                "from_ms": visit.from_us // 1000,
                "to_ms": visit.to_us // 1000,
                "zone": visit.zone,
                "score_permille": round(visit.score * 1000),
            }
            for visit in seen.visits
        ],
        "frames": [as_data(look) for look in seen.looks],
    }
