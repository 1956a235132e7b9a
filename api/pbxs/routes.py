"""Kinds of PBX, and the settings of a credential's PBX, over HTTP."""

from __future__ import annotations

from typing import Any

from api.credentials.routes import credentials
from api.credentials.store import read_credential
from api.pbxs.kinds import KINDS, Kind
from api.pbxs.schema import SETTINGS_EXAMPLE, PbxList, SettingsQuery, SettingsSchema
from api.pbxs.settings import settings_for
from api.principal import own_tenant
from api.problems import unknown
from api.rest import Resource
from api.services import services

pbxs = Resource("pbxs", "/v1/pbxs", "Kinds of PBX that settings are written for, and what each calls its own")


@pbxs.operation("GET", answer=PbxList, tenants=True)
def list_pbxs() -> dict[str, Any]:
    """List the kinds of PBX that settings are written for, ready files first"""
    return {"items": [_shown(kind) for kind in KINDS.values()]}


@credentials.operation(
    "GET",
    "/<credential_id>/settings",
    query=SettingsQuery,
    answer=SettingsSchema,
    problems=(404, 409),
    example=SETTINGS_EXAMPLE,
    tenants=True,
)
def get_settings(query: dict[str, Any], credential_id: str) -> dict[str, Any]:
    """Get the settings of a credential's PBX, for the regions in service, with the password's place marked

    Settings that hold the password come with the password: name `pbx` when a credential is created or rotated.
    """
    with services().database.transaction() as cursor:
        credential = read_credential(cursor, credential_id, own_tenant())
        if credential is None:
            hint = "GET /v1/credentials lists them, and ?username= finds one by its username"
            raise unknown("credential", credential_id, hint)
        return settings_for(cursor, credential["username"], query["pbx"], query.get("domain"))


def _shown(kind: Kind) -> dict[str, Any]:
    names = [{"topic": topic, "label": label, "menu": kind.menus[topic]} for topic, label in kind.fields.items()]
    return vars(kind) | {"names": names}
