"""``doorward demo``."""

import json
from pathlib import Path

import click

from provisioning.commands.command import Command
from provisioning.printer import data


@click.command(
    cls=Command,
    examples=["doorward demo", "doorward demo --camera usb --lan", "doorward demo --check --json"],
)
@click.option("--camera", default="scene", show_default=True, help="scene, usb, usb:N or replay:FILE")
@click.option(
    "--lan", is_flag=True, help="serve phones on this network, over TLS with an authority made for it"
)
@click.option(
    "--name",
    default="",
    metavar="NAME",
    help="with --lan: the DNS name to serve under, instead of this computer's",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="keep door and clips here between runs; the card is kept beside it, in DIR-card",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8300, show_default=True)
@click.option(
    "--check", is_flag=True, help="run the main job once without a person, verify it, print figures"
)
@click.option("--json", "as_json", is_flag=True, help="with --check: print the figures as JSON")
def demo(
    camera: str, lan: bool, name: str, state: Path | None, port: int, check: bool, as_json: bool
) -> None:
    """Run a door on this computer: camera, sealing, server. Ctrl-C stops it."""
    if as_json and not check:
        raise click.UsageError("--json goes with --check")
    if name and not lan:
        raise click.UsageError("--name goes with --lan")
    if check and not (camera == "scene" or camera.startswith("replay:")):
        raise click.UsageError("--check needs a camera whose pictures are known: scene or replay:FILE")
    # Imported late: picture libraries take a second that the other commands need not wait.
    from provisioning.demo.demo import Options, run, run_check

    options = Options(camera, lan, state, port, name)
    if not check:
        run(options)
        return
    figures = run_check(options, err=as_json)
    if as_json:
        data(json.dumps(figures.as_data(), indent=2))
