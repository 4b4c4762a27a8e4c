"""``doorward card``."""

import contextlib
import shutil
from pathlib import Path

import click

from device.durable import write_file
from provisioning.birth import birth, write_state
from provisioning.card import write_card_file
from provisioning.certs import issue
from provisioning.errors import ProvisioningError
from provisioning.printer import quoted, say
from provisioning.trusting import steps


class CardExists(ProvisioningError, FileExistsError):
    """A file that may be the only copy of another card stands there."""


@click.command(short_help="Make a new door and its house card.")
@click.option("--name", required=True, help='what people call the door, such as "Front door"')
@click.option(
    "--state",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="where the new door's state goes; it must not hold a door yet",
)
@click.option("--url", required=True, help="where its page will be, such as https://door.local")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="the PDF to print"
)
@click.option(
    "--tls",
    type=click.Path(file_okay=False, path_type=Path),
    help="also make the house's own authority: the server's certificates go here, the authority's beside the PDF",
)
@click.option(
    "--file",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="also write the card as a key file",
)
def card(name: str, state: Path, url: str, out: Path, tls: Path | None, file: Path | None) -> None:
    """Make a new door and its house card, both halves on one page to print.

    The device's part goes to the state directory. Nothing that opens or admits does.
    """
    # Imported late: fonts and tables for PDF take a second that the other commands need not wait.
    from provisioning.card_pdf import render

    url = checked_url(url)
    authority, instructions = out.with_suffix(".authority.crt"), out.with_suffix(".authority.txt")
    check_absent(out, file, *((authority, instructions, tls) if tls is not None else ()))
    new = birth(name)
    written: list[Path] = []
    try:
        fingerprint = ""
        if tls is not None:
            host = _host_of(url)
            fingerprint = issue(tls, host)
            written += [tls, authority, instructions]
            write_file(authority, (tls / "ca.pem").read_bytes(), mode=0o644)
            write_file(instructions, steps(host, authority.name, fingerprint).encode(), mode=0o644)
        write_file(out, render(new.card, new.born_sha256, name, url, fingerprint))
        written.append(out)
        if file is not None:
            write_card_file(file, new.card, new.born_sha256)
            written.append(file)
        write_state(new, state, authority.read_bytes() if tls is not None else None)
    except BaseException:
        # A card whose door was never born would open nothing, and look as if it did.
        for path in written:
            with contextlib.suppress(OSError):
                shutil.rmtree(path) if path == tls else path.unlink()
        raise
    say(f"A new door, {quoted(name)}, is in {state}. Its card: {out}")
    if tls is not None:
        say(f"Certificates for the server: {tls}. For your phones: {authority}, with {instructions.name}")
    say(
        "Print it, cut it in two, keep the halves apart. Then delete the file: who has it can open everything."
    )


def _host_of(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme != "https":
        raise click.BadParameter("--tls needs an address that begins with https://", param_hint="--url")
    return rest.partition(":")[0]


def checked_url(url: str) -> str:
    """Return the address without a slash at its end."""
    address = url.rstrip("/")
    scheme, _, rest = address.partition("://")
    if scheme not in ("http", "https") or not rest or any(character in rest for character in "/#? "):
        raise click.BadParameter(f"{url!r} is no address such as https://door.local", param_hint="--url")
    return address


def check_absent(*paths: Path | None) -> None:
    """Check that no file stands where a card is to be written.

    Raises:
        CardExists: it may be the only copy of another card.
    """
    for path in paths:
        if path is not None and path.exists():
            raise CardExists(
                f"{path} is there already, and a card cannot be made again", hint="choose another name"
            )
