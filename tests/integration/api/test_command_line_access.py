"""People, keys and the audit log on the command line."""

from __future__ import annotations

import httpx
import pytest
from pymysql.cursors import DictCursor

from api.cli.audit import difference
from tests.integration.api.shell import CommandLine, cli, port, server

__all__ = ["cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server")


def sign_in(port: int, name: str, password: str) -> httpx.Response:
    return httpx.post(f"http://127.0.11.1:{port}/v1/sessions", auth=(name, password), trust_env=False)


def test_user_goes_through_its_life(cli: CommandLine, port: int) -> None:
    made = cli.json("user", "create", "bob", "--role", "operate")
    token = sign_in(port, "bob", made["password"]).json()["token"]
    assert [row["address"] for row in cli.json("user", "show", "bob")["sessions"]] == ["127.0.0.1"]
    assert cli.json("user", "sign-out", "bob")["ended"] == 1
    assert "session has ended" in cli.refusal("whoami", TURNPIKE_API_KEY=token)
    for none in ("tp_\u00e9", "tp_\n"):
        assert "TURNPIKE_API_KEY holds no key" in cli.refusal("whoami", TURNPIKE_API_KEY=none)
    assert cli.json("user", "change", "BOB", "--role", "administer")["role"] == "administer"
    assert cli.json("user", "disable", made["id"])["enabled"] is False
    assert sign_in(port, "bob", made["password"]).status_code == 401
    assert cli.json("user", "enable", "bob")["enabled"] is True
    new = cli.json("user", "reset-password", "bob")["password"]
    assert sign_in(port, "bob", new).status_code == 201
    assert "bob" in [row["name"] for row in cli.json("user", "list", "--role", "administer", "--enabled")]
    assert "bob" not in [row["name"] for row in cli.json("user", "list", "--disabled")]
    assert cli.json("user", "delete", "bob") == {"id": made["id"], "name": "bob"}
    assert "There is no user bob" in cli.refusal("user", "show", "bob")


def test_user_is_bound_to_a_tenant_and_unbound(cli: CommandLine) -> None:
    cli.json("tenant", "create", "shell-2", "--name", "x")
    assert cli.json("user", "create", "eve", "--role", "read", "--tenant", "shell-2")["tenant"] == "shell-2"
    assert "sees all tenants" in cli.refusal("user", "change", "eve", "--role", "administer")
    assert [row["name"] for row in cli.json("user", "list", "--tenant", "shell-2")] == ["eve"]
    assert cli.json("user", "change", "eve", "--tenant", "")["tenant"] is None
    cli.json("user", "delete", "eve")


def test_people_see_tables(cli: CommandLine, port: int) -> None:
    made = cli.json("user", "create", "tina", "--role", "read")
    assert "signed in nowhere" in cli.run("user", "show", "tina").stderr
    sign_in(port, "tina", made["password"])
    assert "127.0.0.1" in cli.run("user", "show", "tina").stdout
    assert "signed in at" in cli.run("user", "list").stdout.splitlines()[0]
    cli.json("user", "delete", "tina")


@pytest.mark.parametrize(
    ("expires", "day"),
    [("2126-01-31", "2126-01-31T00:00:00.000Z"), ("2126-01-31T10:00+02:00", "2126-01-31T08:00:00.000Z")],
)
def test_key_has_scope_tenant_and_end(cli: CommandLine, expires: str, day: str) -> None:
    cli.run("tenant", "create", "shell-3", "--name", "x")
    made = cli.json("key", "create", "--label", "x", "--scope", "read", "--tenant", "shell-3", "--expires", expires)
    assert (made["scope"], made["tenant"], made["expires_at"]) == ("read", "shell-3", day)
    who = cli.run("whoami", "--json", TURNPIKE_API_KEY=made["key"]).stdout
    assert made["id"] in who
    header, *rows = cli.run("key", "list").stdout.splitlines()
    assert all(name in header for name in ("prefix", "scope", "tenant", "expires at", "last used at"))
    assert [row for row in rows if made["id"] in row and "shell-3" in row and "2126-01-31" in row]


def test_key_ends_after_days(cli: CommandLine, root: DictCursor) -> None:
    made = cli.json("key", "create", "--label", "x", "--scope", "read", "--expires", "90d")
    root.execute("SELECT DATEDIFF(expires_at, created_at) AS days FROM api_key WHERE id = %s", (made["id"],))
    assert root.fetchone() == {"days": 90}
    assert "such as 2026-01-31" in cli.refusal("key", "create", "--label", "x", "--expires", "soon")
    assert "has passed" in cli.refusal("key", "create", "--label", "x", "--expires", "0d")


def test_audit_log_says_what_differs_in_one_line(cli: CommandLine) -> None:
    made = cli.json("tenant", "create", "shell-4", "--name", "Before")
    cli.json("tenant", "change", "shell-4", "--name", "After [bold]")
    header, changed, created = cli.run(
        "audit", "list", "--entity", "tenant", "--entity-id", "shell-4"
    ).stdout.splitlines()
    assert header.split()[:3] == ["at", "actor", "address"]
    assert changed.rstrip().endswith("name: Before → After [bold]")
    assert "first administrator" in changed
    assert "name: Before" in created
    assert "→" not in created
    entries = cli.json("audit", "list", "--tenant", "shell-4", "--action", "create", "--since", made["created_at"])
    assert [row["after"]["name"] for row in entries] == ["Before"]
    assert cli.json("audit", "list", "--actor", "nobody-1") == []


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({"a": 1, "b": None}, {"a": 1, "b": "x"}, "b: - → x"),
        ({"enabled": True, "updated_at": 1}, {"enabled": False, "updated_at": 2}, "enabled: yes → no"),
        (None, {"id": "x-1", "label": "L", "tenant": None, "created_at": 1}, "label: L"),
        ({"id": "x-1", "label": "L"}, None, "label: L"),
        (None, None, ""),
    ],
)
def test_difference(before: dict[str, object] | None, after: dict[str, object] | None, line: str) -> None:
    assert difference(before, after, "x-1") == line
