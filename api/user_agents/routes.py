"""The lists of rules R3 and B6 over HTTP."""

from __future__ import annotations

from typing import Any

from pymysql.err import IntegrityError

from api.changes import next_change
from api.passwords import new_identifier
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.user_agents import store
from api.user_agents.schema import (
    EXAMPLE,
    NewUserAgent,
    UserAgentCreated,
    UserAgentList,
    UserAgentQuery,
    UserAgentRemoved,
)

user_agents = Resource("user-agents", "/v1/user-agents", "User-Agents of phones (refused) and scanners (not answered)")


@user_agents.operation("GET", query=UserAgentQuery, answer=UserAgentList)
def list_user_agents(query: dict[str, Any]) -> dict[str, Any]:
    """List the rules"""
    with services().database.transaction() as cursor:
        return {"items": store.read_user_agents(cursor, query.get("kind"))}


@user_agents.operation("POST", body=NewUserAgent, answer=UserAgentCreated, status=201, problems=(409,), example=EXAMPLE)
def add_user_agent(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add a rule"""
    rule_id = new_identifier("ua")
    try:
        with services().database.transaction() as cursor:
            store.insert_user_agent(cursor, wanted | {"id": rule_id})
            rule = store.read_user_agent(cursor, rule_id)
            change = next_change(cursor, "user_agent", rule_id)
    except IntegrityError as error:
        detail = f"There is such a rule already: GET /v1/user-agents?kind={wanted['kind']} lists them."
        raise Refusal(409, "user-agent-exists", detail) from error
    return rule | services().applying.outcome(change)


@user_agents.operation("DELETE", "/<rule_id>", answer=UserAgentRemoved, problems=(404,))
def remove_user_agent(rule_id: str) -> dict[str, Any]:
    """Remove a rule"""
    with services().database.transaction() as cursor:
        if not store.delete_user_agent(cursor, rule_id):
            raise unknown("user agent", rule_id, "GET /v1/user-agents lists the rules")
        change = next_change(cursor, "user_agent", rule_id)
    return {"id": rule_id} | services().applying.outcome(change)
