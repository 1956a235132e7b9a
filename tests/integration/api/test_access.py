"""Every route for everybody: what each scope may do, and that who is bound to a tenant sees that tenant's only."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor
from werkzeug.test import TestResponse

from tests.integration.api.route_table import OPEN, OPERATE, READ, ROUTES, SCOPES, Route
from tests.integration.api.worlds import Row, World, build, clear, with_key

OF_A_TENANT: Final = [route for route in ROUTES if route.tenants and "{" in route.path]
ONE: Final = re.compile(r"\{\w+\}|none|911|999|ua-0001|nw1")
LISTS: Final = [route for route in ROUTES if route.tenants and route.method == "GET" and not ONE.search(route.path)]


_names = itertools.count(1)


def send(client: FlaskClient, route: Route, world: World) -> TestResponse:
    content: Row = {"json": route.body}
    if isinstance(route.body, bytes):
        content = {"data": route.body, "content_type": "text/csv"}
    elif route.body is None:
        content = {}
    return client.open(world.path(route.path), method=route.method, **content)


@pytest.fixture(autouse=True)
def _regions_as_before(root: DictCursor) -> Iterator[None]:
    yield
    root.execute("DELETE FROM region WHERE name NOT IN ('nw1', 'se1')")
    root.execute("UPDATE region SET configuration = NULL, configuration_digest = NULL, dead_cores = NULL")


@pytest.fixture
def home(client: FlaskClient, root: DictCursor) -> Iterator[World]:
    """The tenant that keys are bound to."""
    name = next(_names)
    yield build(client, root, f"home-{name}", f"{name:04}")
    clear(root)


@pytest.fixture
def abroad(client: FlaskClient, root: DictCursor) -> World:
    """Another tenant."""
    name = next(_names)
    return build(client, root, f"abroad-{name}", f"{name:04}")


def test_the_table_has_every_route(app: Flask) -> None:
    served = {
        (method, re.sub(r"<\w+>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(route.method, ONE.sub("{}", route.path.partition("?")[0])) for route in ROUTES} | OPEN == served


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_nobody_may_do_anything(anonymous: FlaskClient, home: World, route: Route) -> None:
    assert send(anonymous, route, home).status_code == 401


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_key_may_do_what_its_scope_says(app: Flask, root: DictCursor, home: World, route: Route, scope: str) -> None:
    answer = send(with_key(app, root, scope, None), route, home)
    if SCOPES.index(scope) < SCOPES.index(route.scope):
        assert (answer.status_code, answer.get_json()["type"][-15:]) == (403, "scope-too-small")
    else:
        assert answer.status_code < 500
        assert answer.status_code not in (401, 403)


@pytest.mark.parametrize("scope", [READ, OPERATE])
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_tenants_key_may_do_less(app: Flask, root: DictCursor, home: World, route: Route, scope: str) -> None:
    answer = send(with_key(app, root, scope, home.tenant), route, home)
    if route.tenants and SCOPES.index(scope) >= SCOPES.index(route.scope):
        there = 404 if route.path.endswith("/none") else 200
        assert answer.status_code in (there, 201, 409), answer.text
    else:
        assert answer.status_code == 403


@pytest.mark.parametrize("route", OF_A_TENANT, ids=str)
def test_what_is_another_tenants_is_not_there(
    app: Flask, root: DictCursor, home: World, abroad: World, route: Route
) -> None:
    """Neither seen nor touched; the answer is that for something that never was."""
    key = with_key(app, root, OPERATE, home.tenant)
    theirs = send(key, route, abroad)
    assert theirs.status_code == 404
    never = World("never", {kind: {"id": "+14157770000" if kind == "number" else "none"} for kind in abroad.things})
    kind = route.path.split("{")[1].split("}")[0]
    told = theirs.text.replace(str(abroad.things[kind]["id"]), str(never.things[kind]["id"]))
    assert told == send(key, route, never).text
    if route.method != "GET":
        root.execute(
            "SELECT COUNT(*) AS n FROM audit WHERE entity_id = %s AND action <> 'create'", (abroad.things[kind]["id"],)
        )
        assert root.fetchone() == {"n": 0}


EVERYBODYS: Final = tuple(
    f"/v1/{name}" for name in ("regions", "domains", "emergency-numbers", "user-agents", "pbxs", "limits")
)


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_lists_show_the_own_tenants_only(
    app: Flask, root: DictCursor, home: World, abroad: World, route: Route
) -> None:
    answer = with_key(app, root, READ, home.tenant).get(route.path)
    assert answer.status_code == 200
    assert not [mark for mark in abroad.marks() if mark in answer.text]
    if route.path not in EVERYBODYS:
        assert [mark for mark in home.marks() if mark in answer.text]


FILTERS: Final = (
    ("credentials", "username={username}"),
    ("credentials", "tenant={tenant}"),
    ("credentials", "label={tenant}"),
    ("numbers", "credential={credential}"),
    ("numbers", "tenant={tenant}"),
    ("numbers", "prefix={digits}"),
    ("bindings", "credential={credential}"),
    ("events", "credential={username}"),
    ("blocks", "credential={username}"),
    ("calls", "credential={credential}"),
    ("calls", "tenant={tenant}"),
    ("cdrs", "credential={username}"),
    ("cdrs", "tenant={tenant}"),
    ("usage", "tenant={tenant}"),
)


@pytest.mark.parametrize(("path", "query"), FILTERS)
def test_filters_find_nothing_of_another_tenant(
    app: Flask, root: DictCursor, home: World, abroad: World, path: str, query: str
) -> None:
    credential = abroad.things["credential"]
    digits = str(abroad.things["number"]["id"]).lstrip("+")
    names = {"tenant": abroad.tenant, "username": credential["username"], "credential": credential["id"]}
    answer = with_key(app, root, READ, home.tenant).get(f"/v1/{path}?{query.format(digits=digits, **names)}")
    found = [] if path == "usage" else answer.get_json()["items"]
    assert (answer.status_code, found) == (200, [])
    assert not [mark for mark in abroad.marks() if mark in answer.text]


def test_regions_do_not_tell_how_many_others_there_are(app: Flask, root: DictCursor, home: World) -> None:
    root.execute("UPDATE region SET credentials = 7, bindings = 7, calls = 7, channels = 7, configuration = 7")
    root.execute("""UPDATE region SET configuration_digest = REPEAT('7', 64), dead_cores = '["192.0.2.7:5060"]'""")
    key = with_key(app, root, READ, home.tenant)
    for region in (*key.get("/v1/regions").get_json()["items"], key.get("/v1/regions/nw1").get_json()):
        assert region["credentials"] is region["bindings"] is region["calls"] is region["channels"] is None
        assert region["calls_per_second"] is None
        assert region["configuration"] is region["configuration_digest"] is region["dead_cores"] is None


def test_what_a_tenants_key_makes_is_that_tenants(app: Flask, root: DictCursor, home: World, abroad: World) -> None:
    key = with_key(app, root, OPERATE, home.tenant)
    assert key.post("/v1/credentials", json={"label": "x"}).get_json()["tenant"] == home.tenant
    named = key.post("/v1/credentials", json={"label": "x", "tenant": home.tenant.upper()})
    assert named.get_json()["tenant"] == home.tenant
    theirs = key.post("/v1/credentials", json={"label": "x", "tenant": abroad.tenant})
    never = key.post("/v1/credentials", json={"label": "x", "tenant": "never"})
    assert theirs.status_code == never.status_code == 409
    assert theirs.text == never.text.replace("never", abroad.tenant)


@pytest.mark.parametrize("kind", ["credential", "number"])
def test_what_is_a_tenants_cannot_be_given_away_by_its_key(
    app: Flask, root: DictCursor, home: World, abroad: World, kind: str
) -> None:
    key = with_key(app, root, OPERATE, home.tenant)
    path = home.path(f"/v1/{kind}s/{{{kind}}}")
    assert key.patch(path, json={"tenant": None}).status_code == 403
    assert key.patch(path, json={"tenant": abroad.tenant}).status_code == 409
    assert key.patch(path, json={"tenant": home.tenant}).status_code == 200


def test_a_number_cannot_be_routed_to_another_tenants_pbx(
    app: Flask, root: DictCursor, home: World, abroad: World
) -> None:
    key = with_key(app, root, OPERATE, home.tenant)
    path = home.path("/v1/numbers/{number}")
    for name in ("id", "username"):
        theirs = key.patch(path, json={"credential": abroad.things["credential"][name]})
        assert theirs.status_code == 409
        assert theirs.get_json()["type"].endswith("unknown-credential")


def test_T3_a_credential_that_the_carrier_routes_a_number_to_stays_and_the_number_is_not_named(
    app: Flask, client: FlaskClient, root: DictCursor, home: World, abroad: World
) -> None:
    key = with_key(app, root, OPERATE, home.tenant)
    key.patch(home.path("/v1/numbers/{number}"), json={"credential": None})
    mine = {"credential": home.things["credential"]["id"]}
    client.patch(abroad.path("/v1/numbers/{number}"), json=mine)
    refused = key.delete(home.path("/v1/credentials/{credential}"))
    assert (refused.status_code, refused.get_json()["used_by"]) == (409, [])
    assert not [mark for mark in abroad.marks() if mark in refused.text]
