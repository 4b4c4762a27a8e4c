"""What several commands share on their command line: which door, whose key, how far."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

from device.disk.spool import CLIP
from provisioning import printer
from provisioning.card.door_name import door_name
from provisioning.house.house import House
from provisioning.house.place import Held
from provisioning.reader import witness

F = TypeVar("F", bound=Callable[..., object])

directory_argument = click.argument(
    "directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
clip_argument = click.argument("clip", metavar="CLIP", type=click.IntRange(1))
json_option = click.option("--json", "as_json", is_flag=True, help="print it as JSON")


def identities_option(*, required: bool) -> Callable[[F], F]:
    """Return the option ``-i``, of whatever opens."""
    return click.option(
        "-i",
        "--identity",
        "identities",
        required=required,
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="the card's file, a reader's key, or - to type the Open half",
    )


authority_option = click.option(
    "--ca", "authority", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="the house CA"
)


def checked_url(context: click.Context, param: click.Parameter, value: str) -> str:
    """Return an address without a slash at its end."""
    address = value.rstrip("/")
    scheme, _, rest = address.partition("://")
    if scheme not in ("http", "https") or not rest or any(character in rest for character in "/#? "):
        raise click.BadParameter(f"{value!r} is no address such as https://door.local", context, param)
    return address


def door_name_option(told: str) -> Callable[[F], F]:
    """Return the option ``--name``, of a door as its card calls it."""
    return click.option(
        "--name", required=True, callback=lambda _context, _param, value: door_name(value), help=told
    )


url_option = click.option(
    "--url", required=True, callback=checked_url, help="where the door is, such as https://door.local"
)
card_option = click.option(
    "--card", required=True, metavar="FILE", type=click.Path(path_type=Path), help="the card's file, or -"
)
key_option = click.option(
    "--key",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="this computer's key file, from 'doorward join', or -",
)


def door_options(command: F) -> F:
    """Add what it takes to speak to a running door with the card."""
    return url_option(card_option(authority_option(command)))


def member_options(command: F) -> F:
    """Add what it takes to speak to a running door as a reader."""
    return url_option(key_option(authority_option(command)))


def read_house(directory: Path, identities: Sequence[Held]) -> House:
    """Return a door, held to what this computer has seen of it.

    Raises:
        NoHouse: no door's directory.
    """
    with printer.working("reading the record"):
        house = House(directory, identities)
    if seen := witness.doubt(house.chain):
        house.troubles.append(seen)
    return house


@contextmanager
def progress(
    what: str, house: House, clips: Sequence[int], *, hidden: bool = False
) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told of each byte read of some clips; on a terminal, a bar shows how far it is."""
    films = [house.clips[clip] / CLIP for clip in clips if clip in house.clips]
    with bytes_of(what, films, hidden=hidden) as advance:
        yield advance


@contextmanager
def bytes_of(what: str, files: Sequence[Path], *, hidden: bool = False) -> Iterator[Callable[[int], None]]:
    """The same for some files."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn

    total_bytes = sum(file.stat().st_size for file in files if file.is_file())
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with printer.progress(*columns, hidden=hidden) as bar:
        task = bar.add_task(what, total=total_bytes)
        yield lambda size_bytes: bar.advance(task, size_bytes)
