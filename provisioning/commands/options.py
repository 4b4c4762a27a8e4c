"""What several commands share on their command line: which door, whose key, how far."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn

from device.spool import CLIP
from provisioning import printer, witness
from provisioning.house import House
from provisioning.place import Held

F = TypeVar("F", bound=Callable[..., object])

directory_argument = click.argument(
    "directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
clip_argument = click.argument("clip", metavar="CLIP", type=click.IntRange(1))


def identities_option(*, required: bool) -> Callable[[F], F]:
    """Return the option ``-i``."""
    return click.option(
        "-i",
        "--identity",
        "identities",
        required=required,
        type=click.Path(path_type=Path),
        help="the card's file, a reader's key, or - to type the Open half",
    )


authority_option = click.option(
    "--ca", "authority", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="the house CA"
)
url_option = click.option("--url", required=True, help="where the door is, such as https://door.local")


def door_options(command: F) -> F:
    """Add what it takes to speak to a running door with the card."""
    card = click.option("--card", required=True, type=click.Path(path_type=Path), help="the card's file")
    return url_option(card(authority_option(command)))


def read_house(directory: Path, identities: Sequence[Held]) -> House:
    """Return a door, held to what this computer has seen of it.

    Raises:
        NoHouse: no door's directory.
    """
    house = House(directory, identities)
    if seen := witness.doubt(house.chain):
        house.troubles.append(seen)
    return house


@contextmanager
def progress(
    what: str, house: House, clips: Sequence[int], *, hidden: bool = False
) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told of each byte read; on a terminal, a bar shows how far it is."""
    films = [house.clips[clip] / CLIP for clip in clips if clip in house.clips]
    total_bytes = sum(film.stat().st_size for film in films if film.is_file())
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with printer.progress(*columns, hidden=hidden) as bar:
        task = bar.add_task(what, total=total_bytes)
        yield lambda size_bytes: bar.advance(task, size_bytes)
