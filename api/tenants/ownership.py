"""Whose things are: a tenant that is named must be there, and who is bound to one can name no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymysql.cursors import DictCursor

from api.principal import own_tenant
from api.problems import Refusal
from api.tenants.store import lock_tenant, lock_tenants

Row = dict[str, Any]


def created_for(cursor: DictCursor, wanted: Row) -> Row:
    """`wanted` with the tenant that it is created for: the sender's own, if it is bound to one.

    Errors: Refusal (409) for an unknown one; others' are unknown to who is bound.
    """
    own = own_tenant()
    return moved(cursor, wanted | {"tenant": own} if own and wanted.get("tenant") is None else wanted)


def moved(cursor: DictCursor, wanted: Row) -> Row:
    """`wanted` with its tenant, if it names one, as that was created.

    Errors: Refusal (409 for an unknown one; 403 when who is bound to a tenant would give away what is that tenant's).
    """
    if "tenant" not in wanted:
        return wanted
    if wanted["tenant"] is None:
        if own_tenant():
            raise Refusal(403, "not-for-tenants", "What is your tenant's stays that tenant's: leave tenant out.")
        return wanted
    return wanted | {"tenant": known(cursor, wanted["tenant"])}


def bound(cursor: DictCursor, wanted: Row) -> Row:
    """`wanted` (a key or a person) with the tenant that it is bound to, if any, as that was created.

    Errors: Refusal (409) for an unknown one.
    """
    return wanted if wanted.get("tenant") is None else wanted | {"tenant": known(cursor, wanted["tenant"])}


def known(cursor: DictCursor, account_id: str) -> str:
    """The account ID as it was created; the tenant stays until the transaction ends. Errors: Refusal (409)."""
    tenant, own = lock_tenant(cursor, account_id), own_tenant()
    if tenant is None or own not in (None, tenant):
        hint = "send your own or none" if own else "create it first (POST /v1/tenants), or send null for none"
        raise Refusal(409, "unknown-tenant", f"tenant: there is no tenant {account_id}: {hint}.")
    return tenant


def all_known(cursor: DictCursor, account_ids: Sequence[str]) -> dict[str, str]:
    """`known` for many: those that there are, by the account ID as it is written here."""
    found, own = lock_tenants(cursor, account_ids), own_tenant()
    created = {written: found.get(written.lower()) for written in account_ids}
    return {written: tenant for written, tenant in created.items() if tenant is not None and own in (None, tenant)}
