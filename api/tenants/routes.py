"""Tenants over HTTP (rules T1 and T3)."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.numbers.store import count_used, read_used
from api.paging import PageQuery, page, read_text_cursor
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.tenants import store
from api.tenants.schema import EXAMPLE, NewTenant, TenantChange, TenantDeleted, TenantPage, TenantSchema

tenants = Resource("tenants", "/v1/tenants", "Who PBXs and numbers belong to")


@tenants.operation("POST", body=NewTenant, answer=TenantSchema, status=201, problems=(409,), example=EXAMPLE)
def create_tenant(tenant: dict[str, Any]) -> dict[str, Any]:
    """Create a tenant"""
    try:
        with services().database.transaction() as cursor:
            store.insert_tenant(cursor, tenant)
            return _read(cursor, tenant["account_id"])
    except IntegrityError as error:
        detail = f"There is a tenant {tenant['account_id']} already: choose another account ID, or change that one."
        raise Refusal(409, "tenant-exists", detail) from error


@tenants.operation("GET", query=PageQuery, answer=TenantPage)
def list_tenants(query: dict[str, Any]) -> dict[str, Any]:
    """List tenants"""
    after = read_text_cursor(query["after"]) if query["after"] else ""
    with services().database.transaction() as cursor:
        return page(store.read_tenants(cursor, after, query["limit"] + 1), query["limit"], "account_id")


@tenants.operation("GET", "/<account_id>", answer=TenantSchema, problems=(404,), example=EXAMPLE)
def get_tenant(account_id: str) -> dict[str, Any]:
    """Get a tenant"""
    with services().database.transaction() as cursor:
        return _read(cursor, account_id)


@tenants.operation("PATCH", "/<account_id>", body=TenantChange, answer=TenantSchema, problems=(404,), example=EXAMPLE)
def change_tenant(change: dict[str, Any], account_id: str) -> dict[str, Any]:
    """Change a tenant's name or contact"""
    with services().database.transaction() as cursor:
        store.update_tenant(cursor, account_id, change)
        return _read(cursor, account_id)


@tenants.operation("DELETE", "/<account_id>", answer=TenantDeleted, problems=(404, 409))
def delete_tenant(account_id: str) -> dict[str, Any]:
    """Delete a tenant that nothing uses"""
    with services().database.transaction() as cursor:
        if not store.lock_for_deletion(cursor, account_id):
            raise _unknown(account_id)
        _refuse_if_used(cursor, account_id)
        store.delete_tenant(cursor, account_id)
    return {"account_id": account_id}


def _refuse_if_used(cursor: DictCursor, account_id: str) -> None:
    count, numbers = store.count_credentials(cursor, account_id), count_used(cursor, "tenant", account_id)
    if not count + numbers:
        return
    users = f"{count} credential(s) and {numbers} number(s)"
    detail = f"Tenant {account_id} is in use by {users}: move or delete them first (rule T3)."
    used_by = [*store.read_users(cursor, account_id), *read_used(cursor, "tenant", account_id)]
    more = {"used_by": used_by[: store.MOST_USERS_NAMED], "used_by_count": count + numbers}
    raise Refusal(409, "tenant-in-use", detail, more=more)


def _read(cursor: DictCursor, account_id: str) -> dict[str, Any]:
    tenant = store.read_tenant(cursor, account_id)
    if tenant is None:
        raise _unknown(account_id)
    return tenant


def _unknown(account_id: str) -> Refusal:
    return unknown("tenant", account_id, "GET /v1/tenants lists them")
