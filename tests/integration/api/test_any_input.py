"""Whatever is sent, the answer is a document or a problem, and never a fault of the service."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXPECTED = {200, 201, 400, 401, 404, 405, 409, 422}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        "label",
        "tenant",
        "enabled",
        "account_id",
        "name",
        "contact",
        "kind",
        "pattern",
        "note",
        "username",
        "password",
        "role",
    ]
)
LISTS = st.sampled_from(
    [
        "credentials",
        "tenants",
        "numbers",
        "bindings",
        "blocks",
        "events",
        "user-agents",
        "regions",
        "keys",
        "calls",
        "cdrs",
        "usage",
        "users",
    ]
)
FILES = st.sampled_from(["cdrs.csv", "numbers.csv", "credentials.csv", "tenants.csv", "usage.csv"])
FILTERS = st.sampled_from(
    [
        "limit",
        "after",
        "label",
        "tenant",
        "username",
        "enabled",
        "credential",
        "region",
        "rule",
        "address",
        "ended",
        "kind",
        "direction",
        "number",
        "prefix",
        "routed",
        "caller",
        "callee",
        "code",
        "answered",
        "since",
        "until",
    ]
)
often = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(path=LISTS, body=st.dictionaries(FIELDS | st.text(max_size=9), VALUES, max_size=4) | VALUES)
def test_any_body_gets_an_answer(client: FlaskClient, path: str, body: Any) -> None:
    answer = client.post(f"/v1/{path}", json=body)
    assert answer.status_code in EXPECTED, answer.text
    assert answer.is_json or answer.mimetype == "application/problem+json"


@often
@given(path=LISTS | FILES, query=st.dictionaries(FILTERS, st.text(max_size=70), max_size=4))
def test_any_query_gets_an_answer(client: FlaskClient, path: str, query: dict[str, str]) -> None:
    clean = {name: value.encode("utf-8", "replace") for name, value in query.items()}
    answer = client.get(f"/v1/{path}", query_string=clean)
    assert answer.status_code in EXPECTED, answer.text


@often
@given(path=LISTS, name=st.text(min_size=1, max_size=70), method=st.sampled_from(["GET", "DELETE"]))
def test_any_name_gets_an_answer(client: FlaskClient, path: str, name: str, method: str) -> None:
    answer = client.open(f"/v1/{path}/{name.encode('utf-8', 'replace').decode()}", method=method)
    assert answer.status_code in EXPECTED | {308}, answer.text


CELLS = st.text("+1415550,\n\"'=\u00e9 ")


@often
@given(
    kind=st.sampled_from(["numbers", "credentials", "tenants"]),
    how=st.sampled_from(["", "/check"]),
    data=st.binary() | st.tuples(st.sampled_from(["number,label", "label,tenant", "account_id,name"]), CELLS),
)
def test_any_file_gets_an_answer(client: FlaskClient, kind: str, how: str, data: bytes | tuple[str, str]) -> None:
    file = data if isinstance(data, bytes) else "\n".join(data).encode()
    answer = client.post(f"/v1/{kind}/import{how}", data=file, content_type="text/csv")
    assert answer.status_code in EXPECTED, answer.text
