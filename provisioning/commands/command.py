"""The grammar that all commands share, kept by one class: examples in the help, files that are written, standard input.

Before a command runs, each file that it is to write is looked at, so that nobody waits an hour for a refusal. If one of them goes
to standard output, all words go to standard error.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from provisioning.commands.output import NoOutput, Output
from provisioning.streams import aside
from provisioning.texts import STDIN

F = TypeVar("F", bound=Callable[..., object])
_FORCE: Final = "replace a file that is there already"


class OutputType(click.ParamType[Output]):
    """A file to write, checked when all options are known."""

    name = "file"

    def __init__(self, *, is_text: bool) -> None:
        self.is_text = is_text

    def convert(
        self,
        value: str | Output,
        param: click.Parameter | None,  # noqa: ARG002 - click's signature
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Output:
        """Return the place."""
        return value if isinstance(value, Output) else Output(value, is_text=self.is_text)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return that a shell may complete names of files."""
        return [CompletionItem(incomplete, type="file")]


class Command(click.Command):
    """One command.

    Attributes:
        examples: command lines as people type them.
    """

    def __init__(self, name: str | None, *, examples: Sequence[str], **rest: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(name, **rest)
        self.examples = examples
        if self.outputs:
            self.params.append(click.Option(["--force"], is_flag=True, help=_FORCE))

    @property
    def outputs(self) -> list[click.Parameter]:
        """Its parameters that name a file to write."""
        return [param for param in self.params if isinstance(param.type, OutputType)]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the examples under the options."""
        with formatter.section("Examples" if len(self.examples) > 1 else "Example"):
            for example in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what a command returns
        """Run it, if its files can be written."""
        if sum(value == STDIN for value in ctx.params.values()) > 1:
            raise click.UsageError("only one of them can come from standard input", ctx)
        outputs = [value for value in ctx.params.values() if isinstance(value, Output)]
        if not self.outputs:
            return super().invoke(ctx)
        force = ctx.params.pop("force")
        _check_apart(outputs, [value for value in ctx.params.values() if isinstance(value, Path)])
        for output in outputs:
            output.check(force=force)
        with aside(on=any(output.is_stdout for output in outputs)):
            return super().invoke(ctx)


def _check_apart(outputs: Sequence[Output], inputs: Sequence[Path]) -> None:
    """Check that no file is to be written twice, or over one that is read."""
    written: set[str] = set()
    for output in outputs:
        place = "-" if output.is_stdout else os.path.realpath(output.name)
        if place in written:
            raise NoOutput(f"{output} cannot take two files", hint="name two")
        written.add(place)
        if any(path != STDIN and os.path.realpath(path) == place for path in inputs):
            raise NoOutput(
                f"{output} is read by this command, and is not replaced", hint="choose another name"
            )


def out_option(help_text: str, *, is_text: bool = False, required: bool = True) -> Callable[[F], F]:
    """Return the option ``-o``, which every command has that writes a file."""
    return click.option(
        "-o",
        "--out",
        required=required,
        metavar="FILE",
        type=OutputType(is_text=is_text),
        help=f"{help_text}; - for standard output",
    )


def also_option(name: str, help_text: str, *, required: bool = False) -> Callable[[F], F]:
    """Return the option for a second file, a text."""
    return click.option(
        f"--{name}", name, required=required, metavar="FILE", type=OutputType(is_text=True), help=help_text
    )


force_option = click.option("--force", is_flag=True, help=_FORCE)
"""For a command that names its files itself; all others have it of their own."""
