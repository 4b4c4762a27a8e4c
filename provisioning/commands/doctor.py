"""``doorward doctor``."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from msgspec import structs

from device.config import Config, load
from provisioning.commands.command import Command
from provisioning.commands.options import json_option
from provisioning.doctor.examine import examine
from provisioning.printer import counted, data, say

INSTALLED: Final = Path("/etc/doorward")
"""Where the units look: systemd/doorward-device.service, doorward-server.service."""
_STYLE: Final = {"ok": "", "unknown": "", "warning": "yellow", "fault": "bold red"}


@click.command(
    cls=Command,
    examples=[
        "doorward doctor",
        "doorward doctor --config doorward.yaml --tls TLSDIR",
        "doorward doctor --json",
    ],
)
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="the door's doorward.yaml; without it, the one that is installed, or what holds without one",
)
@click.option(
    "--tls",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="where the door's certificates lie; without it, where they are installed, if they are",
)
@json_option
@click.pass_context
def doctor(context: click.Context, config_file: Path | None, tls: Path | None, as_json: bool) -> None:
    """Look at everything of the door that runs on this computer, and tell what to do. Root sees all of it.

    Nothing is switched, played or written. Exit code 1 if there is a fault.
    """
    if config_file is None and (INSTALLED / "doorward.yaml").exists():
        config_file = INSTALLED / "doorward.yaml"
        tls = tls or (INSTALLED / "tls" if (INSTALLED / "tls").is_dir() else None)
    config = load(config_file) if config_file is not None else Config()
    found = list(examine(config, tls, datetime.now(UTC)))
    faults = [one for one in found if one.level == "fault"]
    if as_json:
        data(json.dumps([structs.asdict(one) for one in found], indent=2))
    else:
        for one in found:
            say(f"{one.level:<8} {one.subject}: {one.says}", style=_STYLE[one.level])
            if one.do:
                say(f"{'':<8} do: {one.do}")
        warnings = sum(one.level == "warning" for one in found)
        say(f"{counted(len(faults), 'fault')}, {counted(warnings, 'warning')}.")
    context.exit(1 if faults else 0)
