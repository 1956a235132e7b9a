"""`precommit` and `test`: everything that says whether the code is good."""

from __future__ import annotations

import subprocess
import sys
from typing import Final, NoReturn

import click

from api.settings import ROOT

CODE: Final = ("api", "kemi", "tests")
TYPED: Final = ("api", "kemi")
CLIENTS: Final = "clients"
AT_ONCE: Final = ("--numprocesses=2", "--no-loadscope-reorder")
"""Most tests wait for a clock: two processes wait at the same time."""


def commands() -> list[click.Command]:
    """What this module adds to the command line."""
    return [precommit, test]


@click.command()
def precommit() -> None:
    """Check style, types and the unit tests, in seconds; what pre-commit calls."""
    _finish(_faults(), _run(["pytest", "--quiet", "tests/unit"]))


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--long", "long_too", is_flag=True, help="Also the tests that take long.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARGUMENTS]")
def test(long_too: bool, arguments: tuple[str, ...]) -> None:
    """Check style, types and behaviour. With arguments for pytest, only what they choose.

    `test clients` fetches a newer Debian's PBXs (350 MB, once) and tests with them; it is no part of any other test.
    """
    if arguments[:1] == (CLIENTS,):
        _test_clients([*(["--long"] if long_too else []), *arguments[1:]])
    faults = [] if arguments else _faults()
    options = ["--long"] if long_too else [] if arguments else AT_ONCE
    _finish(faults, _run(["pytest", *options, *arguments]))


def _test_clients(arguments: list[str]) -> NoReturn:
    missing = _run(["tests.clients.distribution"])
    sys.exit(missing or _run(["pytest", "tests/clients", *arguments]))


def _faults() -> list[str]:
    """The tools that found something to complain about."""
    packages = [argument for name in TYPED for argument in ("-p", name)]
    tools = [["ruff", "check", *CODE], ["ruff", "format", "--check", *CODE], ["mypy", "--strict", *packages]]
    return [" ".join(tool[:2]) for tool in tools if _run(tool)]


def _finish(faults: list[str], tests: int) -> None:
    if faults:
        raise click.ClickException(f"{', '.join(faults)}: see above")
    sys.exit(tests)


def _run(command: list[str]) -> int:
    """`command` is a module of the virtual environment and its arguments; returns its exit status."""
    click.echo(f"== {' '.join(command)}", err=True)
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode  # noqa: S603
