"""``doorward card``."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import click

from provisioning.card.birth import Birth, birth, write_state
from provisioning.card.card import card_text
from provisioning.card.certs import issue
from provisioning.card.trusting import steps
from provisioning.commands.command import Command, also_option, out_option
from provisioning.commands.options import checked_url, door_name_option
from provisioning.commands.output import NoOutput, Output
from provisioning.printer import quoted, say, working


@click.command(
    cls=Command,
    examples=[
        'doorward card --name "Front door" --state DIR --url https://door.local --tls TLSDIR -o card.pdf',
        'doorward card --name "Front door" --state DIR --url https://door.local -o - | lp',
    ],
)
@door_name_option('what people call the door, such as "Front door"')
@click.option(
    "--state",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="where the new door's state goes; it must not hold a door yet",
)
@click.option(
    "--url", required=True, callback=checked_url, help="where its page will be, such as https://door.local"
)
@out_option("the PDF to print")
@click.option(
    "--tls",
    type=click.Path(file_okay=False, path_type=Path),
    help="also make the house's own authority: the server's certificates go here, the authority's beside the PDF",
)
@also_option("file", "also write the card as a key file")
def card(name: str, state: Path, url: str, out: Output, tls: Path | None, file: Output | None) -> None:
    """Make a new door and its house card, both halves on one page to print.

    The device's part goes to the state directory. Nothing that opens or admits does.
    """
    new = birth(name)
    with working("making the card"), contextlib.ExitStack() as files:
        told, authority = stage_papers(files, new, name, url, out, file, tls)
        write_state(new, state, authority)
    say(f"A new door, {quoted(name)}, is in {state}. Its card: {out}")
    if told:
        say(told)
    say(
        "Print it, cut it in two, keep the halves apart. Then delete the file: who has it can open everything."
    )


def stage_papers(
    files: contextlib.ExitStack,
    new: Birth,
    name: str,
    url: str,
    out: Output,
    file: Output | None,
    tls: Path | None,
) -> tuple[str, bytes | None]:
    """Write all that the owner keeps of a new door: its files are there once ``files`` closes without an error.

    Args:
        files: closes when the door itself is written.
        new: the door.
        name: what people call it.
        url: where its page will be.
        out: of the card to print.
        file: of the card as a key file, if it is wanted.
        tls: directory for the server's certificates, which is made; None for none.

    Returns:
        Where the certificates are, as a sentence, and the authority's (PEM); empty and None without ``tls``.
    """
    # Imported late: fonts and tables for PDF take a second that the other commands need not wait.
    from provisioning.card.pdf import render

    fingerprint, authority, told = "", None, ""
    if tls is not None:
        host = _host_of(url)
        certificate, instructions = _beside(out, tls)
        # A card whose door was never born would open nothing, and look as if it did.
        files.push(_removes(tls))
        fingerprint = issue(tls, host)
        authority = (tls / "ca.pem").read_bytes()
        certificate.stage(files, authority, mode=0o644)
        steps_text = steps(host, certificate.path.name, fingerprint).encode()
        instructions.stage(files, steps_text, mode=0o644)
        told = f"Certificates for the server: {tls}. For your phones: {certificate}, with {instructions.path.name}"
    out.stage(files, render(new.card, new.born_sha256, name, url, fingerprint))
    if file is not None:
        file.stage(files, card_text(new.card, new.born_sha256))
    return told, authority


def _removes(directory: Path) -> Callable[..., None]:
    """Return what removes a directory if anything fails."""

    def exit_(kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            shutil.rmtree(directory, ignore_errors=True)

    return exit_


def _beside(out: Output, tls: Path) -> tuple[Output, Output]:
    """Return where the authority's certificate and the steps for phones go, both free, as ``tls`` is."""
    if out.is_beside_nothing:
        raise NoOutput(
            f"{out}: nothing can lie beside it, and the authority's certificate is to", hint="name a file"
        )
    if tls.exists():
        raise NoOutput(f"{tls} is there already", hint="name a directory that is not there yet")
    beside = beside_card(out)
    for output in beside:
        output.recheck()
    return beside


def beside_card(out: Output) -> tuple[Output, Output]:
    """Return where the authority's certificate and the steps for phones go."""
    certificate, instructions = (
        out.beside(out.path.with_suffix(f".authority.{end}").name) for end in ("crt", "txt")
    )
    return certificate, instructions


def _host_of(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme != "https":
        raise click.BadParameter("--tls needs an address that begins with https://", param_hint="--url")
    return rest.partition(":")[0]
