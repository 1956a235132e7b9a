"""The lists of rules R3 and B6 over HTTP."""

from __future__ import annotations

from typing import Any

from pymysql.err import IntegrityError

from api.passwords import new_identifier
from api.principal import Scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.user_agents import store
from api.user_agents.schema import (
    EXAMPLE,
    SHOWN,
    NewUserAgent,
    UserAgentCreated,
    UserAgentList,
    UserAgentQuery,
    UserAgentRemoved,
    UserAgentSchema,
)
from api.work import work

user_agents = Resource("user-agents", "/v1/user-agents", "User-Agents of phones (refused) and scanners (not answered)")
shown = UserAgentSchema().dump


@user_agents.operation("GET", query=UserAgentQuery, answer=UserAgentList, tenants=True)
def list_user_agents(query: dict[str, Any]) -> dict[str, Any]:
    """List the rules"""
    with services().database.transaction() as cursor:
        return {"items": store.read_user_agents(cursor, query.get("kind"))}


@user_agents.operation("GET", "/<rule_id>", answer=UserAgentSchema, problems=(404,), example=SHOWN, tenants=True)
def get_user_agent(rule_id: str) -> dict[str, Any]:
    """Get a rule"""
    with services().database.transaction() as cursor:
        return _known(store.read_user_agent(cursor, rule_id), rule_id)


@user_agents.operation(
    "POST", body=NewUserAgent, answer=UserAgentCreated, status=201, example=EXAMPLE, needs=Scope.ADMINISTER
)
def add_user_agent(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add a rule"""
    rule_id = new_identifier("ua")
    with work() as unit:
        try:
            store.insert_user_agent(unit.cursor, wanted | {"id": rule_id})
        except IntegrityError as error:
            detail = f"There is such a rule already: GET /v1/user-agents?kind={wanted['kind']} lists them."
            raise Refusal(409, "user-agent-exists", detail) from error
        rule = _known(store.read_user_agent(unit.cursor, rule_id), rule_id)
        unit.record("create", "user_agent", rule_id, after=shown(rule))
        unit.tell("user_agent", rule_id)
        unit.answer(rule)
    return unit.answered()


@user_agents.operation("DELETE", "/<rule_id>", answer=UserAgentRemoved, problems=(404,), needs=Scope.ADMINISTER)
def remove_user_agent(rule_id: str) -> dict[str, Any]:
    """Remove a rule"""
    with work() as unit:
        rule = _known(store.read_user_agent(unit.cursor, rule_id, lock=True), rule_id)
        unit.expect(rule)
        store.delete_user_agent(unit.cursor, rule_id)
        unit.record("delete", "user_agent", rule_id, before=shown(rule))
        unit.tell("user_agent", rule_id)
        unit.answer({"id": rule_id})
    return unit.answered()


def _known(rule: dict[str, Any] | None, rule_id: str) -> dict[str, Any]:
    if not rule:
        raise unknown("user agent", rule_id, "GET /v1/user-agents lists the rules")
    return rule
