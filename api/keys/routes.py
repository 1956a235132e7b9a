"""API keys over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from api.keys import store
from api.keys.schema import EXAMPLE, SHOWN, KeyCreated, KeyPage, KeySchema, NewKey
from api.operations import Once
from api.paging import PageQuery, page, place_of
from api.passwords import new_api_key
from api.principal import Scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.tenants.ownership import bound
from api.work import work

keys = Resource("keys", "/v1/keys", "Programs that may use this API")
KEY: Final = Once(("key",), "POST /v1/keys makes another key, and DELETE /v1/keys/{id} revokes this one.")
shown = KeySchema().dump


@keys.operation("POST", body=NewKey, answer=KeyCreated, status=201, example=EXAMPLE, needs=Scope.ADMINISTER, once=KEY)
def create_key(wanted: dict[str, Any]) -> dict[str, Any]:
    """Create a key, which the answer holds, this once"""
    key = new_api_key()
    with work() as unit:
        _refuse_if_over(wanted["expires_at"])
        key_id = store.add_key(unit.cursor, key, bound(unit.cursor, wanted))
        made = _known(store.read_key(unit.cursor, key_id), key_id)
        unit.record("create", "key", key_id, after=shown(made))
        unit.answer(made | {"key": key})
    return unit.answered()


@keys.operation("GET", query=PageQuery, answer=KeyPage, needs=Scope.ADMINISTER)
def list_keys(query: dict[str, Any]) -> dict[str, Any]:
    """List keys, newest first, those included that ended or were revoked"""
    after = place_of(query, store.ORDERS)
    with services().database.transaction() as cursor:
        return page(store.read_keys(cursor, after, query["limit"] + 1), query, store.ORDERS)


@keys.operation("GET", "/<key_id>", answer=KeySchema, problems=(404,), example=SHOWN, needs=Scope.ADMINISTER)
def get_key(key_id: str) -> dict[str, Any]:
    """Get a key, without what opens anything"""
    with services().database.transaction() as cursor:
        return _known(store.read_key(cursor, key_id), key_id)


@keys.operation("DELETE", "/<key_id>", answer=KeySchema, problems=(404, 409), example=SHOWN, needs=Scope.ADMINISTER)
def revoke_key(key_id: str) -> dict[str, Any]:
    """Revoke a key, for ever"""
    with work() as unit:
        if store.lock_administrators(unit.cursor) == {key_id}:
            detail = "This is the only key without an end that may administer: create another one first."
            raise Refusal(409, "last-key", detail)
        before = _known(store.read_key(unit.cursor, key_id), key_id)
        unit.expect(before)
        revoked = store.revoke_key(unit.cursor, key_id)
        after = _known(store.read_key(unit.cursor, key_id), key_id)
        if revoked:
            unit.record("revoke", "key", key_id, before=shown(before), after=shown(after))
        unit.answer(after)
    return unit.answered()


def _refuse_if_over(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= datetime.now(UTC).replace(tzinfo=None):
        raise Refusal(409, "moment-passed", "expires_at: this moment has passed: name one that is yet to come.")


def _known(key: dict[str, Any] | None, key_id: str) -> dict[str, Any]:
    if key is None:
        raise unknown("key", key_id, "GET /v1/keys lists them")
    return key
