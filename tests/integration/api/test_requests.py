"""What every request meets: limits on how often, a name for it, and no secret in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.limits import RateSettings
from api.settings import Settings
from tests.integration.api.server import running_app
from tests.integration.api.test_bad_input import problem


@pytest.fixture
def slow(settings: Settings) -> Iterator[Flask]:
    """An application that serves few requests a minute."""
    with running_app(settings.model_copy(update={"rates": RateSettings(requests=5, strangers=3)})) as app:
        yield app


def asked(app: Flask, key: str | None, times: int, address: str = "192.0.2.1") -> list[int]:
    client = app.test_client()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    environ = {"REMOTE_ADDR": address}
    return [client.get("/v1/regions", headers=headers, environ_base=environ).status_code for _ in range(times)]


def test_too_many_requests_of_a_key_are_told_when_to_come_again(slow: Flask, admin_key: str) -> None:
    found = asked(slow, admin_key, 12)  # the minute may turn once
    assert found[:5] == [200] * 5
    assert 429 in found
    client = slow.test_client()
    answer = client.get("/v1/regions", headers={"Authorization": f"Bearer {admin_key}"})
    if answer.status_code == 429:
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert f"in {answer.headers['Retry-After']} seconds" in problem(answer, 429)["detail"]


def test_guesses_are_counted_by_where_they_come_from(slow: Flask, admin_key: str) -> None:
    assert 429 in asked(slow, "tp_guess", 8)
    assert asked(slow, "tp_guess", 1, "192.0.2.2") == [401]
    assert asked(slow, admin_key, 1) == [200], "guesses do not stand in the way of a key"


def test_whether_the_api_works_can_always_be_asked(slow: Flask) -> None:
    assert {slow.test_client().get("/v1/health").status_code for _ in range(12)} == {200}


def test_every_answer_names_its_request(client: FlaskClient, anonymous: FlaskClient) -> None:
    first, second = client.get("/v1/regions"), client.get("/v1/regions")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert client.get("/v1/none").headers["X-Request-ID"]
    assert anonymous.get("/v1/regions").headers["X-Request-ID"]
    named = client.get("/v1/regions", headers={"X-Request-ID": "ticket-12"})
    assert named.headers["X-Request-ID"] == "ticket-12"


@pytest.mark.parametrize("wrong", ["x" * 65, "a b", "a;b", ""])
def test_a_name_that_cannot_be_used_is_replaced(client: FlaskClient, wrong: str) -> None:
    assert client.get("/v1/regions", headers={"X-Request-ID": wrong}).headers["X-Request-ID"] not in ("", wrong)


def test_a_fault_is_logged_under_the_requests_name(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    view = app.view_functions["regions.list_regions"]

    def broken() -> str:
        raise RuntimeError

    app.view_functions["regions.list_regions"] = broken
    try:
        with caplog.at_level(logging.ERROR):
            answer = client.get("/v1/regions")
    finally:
        app.view_functions["regions.list_regions"] = view
    assert problem(answer, 500)["detail"].endswith("X-Request-ID.")
    assert answer.headers["X-Request-ID"] in caplog.text


@pytest.mark.parametrize(
    ("named", "address"),
    [
        ("unknown", ""),
        ("x" * 60, ""),
        ("203.0.113.\u00b2", ""),
        ("fe80::1%" + "x" * 60, "fe80::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_what_a_proxy_names_may_be_no_address(settings: Settings, admin_key: str, named: str, address: str) -> None:
    with running_app(settings.model_copy(update={"proxies": 1})) as app:
        client = app.test_client()
        client.environ_base["HTTP_X_FORWARDED_FOR"] = named.encode().decode("latin-1")
        assert client.post("/v1/sessions", auth=("nobody", "x")).status_code == 401
        headers = {"Authorization": f"Bearer {admin_key}"}
        (entry,) = client.get("/v1/audit?limit=1", headers=headers).get_json()["items"]
        assert (entry["action"], entry["address"]) == ("sign-in-refused", address)


def test_proxies_that_are_named_are_believed_and_no_others(settings: Settings, admin_key: str) -> None:
    headers = {"Authorization": f"Bearer {admin_key}", "X-Forwarded-For": "203.0.113.7"}
    for proxies, address in ((0, "127.0.0.1"), (1, "203.0.113.7")):
        with running_app(settings.model_copy(update={"proxies": proxies})) as app:
            client = app.test_client()
            made = client.post("/v1/credentials", json={"label": "x"}, headers=headers).get_json()
            found = client.get(f"/v1/audit?entity_id={made['id']}", headers=headers).get_json()["items"]
            assert [entry["address"] for entry in found] == [address]
