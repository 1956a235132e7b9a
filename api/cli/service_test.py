"""`test`: everything that says whether the code is good."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import click

from api.settings import ROOT

CODE: Final = ("api", "kemi", "tests")
TYPED: Final = ("api", "kemi")


def commands() -> list[click.Command]:
    """What this module adds to the command line."""
    return [test]


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--long", "long_too", is_flag=True, help="Also the tests that take long.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARGUMENTS]")
def test(long_too: bool, arguments: tuple[str, ...]) -> None:
    """Check style, types and behaviour. With arguments for pytest, only what they choose."""
    checks = [] if arguments else _static()
    marks = [] if long_too else ["-m", "not long"]
    failed = [command[0] for command in checks if _run(command)]
    tests = _run(["pytest", *marks, *arguments])
    if failed:
        raise click.ClickException(f"{', '.join(failed)} found faults; see above")
    sys.exit(tests)


def _static() -> list[list[str]]:
    packages = [argument for name in TYPED for argument in ("-p", name)]
    return [["ruff", "check", *CODE], ["ruff", "format", "--check", *CODE], ["mypy", "--strict", *packages]]


def _run(command: list[str]) -> int:
    """`command` is a module of the virtual environment and its arguments; returns its exit status."""
    click.echo(f"== {' '.join(command)}", err=True)
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode  # noqa: S603
