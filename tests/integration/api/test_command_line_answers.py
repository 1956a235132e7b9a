"""What the command line does when an answer is lost, or somebody was faster."""

from __future__ import annotations

import click
import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.cli.client import Client
from tests.integration.api.relay import forgetful, url
from tests.integration.api.shell import CommandLine, cli, port, server

__all__ = ["cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server")


def test_what_was_made_although_the_answer_was_lost_is_made_once(cli: CommandLine, port: int, root: DictCursor) -> None:
    with forgetful(port) as relay:
        done = cli.run("tenant", "create", "shell-5", "--name", "x", TURNPIKE_API_URL=url(relay))
    assert done.exit_code == 0, done.output
    (first, second) = relay.passed
    assert first == second
    assert first[1] is not None
    root.execute("SELECT COUNT(*) AS n FROM audit WHERE entity_id = 'shell-5'")
    assert root.fetchone() == {"n": 1}


def test_a_password_that_was_lost_is_told_how_to_get(cli: CommandLine, port: int) -> None:
    with forgetful(port) as relay:
        line = cli.refusal("user", "create", "lost", "--role", "read", TURNPIKE_API_URL=url(relay))
    assert "cannot be told again" in line
    assert "another password for lost" in line
    cli.json("user", "delete", "lost")


def test_an_answer_that_is_lost_twice_is_one_line(cli: CommandLine, port: int) -> None:
    with forgetful(port, lose=2) as relay:
        assert "broke off" in cli.refusal("tenant", "create", "shell-6", "--name", "x", TURNPIKE_API_URL=url(relay))
    assert len(relay.passed) == 2


def test_what_is_no_creation_is_not_sent_again(cli: CommandLine, port: int) -> None:
    with forgetful(port) as relay:
        assert "broke off" in cli.refusal("tenant", "delete", "never", TURNPIKE_API_URL=url(relay))
    assert len(relay.passed) == 1


def test_each_creation_has_a_key_of_its_own(cli: CommandLine, port: int) -> None:
    with forgetful(port, lose=0) as relay:
        for _ in range(2):
            cli.run("credential", "create", "--label", "x", TURNPIKE_API_URL=url(relay))
    assert len({key for _, key, _ in relay.passed}) == 2


def test_what_was_read_is_changed_only_as_it_was_read(
    client: FlaskClient, admin_key: str, port: int, cli: CommandLine
) -> None:
    made = cli.json("user", "create", "race", "--role", "read")
    path = f"users/{made['id']}"
    shell = Client(f"http://127.0.11.1:{port}", admin_key)
    shell.read(path)
    client.patch(f"/v1/{path}", json={"enabled": False})
    for act in (lambda: shell.patch(path, {"role": "operate"}), lambda: shell.delete(path)):
        with pytest.raises(click.ClickException, match="changed after you read it"):
            act()
    shell.read(path)
    assert shell.patch(path, {"role": "operate"})["enabled"] is False


def test_commands_that_read_first_say_what_they_have_read(cli: CommandLine, port: int) -> None:
    cli.json("user", "create", "seen", "--role", "read")
    with forgetful(port, lose=0) as relay:
        cli.run("user", "disable", "seen", TURNPIKE_API_URL=url(relay))
        cli.run("user", "delete", "seen", TURNPIKE_API_URL=url(relay))
    changes = [(method, tag) for method, _, tag in relay.passed if method != "GET"]
    assert [method for method, _ in changes] == ["PATCH", "DELETE"]
    assert all(tag for _, tag in changes)
