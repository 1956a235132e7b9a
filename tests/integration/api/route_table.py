"""Every route of the API, and what it is meant to need."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

READ, OPERATE, ADMINISTER = "read", "operate", "administer"
SCOPES: Final = (READ, OPERATE, ADMINISTER)


class Route(NamedTuple):
    """What one route is meant to need. `tenants`: who is bound to a tenant may use it; `body` is one that fits."""

    method: str
    path: str
    scope: str
    tenants: bool
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


CSV: Final = b"number\r\n+14155551234\r\n"
ROUTES: Final = (
    Route("POST", "/v1/credentials", OPERATE, True, {"label": "made"}),
    Route("GET", "/v1/credentials", READ, True),
    Route("GET", "/v1/credentials/{credential}", READ, True),
    Route("GET", "/v1/credentials/{credential}/diagnosis", READ, True),
    Route("GET", "/v1/credentials/{credential}/timeline?hours=3", READ, True),
    Route("PATCH", "/v1/credentials/{credential}", OPERATE, True, {"label": "changed"}),
    Route("POST", "/v1/credentials/{credential}/rotate", OPERATE, True, {}),
    Route("DELETE", "/v1/credentials/{credential}/old-password", OPERATE, True),
    Route("DELETE", "/v1/credentials/{credential}", OPERATE, True),
    Route("GET", "/v1/credentials/{credential}/settings?pbx=plain", READ, True),
    Route("GET", "/v1/pbxs", READ, True),
    Route("GET", "/v1/limits", READ, True),
    Route("POST", "/v1/tenants", ADMINISTER, False, {"account_id": "made", "name": "made"}),
    Route("GET", "/v1/tenants", READ, True),
    Route("GET", "/v1/tenants/{tenant}", READ, True),
    Route("PATCH", "/v1/tenants/{tenant}", ADMINISTER, False, {"name": "changed"}),
    Route("DELETE", "/v1/tenants/{tenant}", ADMINISTER, False),
    Route("POST", "/v1/numbers", OPERATE, False, {"number": "+14155559999"}),
    Route("GET", "/v1/numbers", READ, True),
    Route("GET", "/v1/numbers/{number}", READ, True),
    Route("PATCH", "/v1/numbers/{number}", OPERATE, True, {"label": "changed"}),
    Route("DELETE", "/v1/numbers/{number}", OPERATE, False),
    Route("POST", "/v1/numbers/import", OPERATE, False, CSV),
    Route("POST", "/v1/numbers/import/check", OPERATE, False, CSV),
    Route("POST", "/v1/credentials/import", OPERATE, True, b"label\r\nmade\r\n"),
    Route("POST", "/v1/credentials/import/check", OPERATE, True, b"label\r\nmade\r\n"),
    Route("POST", "/v1/tenants/import", ADMINISTER, False, b"account_id,name\r\nimported,made\r\n"),
    Route("POST", "/v1/tenants/import/check", ADMINISTER, False, b"account_id,name\r\nimported,made\r\n"),
    Route("GET", "/v1/imports/none", READ, True),
    Route("GET", "/v1/tenants.csv", READ, True),
    Route("GET", "/v1/credentials.csv", READ, True),
    Route("GET", "/v1/numbers.csv", READ, True),
    Route("POST", "/v1/cores", ADMINISTER, False, {"region": "nw1", "address": "192.0.2.240"}),
    Route("GET", "/v1/cores", READ, False),
    Route("GET", "/v1/cores/none", READ, False),
    Route("PATCH", "/v1/cores/none", ADMINISTER, False, {"label": "changed"}),
    Route("DELETE", "/v1/cores/none", ADMINISTER, False),
    Route("POST", "/v1/emergency-numbers", ADMINISTER, False, {"digits": "911"}),
    Route("GET", "/v1/emergency-numbers", READ, True),
    Route("GET", "/v1/emergency-numbers/911", READ, True),
    Route("DELETE", "/v1/emergency-numbers/999", ADMINISTER, False),
    Route("POST", "/v1/user-agents", ADMINISTER, False, {"kind": "phone", "pattern": "Yealink SIP-T*"}),
    Route("GET", "/v1/user-agents", READ, True),
    Route("GET", "/v1/user-agents/ua-0001", READ, True),
    Route("DELETE", "/v1/user-agents/none", ADMINISTER, False),
    Route("GET", "/v1/bindings", READ, True),
    Route("GET", "/v1/bindings/{binding}", READ, True),
    Route("DELETE", "/v1/bindings/{binding}", OPERATE, True),
    Route("GET", "/v1/blocks", READ, True),
    Route("GET", "/v1/blocks/{block}", READ, True),
    Route("DELETE", "/v1/blocks/{block}", OPERATE, False),
    Route("GET", "/v1/events", READ, True),
    Route("GET", "/v1/calls", READ, True),
    Route("GET", "/v1/calls/{call}", READ, True),
    Route("DELETE", "/v1/calls/{call}", OPERATE, True),
    Route("GET", "/v1/cdrs", READ, True),
    Route("GET", "/v1/cdrs/{cdr}", READ, True),
    Route("GET", "/v1/cdrs.csv", READ, True),
    Route("GET", "/v1/usage", READ, True),
    Route("GET", "/v1/usage.csv", READ, True),
    Route("GET", "/v1/traffic", READ, False),
    Route("POST", "/v1/regions", ADMINISTER, False, {"name": "made", "address": "192.0.2.251"}),
    Route("GET", "/v1/regions", READ, True),
    Route("GET", "/v1/regions/nw1/rendering", READ, False),
    Route("POST", "/v1/regions/nw1/configurations", ADMINISTER, False),
    Route("GET", "/v1/regions/nw1/configurations", READ, False),
    Route("GET", "/v1/regions/nw1/configurations/none", READ, False),
    Route("GET", "/v1/regions/nw1/diff", READ, False),
    Route("POST", "/v1/regions/nw1/applications", ADMINISTER, False, {"action": "rollback"}),
    Route("GET", "/v1/regions/nw1/applications", READ, False),
    Route("GET", "/v1/regions/nw1/applications/none", READ, False),
    Route("DELETE", "/v1/regions/nw1/applications/none", ADMINISTER, False),
    Route("GET", "/v1/regions/nw1", READ, True),
    Route("PATCH", "/v1/regions/none", ADMINISTER, False, {"label": "changed"}),
    Route("DELETE", "/v1/regions/none", ADMINISTER, False),
    Route("POST", "/v1/domains", ADMINISTER, False, {"name": "made.example", "name_servers": ["ns1.made.example"]}),
    Route("GET", "/v1/domains", READ, True),
    Route("GET", "/v1/domains/none", READ, True),
    Route("PATCH", "/v1/domains/none", ADMINISTER, False, {"ttl": 90}),
    Route("DELETE", "/v1/domains/none", ADMINISTER, False),
    Route("GET", "/v1/domains/none/zone", READ, False),
    Route("GET", "/v1/domains/none/zone/check", READ, False),
    Route("GET", "/v1/domains/none/zones", READ, False),
    Route("POST", "/v1/domains/none/zones", OPERATE, False),
    Route("GET", "/v1/domains/none/zones/911", READ, False),
    Route("GET", "/v1/domains/none/dns", READ, False),
    Route("POST", "/v1/keys", ADMINISTER, False, {"label": "made", "scope": "read"}),
    Route("GET", "/v1/keys", ADMINISTER, False),
    Route("GET", "/v1/keys/none", ADMINISTER, False),
    Route("DELETE", "/v1/keys/none", ADMINISTER, False),
    Route("POST", "/v1/users", ADMINISTER, False, {"name": "made", "role": "read"}),
    Route("GET", "/v1/users", ADMINISTER, False),
    Route("GET", "/v1/users/none", ADMINISTER, False),
    Route("PATCH", "/v1/users/none", ADMINISTER, False, {"role": "operate"}),
    Route("POST", "/v1/users/none/password", ADMINISTER, False, {}),
    Route("DELETE", "/v1/users/none", ADMINISTER, False),
    Route("GET", "/v1/users/none/sessions", ADMINISTER, False),
    Route("DELETE", "/v1/users/none/sessions", ADMINISTER, False),
    Route("GET", "/v1/sessions/current", READ, True),
    Route("DELETE", "/v1/sessions/current", READ, True),
    Route("GET", "/v1/audit", ADMINISTER, False),
)
OPEN: Final = {("GET", "/v1/health"), ("POST", "/v1/sessions")}
"""What needs neither key nor session."""
