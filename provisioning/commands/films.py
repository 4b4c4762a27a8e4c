"""``doorward clips open|export|check``: films on their way out, and what came out."""

import hashlib
import json
from pathlib import Path
from typing import Final

import click

from device.trust.statement import Statement, Trigger
from provisioning.commands.command import Command, out_option
from provisioning.commands.options import (
    bytes_of,
    clip_argument,
    directory_argument,
    identities_option,
    json_option,
    progress,
    read_house,
)
from provisioning.commands.output import NoOutput, Output
from provisioning.house.extract import extract
from provisioning.house.genuine import read_record
from provisioning.house.house import House
from provisioning.house.keys import read_identities
from provisioning.house.lone import home_of, open_lone
from provisioning.house.place import Held
from provisioning.house.proof import NoProof, Proof, check_proof, prove
from provisioning.house.words import film_words, words
from provisioning.printer import data, explain, moment, quoted, say

_WITHOUT_RECORD: Final = (
    "it opens, so it was sealed to this key; who sealed it, only the door's directory or a proof can tell"
)


@click.command(
    "open",
    cls=Command,
    short_help="Open one clip to an MP4 file.",
    examples=[
        "doorward clips open DIR 42 -i card.txt -o clip.mp4",
        "doorward clips open clip.mp4.age -i card.txt -o clip.mp4",
        "doorward clips open DIR 42 -i card.txt -o - | mpv -",
    ],
)
@click.argument("source", metavar="DIR|FILE", type=click.Path(exists=True, path_type=Path))
@click.argument("clip", metavar="[CLIP]", type=click.IntRange(1), required=False)
@identities_option(required=True)
@out_option("the MP4 to write")
@click.option("--anyway", is_flag=True, help="write what opens, even if it may not be the door's own")
def open_(source: Path, clip: int | None, identities: Path, out: Output, anyway: bool) -> int:
    """Open one clip to an MP4 file, if it is what the door recorded.

    It is CLIP in a door's state directory DIR, or a copy of it; or one sealed FILE by itself, which is verified as far as it can
    be. Exit code 1 if anything about the door does not hold.
    """
    if source.is_dir() and clip is None:
        raise click.UsageError("name the clip too: its number in 'doorward clips list'")
    if not source.is_dir() and clip is not None:
        raise click.UsageError(f"{source} is one film, and has no clip {clip}; name the door's directory")
    keys = read_identities(identities)
    if clip is None and (home := home_of(source)) is not None:
        source, clip = home
    if clip is None:
        _open_lone(source, keys, out, anyway=anyway)
        return 0
    house = read_house(source, keys)
    with progress("opening", house, [clip]) as advance, out.opened() as film:
        extracted = extract(house, clip, film, anyway=anyway, progress=advance)
    finding = extracted.finding
    say(f"{out}: {finding.plaintext_bytes:,} bytes, {finding.verdict}")
    _say_words(extracted.film_sha256)
    if finding.reason:
        say(f"note: {finding.reason}", err=True)
    return _doubts(house)


def _open_lone(source: Path, keys: list[Held], out: Output, *, anyway: bool) -> None:
    with bytes_of("opening", [source]) as advance, out.opened() as film:
        lone = open_lone(source, keys, film, anyway=anyway, progress=advance)
    state = f"not whole: {lone.reason}" if lone.reason else "whole"
    say(f"{out}: {lone.plaintext_bytes:,} bytes, {state}")
    _say_words(lone.film_sha256)
    if lone.proof is None:
        say(f"note: {_WITHOUT_RECORD}", err=True)
    else:
        say(f"The proof beside it holds. Sealed by the device whose key reads {words(lone.proof.device)}.")


