"""Tenants over HTTP (rules T1 and T3)."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.numbers.store import read_used
from api.paging import page, place_of
from api.principal import Scope, may_see, scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.tenants import store
from api.tenants.schema import (
    EXAMPLE,
    NewTenant,
    TenantChange,
    TenantDeleted,
    TenantPage,
    TenantQuery,
    TenantSchema,
    TenantWithUses,
)
from api.work import Work, work

tenants = Resource("tenants", "/v1/tenants", "Who PBXs and numbers belong to")
shown = TenantSchema().dump


@tenants.operation("POST", body=NewTenant, answer=TenantSchema, status=201, example=EXAMPLE, needs=Scope.ADMINISTER)
def create_tenant(tenant: dict[str, Any]) -> dict[str, Any]:
    """Create a tenant"""
    account_id = tenant["account_id"]
    with work() as unit:
        try:
            store.insert_tenants(unit.cursor, [tenant])
        except IntegrityError as error:
            detail = f"There is a tenant {account_id} already: choose another account ID, or change that one."
            raise Refusal(409, "tenant-exists", detail) from error
        made = _visible(store.read_tenant(unit.cursor, account_id), account_id)
        unit.record("create", "tenant", account_id, after=shown(made), tenant=account_id)
        unit.answer(made)
    return unit.answered()


@tenants.operation("GET", query=TenantQuery, answer=TenantPage, tenants=True)
def list_tenants(query: dict[str, Any]) -> dict[str, Any]:
    """List tenants"""
    after = place_of(query, store.ORDERS)
    with services().database.transaction() as cursor:
        return page(store.read_tenants(cursor, query | scope(), after, query["limit"] + 1), query, store.ORDERS)


@tenants.operation("GET", "/<account_id>", answer=TenantWithUses, problems=(404,), tenants=True)
def get_tenant(account_id: str) -> dict[str, Any]:
    """Get a tenant, and how many credentials and numbers it has"""
    with services().database.transaction() as cursor:
        tenant = _visible(store.read_tenant(cursor, account_id), account_id)
        return tenant | store.count_own(cursor, tenant["account_id"])


@tenants.operation(
    "PATCH",
    "/<account_id>",
    body=TenantChange,
    answer=TenantSchema,
    problems=(404,),
    example=EXAMPLE,
    needs=Scope.ADMINISTER,
)
def change_tenant(change: dict[str, Any], account_id: str) -> dict[str, Any]:
    """Change a tenant's name or contact"""
    with work() as unit:
        before = _lock(unit, account_id)
        store.update_tenant(unit.cursor, account_id, change)
        after = _visible(store.read_tenant(unit.cursor, account_id), account_id)
        name = after["account_id"]
        unit.record("change", "tenant", name, before=shown(before), after=shown(after), tenant=name)
        unit.answer(after)
    return unit.answered()


@tenants.operation("DELETE", "/<account_id>", answer=TenantDeleted, problems=(404, 409), needs=Scope.ADMINISTER)
def delete_tenant(account_id: str) -> dict[str, Any]:
    """Delete a tenant that nothing uses"""
    with work() as unit:
        before = _lock(unit, account_id)
        _refuse_if_used(unit.cursor, account_id)
        store.delete_tenant(unit.cursor, account_id)
        name = before["account_id"]
        unit.record("delete", "tenant", name, before=shown(before), tenant=name)
        unit.answer({"account_id": name})
    return unit.answered()


def _refuse_if_used(cursor: DictCursor, account_id: str) -> None:
    """Rule T3; so do keys and users that are bound to it: they would be bound to nobody."""
    counts = store.count_users(cursor, account_id)
    if not any(counts.values()):
        return
    users = ", ".join(f"{count} {name}(s)" for name, count in counts.items() if count)
    detail = f"Tenant {account_id} is in use by {users}: move, delete or revoke them first (rule T3)."
    used_by = [*store.read_users(cursor, account_id), *read_used(cursor, "tenant", account_id)]
    more = {"used_by": used_by[: store.MOST_USERS_NAMED], "used_by_count": sum(counts.values())}
    raise Refusal(409, "tenant-in-use", detail, more=more)


def _lock(unit: Work, account_id: str) -> dict[str, Any]:
    tenant = _visible(store.lock_for_change(unit.cursor, account_id), account_id)
    unit.expect(tenant)
    return tenant


def _visible(tenant: dict[str, Any] | None, account_id: str) -> dict[str, Any]:
    if tenant is None or not may_see(tenant["account_id"]):
        raise unknown("tenant", account_id, "GET /v1/tenants lists them")
    return tenant
