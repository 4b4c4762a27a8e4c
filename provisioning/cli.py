"""The ``doorward`` command: what the owner runs on their own computer.

Exit codes: 0 done, 1 something is wrong (``error:`` says what, ``hint:`` what to do), 2 the command line is.
"""

import sys
from collections.abc import Sequence

import click

from device.errors import DeviceError
from provisioning.commands.card import card
from provisioning.commands.clips import clips
from provisioning.commands.demo import demo
from provisioning.commands.grant import grant
from provisioning.commands.join import join
from provisioning.commands.new_card import new_card
from provisioning.commands.page import page
from provisioning.commands.readers import readers
from provisioning.commands.replace_card import replace_card
from provisioning.commands.reset import reset
from provisioning.commands.settings import settings
from provisioning.commands.tune import tune
from provisioning.commands.verify import verify
from provisioning.errors import ProvisioningError
from provisioning.printer import explain, help_text


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="doorward", message="doorward %(version)s")
def doorward() -> None:
    """A doorbell camera that belongs to the household: make its card, watch it, open and verify its clips."""


_COMMANDS = (
    demo, card, clips, verify, grant, readers, replace_card, new_card, join, settings, tune, page, reset,
)  # fmt: skip  # in the order in which people meet them
for command in _COMMANDS:
    doorward.add_command(command)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


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
