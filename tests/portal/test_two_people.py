"""Two people who change the same thing: who was slower is told, and undoes nothing (RFC 9110 section 13.1.1)."""

import re
from html import unescape
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from tests.portal.forger import Forger
from tests.sip.turnpike import Api, Turnpike

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
Row = dict[str, Any]


class Kind(NamedTuple):
    """What one of them is made of, its place in API and portal, and what two people make of it at the same time."""

    made: Row
    place: str
    theirs: Row
    mine: dict[str, str]


KINDS = {
    "tenant": Kind({"account_id": "two-1", "name": "Old"}, "tenants/two-1", {"name": "Theirs"}, {"name": "Mine"}),
    "credential": Kind({"label": "Old"}, "credentials/{id}", {"label": "Theirs"}, {"label": "Mine"}),
    "number": Kind(
        {"number": "+14155557300", "label": "Old"},
        "numbers/+14155557300",
        {"label": "Theirs"},
        {"label": "Mine"},
    ),
    "core": Kind(
        {"region": "nw1", "address": "192.0.2.73", "enabled": False},
        "cores/{id}",
        {"label": "Theirs"},
        {"label": "Mine"},
    ),
    "region": Kind(
        {"name": "two-1", "address": "192.0.2.74"},
        "regions/two-1",
        {"label": "Theirs"},
        {"label": "Mine", "address": "192.0.2.74"},
    ),
    "domain": Kind(
        {"name": "two.example", "name_servers": ["ns1.carrier.example"]},
        "domains/two.example",
        {"label": "Theirs"},
        {"label": "Mine", "name_servers": "ns1.carrier.example", "ttl": "300", "hostmaster": "hostmaster@two.example"},
    ),
    "user": Kind(
        {"name": "two@carrier.example", "role": "read"},
        "users/{id}",
        {"role": "administer"},
        {"role": "operate", "enabled": "1"},
    ),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, service: Turnpike) -> Any:
    known = KINDS[request.param]
    made = service.api.one("POST", f"/v1/{known.place.split('/')[0]}", known.made)
    place = known.place.format_map(made)
    yield known._replace(place=place)
    service.api.send("DELETE", f"/v1/{place}")


def test_who_was_slower_is_told_and_undoes_nothing(service: Turnpike, forger: Forger, kind: Kind) -> None:
    opened = _hidden(forger, kind)
    service.api.one("PATCH", f"/v1/{kind.place}", kind.theirs)
    answer = forger.send("POST", f"/{kind.place}/edit", opened | kind.mine)
    assert answer.status_code == 412
    assert "Somebody changed it after this page was loaded" in answer.text
    assert _now(service.api, kind) == kind.theirs
    again = forger.send("POST", f"/{kind.place}/edit", _hidden(forger, kind) | kind.mine)
    assert again.status_code == 303, again.text
    assert _now(service.api, kind) == {name: kind.mine[name] for name in kind.theirs}


def test_a_form_that_is_sent_twice_is_saved_once(service: Turnpike, forger: Forger, kind: Kind) -> None:
    opened = _hidden(forger, kind)
    for _ in range(2):
        assert forger.send("POST", f"/{kind.place}/edit", opened | kind.mine).status_code == 303
    assert _now(service.api, kind) == {name: kind.mine[name] for name in kind.theirs}


def test_different_fields_of_one_thing_go_together(service: Turnpike, forger: Forger) -> None:
    service.api.one("POST", "/v1/tenants", {"account_id": "two-2", "name": "Two"})
    made = service.api.one("POST", "/v1/credentials", {"label": "Old"})
    kind = KINDS["credential"]._replace(place=f"credentials/{made['id']}", theirs={"label": "Mine", "tenant": "two-2"})
    opened = _hidden(forger, kind)
    service.api.one("PATCH", f"/v1/{kind.place}", {"tenant": "two-2"})
    assert forger.send("POST", f"/{kind.place}/edit", opened | kind.mine).status_code == 303
    assert _now(service.api, kind) == kind.theirs


def test_blanks_around_a_label_are_no_conflict(service: Turnpike, forger: Forger) -> None:
    made = service.api.one("POST", "/v1/credentials", {"label": " Old "})
    kind = KINDS["credential"]._replace(place=f"credentials/{made['id']}")
    assert forger.send("POST", f"/{kind.place}/edit", _hidden(forger, kind) | kind.mine).status_code == 303
    assert _now(service.api, kind) == {"label": "Mine"}


def test_C4_of_two_who_rotate_one_credential_the_slower_makes_no_password(service: Turnpike, forger: Forger) -> None:
    made = service.api.one("POST", "/v1/credentials", {"label": "Rotated by two"})
    form = _hidden(forger, Kind({}, f"credentials/{made['id']}", {}, {}), "rotate") | {"grace_seconds": "3600"}
    service.api.one("POST", f"/v1/credentials/{made['id']}/rotate", {"grace_seconds": 3600})
    answer = forger.send("POST", f"/credentials/{made['id']}/rotate", form)
    assert (answer.status_code, "Somebody changed it" in answer.text) == (412, True)
    assert len(service.api.rows("/v1/audit", entity="credential", entity_id=made["id"], action="rotate")) == 1


def test_of_two_who_reset_one_password_the_slower_makes_none(service: Turnpike, forger: Forger) -> None:
    made = service.api.one("POST", "/v1/users", {"name": f"{uuid4().hex}@carrier.example", "role": "read"})
    form = _hidden(forger, Kind({}, f"users/{made['id']}", {}, {}), "password")
    service.api.one("POST", f"/v1/users/{made['id']}/password", {})
    answer = forger.send("POST", f"/users/{made['id']}/password", form)
    assert (answer.status_code, "Somebody changed it" in answer.text) == (412, True)


@pytest.mark.parametrize("tag", ['"a\nX: y"', "*", '"', "ключ", "x" * 5000])
def test_a_tag_that_is_none_is_no_tag(service: Turnpike, forger: Forger, tag: str) -> None:
    kind = KINDS["tenant"]._replace(place=f"tenants/{uuid4()}")
    service.api.one("POST", "/v1/tenants", {"account_id": kind.place.split("/")[1], "name": "Old"})
    answer = forger.send("POST", f"/{kind.place}/edit", _hidden(forger, kind) | kind.mine | {"tag": tag})
    assert answer.status_code == 303
    assert _now(service.api, kind) == {"name": "Mine"}


def _hidden(forger: Forger, kind: Kind, form: str = "edit") -> dict[str, str]:
    """What the form has of its own when it is opened."""
    page = forger.send("GET", f"/{kind.place}/{form}").text
    return {name: unescape(value) for name, value in HIDDEN.findall(page)}


def _now(api: Api, kind: Kind) -> Row:
    found = api.one("GET", f"/v1/{kind.place}")
    return {name: found[name] for name in kind.theirs}
