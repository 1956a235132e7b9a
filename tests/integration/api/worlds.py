"""What belongs to one tenant, one of each kind, with its name in every text, so that it can be searched for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.keys.store import add_key
from api.passwords import new_api_key

Row = dict[str, Any]
CALL: Final = (
    "INSERT INTO cdr (id, region, direction, credential, username, number, tenant, caller, callee, address, port,"
    " call_id, started_at, answered_at, ended_at, code) VALUES (%(id)s, 'nw1', %(direction)s, %(credential)s,"
    " %(username)s, %(number)s, %(tenant)s, %(caller)s, '+12125550123', '192.0.2.7', 5060, 'x', UTC_TIMESTAMP(3),"
    " UTC_TIMESTAMP(3), IF(%(ended)s, UTC_TIMESTAMP(3), NULL), 200)"
)
BINDING: Final = (
    "INSERT INTO binding (region, username, version, state, uid, address, port, contact, user_agent, since,"
    " refreshed_at, expires_at, changed_at) VALUES ('nw1', %(username)s, 1, 'live', %(id)s, '192.0.2.7', 5060, 'sip:x',"
    " %(agent)s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 HOUR, UTC_TIMESTAMP(3))"
)
BLOCK: Final = (
    "INSERT INTO block (uid, region, address, username, cause, rule, at, until) VALUES (%(id)s, 'nw1', '192.0.2.7',"
    " %(username)s, 'blocked_early', 'R4', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 HOUR)"
)
EVENT: Final = (
    "INSERT INTO event (region, at, rule, cause, username, credential, sentence)"
    " VALUES ('nw1', UTC_TIMESTAMP(3), 'R4', 'early', %(username)s, %(credential)s, %(sentence)s)"
)
GRACE: Final = (
    "UPDATE credential SET old_ha1 = ha1, old_until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE id = %(credential)s"
)


@dataclass
class World:
    """One tenant's things by kind: each row has what its path needs as `id`."""

    tenant: str
    things: dict[str, Row]

    def path(self, template: str) -> str:
        """`template` with each {kind} as the id of this world's thing of that kind."""
        return template.format(**{kind: row["id"] for kind, row in self.things.items()})

    def marks(self) -> set[str]:
        """Texts that tell of this world."""
        ids = {str(row["id"]) for row in self.things.values()}
        return ids | {str(self.things["credential"]["username"]), self.tenant}


def build(client: FlaskClient, root: DictCursor, tenant: str, digits: str) -> World:
    """A tenant with one of everything; `digits` are four of its number."""
    made: Row = {}
    client.post("/v1/tenants", json={"account_id": tenant, "name": tenant})
    made["tenant"] = {"id": tenant}
    made["credential"] = client.post("/v1/credentials", json={"label": f"PBX of {tenant}", "tenant": tenant}).get_json()
    number = {"number": f"+1415777{digits}", "label": f"of {tenant}", "tenant": tenant}
    made["number"] = client.post("/v1/numbers", json=number | {"credential": made["credential"]["id"]}).get_json()
    made["number"]["id"] = number["number"]
    for kind in ("call", "cdr", "binding", "block"):
        made[kind] = {"id": f"{kind}-{tenant}"}
    _report(root, tenant, made)
    return World(tenant, made)


def _report(root: DictCursor, tenant: str, made: Row) -> None:
    """What regions say of them."""
    mine = {"credential": made["credential"]["id"], "username": made["credential"]["username"], "tenant": tenant}
    call = mine | {"direction": "outbound", "number": None, "caller": f"of-{tenant}"}
    root.execute(GRACE, mine)
    root.execute(CALL, call | {"id": made["call"]["id"], "ended": False})
    root.execute(CALL, call | {"id": made["cdr"]["id"], "ended": True})
    root.execute(BINDING, mine | {"id": made["binding"]["id"], "agent": f"PBX of {tenant}"})
    root.execute(BLOCK, mine | {"id": made["block"]["id"]})
    root.execute(EVENT, mine | {"sentence": f"something about {tenant}"})


def clear(root: DictCursor) -> None:
    """What `build` wrote besides the API."""
    for table in ("cdr", "binding", "block", "event"):
        root.execute(f"DELETE FROM {table}")  # noqa: S608


def with_key(app: Flask, root: DictCursor, scope: str, tenant: str | None) -> FlaskClient:
    """A client with a new key."""
    key = new_api_key()
    add_key(root, key, {"label": f"{scope} {tenant}", "scope": scope, "tenant": tenant})
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client
