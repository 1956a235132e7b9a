"""Who sends the request at hand, and what such a one may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from flask import g, request
from werkzeug.datastructures import Authorization

from api.problems import Refusal


class Scope(StrEnum):
    """What a key or a person may do. Each may also do what those before it may."""

    READ = "read"
    OPERATE = "operate"
    ADMINISTER = "administer"

    def covers(self, needed: Scope) -> bool:
        """Whether this is enough for what needs `needed`."""
        ranks = list(Scope)
        return ranks.index(self) >= ranks.index(needed)


ASKED_BY: Final = "turnpike.asked-by"
"""Of a request that the portal makes within the process, the WSGI environment's key of who it is made for."""
SCOPES: Final = tuple(str(scope) for scope in Scope)


@dataclass(frozen=True)
class Access:
    """What an operation needs. `tenants`: whether one that is bound to a tenant may use it at all."""

    scope: Scope
    tenants: bool


@dataclass(frozen=True)
class Principal:
    """A key (`kind` key) or a person (user). `tenant`: the account ID of the only tenant that it sees, if any.

    `session` is what a person signed in to; `expires_at` (UTC) when the key or the session ends.
    """

    kind: str
    id: str
    name: str
    scope: Scope
    tenant: str | None = None
    expires_at: datetime | None = None
    session: str | None = None

    def check(self, access: Access) -> None:
        """Errors: Refusal (403) when it may not do what needs `access`."""
        if not self.scope.covers(access.scope):
            detail = (
                f"This {self.kind} may {self.scope}, and that is not enough: this needs one that may {access.scope}."
            )
            raise Refusal(403, "scope-too-small", detail)
        if self.tenant is not None and not access.tenants:
            detail = f"This {self.kind} is bound to tenant {self.tenant}: this needs one that is bound to none."
            raise Refusal(403, "not-for-tenants", detail)


NOBODY: Final = Principal("nobody", "nobody", "", Scope.READ)


def current() -> Principal:
    """The sender of the request at hand; NOBODY where no key is needed."""
    return g.get("principal", NOBODY)  # type: ignore[no-any-return]


def own_tenant() -> str | None:
    """The account ID of the only tenant that the sender sees; None: it sees all."""
    return current().tenant


def scope() -> dict[str, str | None]:
    """What the stores' lists are told of that, as a filter."""
    return {"scope": own_tenant()}


def may_see(tenant: str | None) -> bool:
    """Whether the sender may know of what belongs to `tenant`."""
    own = own_tenant()
    return own is None or own == tenant


def sent_authorization() -> Authorization | None:
    """The header of the request at hand, if it can be read: Werkzeug fails at a Basic one that is not ASCII."""
    try:
        return request.authorization
    except ValueError:
        return None


def address() -> str:
    """Where the request came from; empty when that is not known: a proxy may name what is no address.

    An IPv4 address that is written as an IPv6 one (RFC 4291 section 2.5.5.2) is that IPv4 address.
    """
    try:
        found = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)
