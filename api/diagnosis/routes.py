"""Why a trunk is down, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.diagnosis.naming import look
from api.diagnosis.reading import read_facts
from api.diagnosis.schema import EXAMPLE, DiagnosisSchema
from api.diagnosis.telling import told, without_places
from api.domains.store import read_domains
from api.principal import own_tenant
from api.problems import unknown
from api.regions.store import read_places
from api.rest import Resource
from api.services import services

diagnosis = Resource("diagnosis", "/v1/credentials", "Why a trunk is down: what is known of it, and what to change")


@diagnosis.operation(
    "GET", "/<credential_id>/diagnosis", answer=DiagnosisSchema, problems=(404,), example=EXAMPLE, tenants=True
)
def diagnose_credential(credential_id: str) -> dict[str, Any]:
    """Say whether a credential's trunk works, and if not, why and what to do

    Facts are read from MariaDB in one transaction; then resolvers are asked about the domains, for a second at most.
    """
    own, shared = own_tenant(), services()
    with shared.database.transaction() as cursor:
        facts = read_facts(cursor, credential_id, own, shared.settings.limits)
        domains, places = read_domains(cursor), read_places(cursor)
    if facts is None:
        hint = "GET /v1/credentials lists them, and ?username= finds one by its username"
        raise unknown("credential", credential_id, hint)
    dns = look(domains, places, shared.settings.resolvers)
    facts = replace(facts, domains=[domain["name"] for domain in domains], dns=dns)
    return told(facts if own is None else without_places(facts))
