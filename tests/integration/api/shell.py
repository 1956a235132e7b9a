"""The command line against the API under its production server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from api.cli.commands import main
from api.settings import ROOT, Settings
from tests.integration.api.server import wait_until


def environment(settings: Settings, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TURNPIKE_")}
    return clean | {"TURNPIKE_VAR": str(settings.home)} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.11.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The API's main process under gunicorn, which has one worker."""
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.11.1:{port}", "-k", "gthread", "--threads", "4"]
    with subprocess.Popen(
        [*command, "--no-control-socket", "api.wsgi:application()"], cwd=ROOT, env=environment(settings)
    ) as process:
        try:
            wait_until(lambda: answers(port), what="the API under gunicorn")
            yield process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def server(settings: Settings, port: int) -> Iterator[None]:
    with serving(settings, port):
        yield


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.11.1:{port}/v1/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


class CommandLine:
    """Runs `turnpike` commands on the instance."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._variables = {"TURNPIKE_VAR": str(settings.home), "TURNPIKE_API_URL": url, "TURNPIKE_API_KEY": None}

    def run(self, *arguments: str, **variables: str) -> Result:
        return CliRunner().invoke(main, arguments, env={**self._variables, **variables})

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    def refusal(self, *arguments: str, **variables: str) -> str:
        """The one line of a command that fails."""
        done = self.run(*arguments, **variables)
        assert done.exit_code == 1, done.output
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr


@pytest.fixture(scope="module")
def cli(settings: Settings, port: int) -> CommandLine:
    return CommandLine(settings, f"http://127.0.11.1:{port}")
