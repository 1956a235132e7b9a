"""API keys over HTTP."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor

from api.keys import store
from api.keys.schema import EXAMPLE, KeyCreated, KeyList, KeySchema, NewKey
from api.passwords import new_api_key
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services

keys = Resource("keys", "/v1/keys", "Who may use this API")


@keys.operation("POST", body=NewKey, answer=KeyCreated, status=201, example=EXAMPLE)
def create_key(wanted: dict[str, Any]) -> dict[str, Any]:
    """Create a key, which the answer holds, this once"""
    key = new_api_key()
    with services().database.transaction() as cursor:
        return _read(cursor, store.add_key(cursor, key, wanted["label"])) | {"key": key}


@keys.operation("GET", answer=KeyList)
def list_keys() -> dict[str, Any]:
    """List keys, revoked ones included"""
    with services().database.transaction() as cursor:
        return {"items": store.read_keys(cursor)}


@keys.operation("DELETE", "/<key_id>", answer=KeySchema, problems=(404, 409))
def revoke_key(key_id: str) -> dict[str, Any]:
    """Revoke a key, for ever"""
    with services().database.transaction() as cursor:
        if store.lock_usable_keys(cursor) == {key_id}:
            detail = "This is the only key that is left: create another one first, else nobody can use the API."
            raise Refusal(409, "last-key", detail)
        store.revoke_key(cursor, key_id)
        return _read(cursor, key_id)


def _read(cursor: DictCursor, key_id: str) -> dict[str, Any]:
    key = store.read_key(cursor, key_id)
    if key is None:
        raise unknown("key", key_id, "GET /v1/keys lists them")
    return key
