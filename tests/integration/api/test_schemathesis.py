"""Nothing that schemathesis makes of the OpenAPI document gets a server error or an answer that is not documented."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest
from flask import Flask, Response, jsonify
from pymysql.cursors import DictCursor

from api.first_start import prepare
from api.keys.store import add_key
from api.passwords import new_api_key
from api.settings import Settings
from tests.integration.api.conftest import RATES, REGIONS
from tests.integration.api.schemathesis_runs import PHASES, Outcome, run
from tests.integration.api.server import MariaDB, connected, running_app
from tests.integration.api.worlds import build
from tests.sip.figures import Figures

TENANT: Final = "acme-42"
LISTS: Final = {
    "application_id": "regions/nw1/applications",
    "version": "regions/nw1/configurations",
    "account_id": "tenants",
    "binding_id": "bindings",
    "block_id": "blocks",
    "call_id": "cdrs",
    "core_id": "cores",
    "credential_id": "credentials",
    "digits": "emergency-numbers",
    "domain": "domains",
    "key_id": "keys",
    "name": "regions",
    "number": "numbers",
    "rule_id": "user-agents",
    "user_id": "users",
}
PRINCIPALS: Final = ("administrator", "tenant", "nobody")
FEW: Final = {"administrator": 5, "tenant": 3, "nobody": 2}
MANY: Final = 200
LENGTHS: Final = {"fuzzing": ", {} examples each", "stateful": ", {} scenarios"}
"""Examples an operation: in a short run, and in a long one."""
AT_ONCE: Final = (
    "UPDATE region SET applied_change = 9e18, heartbeat_at = '9999-01-01', gateway_at = '9999-01-01', store_change = 1"
)
NEVER_REVOKED: Final = (
    "CREATE TRIGGER keep_keys_in_use BEFORE UPDATE ON api_key FOR EACH ROW"
    " SET NEW.revoked_at = IF(NEW.label IN ('first administrator', 'administrator', 'tenant'), NULL, NEW.revoked_at)"
)


class Place(NamedTuple):
    """An application with something of everything, and a key for each principal."""

    app: Flask
    keys: dict[str, str | None]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """It has a database of its own: what other tests look for does not last here."""
    with MariaDB.running() as server:
        (server.home / "settings.toml").write_text(RATES + REGIONS)
        settings = Settings.load(server.home)
        prepare(settings)
        with running_app(settings) as app, connected(settings, "root") as root:
            yield Place(app, _fill(app, root))


def _fill(app: Flask, root: DictCursor) -> dict[str, str | None]:
    """Regions that apply everything at once, two tenants' things, and keys that cannot be lost."""
    root.execute(AT_ONCE)
    administrator = _key(root, "administrator", "administer", None)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {administrator}"
    for number, tenant in enumerate((TENANT, "other-1")):
        build(client, root, tenant, f"{number:04d}")
    client.post("/v1/cores", json={"region": "nw1", "address": "192.0.2.240"})
    client.post("/v1/regions/nw1/applications", json={"action": "check"})
    for name in ("one.example", "other.example"):
        client.post("/v1/domains", json={"name": name, "name_servers": [f"ns1.{name}"]})
        client.post(f"/v1/domains/{name}/zones")
    root.execute(NEVER_REVOKED)
    return {"administrator": administrator, "tenant": _key(root, "tenant", "operate", TENANT), "nobody": None}


def _key(root: DictCursor, label: str, scope: str, tenant: str | None) -> str:
    key = new_api_key()
    add_key(root, key, {"label": label, "scope": scope, "tenant": tenant})
    return key


def check(place: Place, principal: str, phase: str, examples: int, figures: Figures) -> None:
    began = time.monotonic()
    found = run(place.app, place.keys[principal], phase, examples, names(place))
    what = f"schemathesis, {phase} as {principal}" + LENGTHS.get(phase, "").format(examples)
    requests, seconds = found.asked.total(), time.monotonic() - began
    figures.measured(what, f"{len(found.asked)} operations, {requests} requests, {seconds:.0f} s")
    assert not found.failures, "\n\n".join(found.failures[:10])
    assert requests
    if phase == "fuzzing":
        short = {operation: count for operation, count in found.asked.items() if count < examples}
        assert not short, "these were asked less often than they should be"
    if phase == "stateful":
        assert found.scenarios >= examples
    _still_opens(place, principal)


def names(place: Place) -> dict[str, list[str]]:
    """Names of what there is, by parts of paths."""
    client = place.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {place.keys['administrator']}"
    rows = {part: client.get(f"/v1/{path}").get_json()["items"] for part, path in LISTS.items()}
    found = {part: [str(row.get(part) or row.get("id") or row["name"]) for row in each] for part, each in rows.items()}
    return {part: each for part, each in found.items() if each}


def _still_opens(place: Place, principal: str) -> None:
    key = place.keys[principal]
    if key:
        answer = place.app.test_client().get("/v1/regions", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200, "the key did not last: what came after it was asked by nobody"


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("principal", PRINCIPALS)
def test_every_answer_is_documented(place: Place, principal: str, phase: str, figures: Figures) -> None:
    check(place, principal, phase, FEW[principal], figures)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("principal", PRINCIPALS)
def test_every_answer_is_documented_at_length(place: Place, principal: str, phase: str, figures: Figures) -> None:
    check(place, principal, phase, MANY, figures)


def found_with(place: Place, answer: Any) -> Outcome:
    """What is found when the list of regions is answered by `answer`."""
    view = place.app.view_functions["regions.list_regions"]
    place.app.view_functions["regions.list_regions"] = answer
    try:
        return run(place.app, place.keys["administrator"], "examples", 1, {})
    finally:
        place.app.view_functions["regions.list_regions"] = view


def undocumented_status() -> Response:
    answer: Response = jsonify({"items": []})
    answer.status_code = 202
    return answer


def undocumented_body() -> Response:
    return jsonify({"items": [{"name": 7}]})


def broken() -> Response:
    raise RuntimeError


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (undocumented_status, "status_code_conformance: GET /v1/regions: Received: 202"),
        (undocumented_body, "response_schema_conformance: GET /v1/regions: "),
        (broken, "GET /v1/regions: Runtime Error"),
    ],
)
def test_a_wrong_answer_is_found(place: Place, answer: Any, failure: str) -> None:
    found = found_with(place, answer)
    assert any(each.startswith(failure) for each in found.failures), found.failures
