"""A diagnosis over HTTP: who may see what."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.worlds import World, build, clear, with_key

OWN: Final = "diagnosed"
OTHER: Final = "neighbour"
DIGITS: Final = itertools.count(8801)


@pytest.fixture
def worlds(client: FlaskClient, root: DictCursor) -> Iterator[tuple[World, World]]:
    """The other's number rings our PBX too."""
    own, other = build(client, root, OWN, f"{next(DIGITS)}"), build(client, root, OTHER, f"{next(DIGITS)}")
    client.patch(other.path("/v1/numbers/{number}"), json={"credential": own.things["credential"]["id"]})
    yield own, other
    clear(root)
    for world in (own, other):
        client.delete(world.path("/v1/numbers/{number}"))
        client.delete(world.path("/v1/credentials/{credential}"))


PATH = "/v1/credentials/{credential}/diagnosis"


@pytest.mark.usefixtures("regions")
def test_a_tenant_learns_nothing_of_others(
    app: Flask, client: FlaskClient, root: DictCursor, worlds: tuple[World, World]
) -> None:
    own, other = worlds
    core = {"region": "nw1", "address": "192.0.2.231", "port": 5099}
    made = client.post("/v1/cores", json=core).get_json()["id"]
    root.execute("UPDATE region SET dead_cores = '[\"192.0.2.231:5099\"]' WHERE name = 'nw1'")
    bound = with_key(app, root, "read", OWN)
    answer = bound.get(own.path(PATH))
    assert answer.status_code == 200
    for mark in (*other.marks(), "192.0.2.231", "5099", str(other.things["number"]["id"])):
        assert mark not in answer.text
    assert answer.get_json()["numbers"]["routed_count"] == 1
    everything = client.get(own.path(PATH))
    assert "192.0.2.231:5099" in everything.text
    assert everything.get_json()["numbers"]["routed_count"] == 2
    root.execute("UPDATE region SET dead_cores = NULL")
    client.delete(f"/v1/cores/{made}")


def test_anothers_credential_is_as_unknown_as_one_that_never_was(
    app: Flask, root: DictCursor, worlds: tuple[World, World]
) -> None:
    _, other = worlds
    bound = with_key(app, root, "read", OWN)
    answers = [bound.get(path) for path in (other.path(PATH), "/v1/credentials/cr-none/diagnosis")]
    assert [answer.status_code for answer in answers] == [404, 404]
    details = [answer.get_json()["detail"] for answer in answers]
    assert details[0].replace(other.things["credential"]["id"], "cr-none") == details[1]


@pytest.mark.usefixtures("regions")
def test_what_a_stranger_sent_is_shown_without_control_characters(
    client: FlaskClient, root: DictCursor, worlds: tuple[World, World]
) -> None:
    own, _ = worlds
    root.execute("UPDATE event SET user_agent = %s, rule = 'R2', cause = 'password'", ("evil\x1b[31m" + "x" * 200,))
    root.execute("UPDATE binding SET contact = %s", ("sip:\x1b]0;x\x07@10.0.0.9",))
    answer = client.get(own.path(PATH)).get_json()
    for text in (answer["pbx"]["user_agent"], answer["regions"][0]["registration"]["contact"]):
        assert text.isprintable()
        assert len(text) <= 80


UNANSWERED: Final = (
    "INSERT INTO cdr (id, region, direction, credential, tenant, started_at, ended_at, code)"
    " VALUES (%s, 'nw1', 'inbound', %s, %s, UTC_TIMESTAMP(3) - INTERVAL %s MINUTE, UTC_TIMESTAMP(3), 408)"
)


@pytest.mark.usefixtures("regions")
def test_calls_that_the_pbx_left_unanswered(
    app: Flask, client: FlaskClient, root: DictCursor, worlds: tuple[World, World]
) -> None:
    """Those of now, not those that went to an earlier registration; a tenant's own numbers'."""
    own, other = worlds
    credential = own.things["credential"]["id"]
    bound = with_key(app, root, "read", OWN)

    def found(asking: FlaskClient) -> bool:
        return "no_answer" in [each["code"] for each in asking.get(own.path(PATH)).get_json()["findings"]]

    root.execute("DELETE FROM cdr")
    root.execute("UPDATE region SET heartbeat_at = UTC_TIMESTAMP(3), gateway_at = UTC_TIMESTAMP(3)")
    for name in "ab":
        root.execute(UNANSWERED, (name, credential, other.tenant, 5))
    assert not found(client)
    root.execute("UPDATE binding SET since = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR")
    assert found(client)
    assert not found(bound)
    root.execute("UPDATE cdr SET tenant = %s", (own.tenant,))
    assert found(bound)
