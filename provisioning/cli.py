"""The ``doorward`` command: what the owner runs on their own computer.

Exit codes: 0 done, 1 something is wrong (``error:`` says what, ``hint:`` what to do), 2 the command line is.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import click

from device.errors import DeviceError
from provisioning.errors import ProvisioningError
from provisioning.printer import explain, help_text
from provisioning.streams import NotSaid, end_streams, open_streams


class _LateGroup(click.Group):
    """Commands, each of which is imported when it is asked for: nobody waits for what they did not call."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"provisioning.commands.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


COMMANDS: Final = {
    "demo": "Run a door on this computer.",
    "card": "Make a new door and its house card.",
    "install": "Put a door onto a Raspberry Pi, or update it.",
    "clips": "List, open, export and check clips.",
    "verify": "Verify a door's record and clips.",
    "grant": "Give a reader keys of older clips.",
    "readers": "See and change who belongs.",
    "replace-card": "Put a new card in the old one's place.",
    "new-card": "Make a card in the place of one that is lost.",
    "join": "Make this computer a reader of the household.",
    "settings": "See and change zones, masks, quiet hours, snooze and privacy.",
    "tune": "Show what the motion decision sees in recordings.",
    "page": "Save the page that opens clips without a door.",
    "ring": "Press the bell, on the Pi itself.",
    "doctor": "Look at everything of a door, on the Pi itself.",
    "reset": "Make a door forget everything.",
    "completion": "Teach a shell to complete all this with the Tab key.",
}
"""In the order in which people meet them."""


@click.group(
    cls=_LateGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="doorward", message="doorward %(version)s")
def doorward() -> None:
    """A doorbell camera that belongs to the household: make its card, watch it, open and verify its clips."""


def main() -> None:
    """Run the command line and exit."""
    open_streams()
    code = run(sys.argv[1:])
    try:
        end_streams()
    except BrokenPipeError:
        code = 1
    except NotSaid as error:
        if not code:  # else it was told what is wrong
            explain("error", str(error), error.hint)
            code = 1
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Return the exit code of one command line."""
    try:
        code = doorward.main(list(arguments), prog_name="doorward", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        help_text(error.format_message())
        return 2
    except click.UsageError as error:
        explain(
            "error",
            " ".join(error.format_message().split()),
            f"see {error.ctx.command_path if error.ctx else 'doorward'} --help",
        )
        return 2
    except (ProvisioningError, DeviceError) as error:
        explain("error", str(error), error.hint)
        return 1
    except OSError as error:
        explain("error", f"{error.filename or 'the system refused'}: {error.strerror or error}", "")
        return 1
    except (click.Abort, KeyboardInterrupt):
        explain("error", "stopped before it was done; nothing half-written is left", "")
        return 1
    return code if isinstance(code, int) else 0
