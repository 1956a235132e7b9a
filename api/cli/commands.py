"""All commands, and what becomes of their failures."""

from __future__ import annotations

from typing import Any

import click

from api.cli import applying, configurations, resources, service, service_test
from api.cli.demo import demo
from api.rendering import TemplateError
from api.service.checks import CannotStartError
from api.service.compiling import CompilationError
from api.service.enrolment import EnrolmentError
from api.service.mariadb import InstallError
from api.service.parts import MissingProgramError
from api.service.regions import ConfigurationError
from api.settings import SettingsError

FAILURES = (
    CannotStartError,
    CompilationError,
    EnrolmentError,
    InstallError,
    MissingProgramError,
    ConfigurationError,
    TemplateError,
)


class WrongSetting(click.ClickException):
    """A setting that cannot be used."""

    exit_code = 2


class Commands(click.Group):
    """Turns what a person can put right into one line, with exit status 2 for a wrong setting, and 1 else."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (SettingsError, *FAILURES) as error:
            kind = WrongSetting if isinstance(error, SettingsError) else click.ClickException
            raise kind(" ".join(str(error).split())) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Turnpike: SIP registration for PBXs that have no fixed address."""


applied = (*configurations.commands(), *applying.commands())
for command in (*service.commands(), *service_test.commands(), demo, *resources.commands(), *applied):
    main.add_command(command)
