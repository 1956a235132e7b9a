"""C5: calls in progress go on unless the administrator asks for them to be ended."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.calls import Call, Row, agent, call
from tests.integration.api.test_bad_input import problem

__all__ = ["agent", "call"]


def disable(client: FlaskClient, path: str, **how: Any) -> Any:
    return client.patch(path, json={"enabled": False} | how)


def rotate(client: FlaskClient, path: str, **how: Any) -> Any:
    return client.post(f"{path}/rotate", json=how)


def delete(client: FlaskClient, path: str, **how: Any) -> Any:
    return client.delete(path, query_string={name: str(value).lower() for name, value in how.items()})


def changes(root: DictCursor, last: int, count: int) -> list[tuple[str, str, str]]:
    root.execute(
        "SELECT entity, entity_id, data FROM change_log WHERE n > %s AND n <= %s ORDER BY n", (last - count, last)
    )
    return [(row["entity"], row["entity_id"], row["data"]) for row in root.fetchall()]


@pytest.mark.usefixtures("regions")
@pytest.mark.parametrize("act", [disable, rotate, delete])
def test_C5_calls_of_the_credential_are_ended_when_that_is_asked_for(
    client: FlaskClient, credential: Row, call: Call, root: DictCursor, act: Any
) -> None:
    mine: Row = {"credential": credential["id"], "username": credential["username"]}
    call("c-1", ended=None, **mine)
    call("c-2", ended=None, answered=None, direction="inbound", region="se1", **mine)
    call("c-over", **mine)
    call("c-other", ended=None)
    began = time.time() * 1000
    answer = act(client, f"/v1/credentials/{credential['id']}", end_calls=True).get_json()
    assert (answer["ending_calls"], answer["pending_regions"]) == (2, [])
    (own, *ends) = changes(root, answer["change"], 3)
    assert own == ("credential", credential["id"], f'{{"username": "{credential["username"]}"}}')
    assert [(entity, username) for entity, username, _ in ends] == [("calls_of", credential["username"])] * 2
    facts = [json.loads(data) for _, _, data in ends]
    assert [each["region"] for each in facts] == ["nw1", "se1"]
    assert all(began < int(each["before"]) <= time.time() * 1000 + 1000 for each in facts)


@pytest.mark.usefixtures("regions")
@pytest.mark.parametrize("how", [{}, {"end_calls": False}])
@pytest.mark.parametrize("act", [disable, rotate, delete])
def test_C5_calls_go_on_otherwise(
    client: FlaskClient, credential: Row, call: Call, root: DictCursor, act: Any, how: Row
) -> None:
    call("c-1", ended=None, credential=credential["id"], username=credential["username"])
    answer = act(client, f"/v1/credentials/{credential['id']}", **how).get_json()
    assert answer["ending_calls"] == 0
    assert [entity for entity, _, _ in changes(root, answer["change"], 1)] == ["credential"]


@pytest.mark.parametrize("body", [{"enabled": True, "end_calls": True}, {"label": "x", "end_calls": True}])
def test_calls_are_ended_with_disabling_only(client: FlaskClient, credential: Row, body: Row) -> None:
    document = problem(client.patch(f"/v1/credentials/{credential['id']}", json=body), 422)
    assert document["errors"][0]["field"] == "end_calls"


@pytest.mark.parametrize("act", [disable, rotate, delete])
def test_perhaps_is_no_answer(client: FlaskClient, credential: Row, act: Any) -> None:
    path = f"/v1/credentials/{credential['id']}"
    assert problem(act(client, path, end_calls="perhaps"), 422)["errors"][0]["field"] == "end_calls"
    assert client.get(path).get_json()["enabled"] is True


def test_nothing_but_end_calls_is_no_change(client: FlaskClient, credential: Row) -> None:
    problem(client.patch(f"/v1/credentials/{credential['id']}", json={"end_calls": False}), 422)