@click.command(
    cls=Command,
    short_help="Open one clip and write its proof.",
    examples=["doorward clips export DIR 42 -i card.txt -o clip.mp4"],
)
@directory_argument
@clip_argument
@identities_option(required=True)
@out_option("the MP4 to write")
def export(directory: Path, clip: int, identities: Path, out: Output) -> int:
    """Open one clip and write its proof beside it, as OUT.proof.

    With the proof anybody can check that the film is unchanged since the door sealed it. Exit code 1 if anything about the door
    does not hold.
    """
    if out.is_beside_nothing:
        raise NoOutput(f"{out}: nothing can lie beside it, and the proof is to", hint="name a file")
    beside = out.beside(f"{out.path.name}.proof")
    beside.recheck()
    house = read_house(directory, read_identities(identities))
    proof = prove(house, read_record(house, clip))
    with progress("exporting", house, [clip]) as advance, out.opened() as film, beside.opened() as proof_file:
        proof_file.write(proof)
        finding = extract(house, clip, film, progress=advance).finding
    say(f"{out}: {finding.plaintext_bytes:,} bytes, {finding.verdict}; its proof: {beside.path.name}")
    say(f"The device's key reads: {words(house.chain.roster.device)}")
    return _doubts(house)


@click.command(
    cls=Command,
    short_help="Check an exported film against its proof.",
    examples=["doorward clips check clip.mp4", "doorward clips check clip.mp4 sent-apart.proof"],
)
@click.argument("film", metavar="FILM", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument(
    "proof", metavar="[PROOF]", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@json_option
def check(film: Path, proof: Path | None, as_json: bool) -> None:
    """Check that an exported FILM is what a device sealed, by the PROOF that came with it: FILM.proof, if none is named.

    No door and no key is needed. Compare the words with those that the household reads on its page.
    Exit code 1 if it does not hold.
    """
    path = proof or film.with_name(f"{film.name}.proof")
    if not path.is_file():
        raise NoProof(f"there is no {path}", hint="name the proof that came with the film, after it")
    sha256 = hashlib.sha256()
    with bytes_of("checking", [film]) as advance, film.open("rb") as content:
        while chunk := content.read(1 << 20):
            sha256.update(chunk)
            advance(len(chunk))
    held, said = check_proof(path.read_bytes(), sha256.digest())
    if as_json:
        data(json.dumps(_as_data(held, said), indent=2))
        return
    say(f"{film} is unchanged since it was sealed.")
    say(f"Sealed by the device whose key reads {words(held.device)}.")
    say(f"By that device's clock: {moment(said.begun_utc)}, {_seconds(said.duration_ms)} long.")
    for trigger in said.triggers:
        say(f"  {_what(trigger)} after {_seconds(trigger.at_ms)}")
    if said.more_rings:
        say(f"  bell {said.more_rings} times more")
    if said.masks_sha256 is not None:
        say("Parts of the picture were masked: their pixels never existed.")
    say("This cannot tell whose door that is, nor the true time.")


def _say_words(film_sha256: bytes) -> None:
    say(f"Words of this film: {film_words(film_sha256)}")


def _doubts(house: House) -> int:
    """Warn of what does not hold about the door itself; return the exit code."""
    for trouble in house.troubles:
        explain("warning", trouble, "")
    return 1 if house.troubles else 0


def _what(trigger: Trigger) -> str:
    if trigger.kind == "ring":
        return "bell"
    return (
        f"movement {quoted(trigger.zone)} {max(1, round(trigger.score_permille / 10))} %"
        if trigger.zone
        else "movement"
    )


def _seconds(duration_ms: int) -> str:
    return f"{duration_ms / 1000:.1f} s"


def _as_data(held: Proof, said: Statement) -> dict[str, object]:
    return {
        "unchanged": True,
        "device": held.device.hex(),
        "words": words(held.device),
        "clip": said.clip,
        "begun_utc": said.begun_utc.isoformat(),
        "duration_ms": said.duration_ms,
        "triggers": [
            {"kind": trigger.kind, "at_ms": trigger.at_ms, "zone": trigger.zone} for trigger in said.triggers
        ],
        "more_rings": said.more_rings,
        "masked": said.masks_sha256 is not None,
    }
