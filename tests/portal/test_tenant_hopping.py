"""Every page and form of the portal, asked for by everybody: who may have it, and that nobody sees a foreign tenant."""

from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, NamedTuple
from uuid import uuid4

import httpx
import pytest
from werkzeug.routing import Rule

from api.application import create_app
from api.settings import Settings
from tests.calls.carrier import Carrier
from tests.portal.forger import TOKEN, Forger
from tests.portal.people import new_person
from tests.sip.scripts import answers, refuses
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

ALL: Final = frozenset(("administer", "operate", "read", "tenant operate", "tenant read"))
CARRIERS: Final = frozenset(("administer", "operate", "read"))
OPERATORS: Final = frozenset(("administer", "operate"))
CHANGERS: Final = OPERATORS | {"tenant operate"}
ADMINISTRATORS: Final = frozenset(("administer",))
OPEN: Final = ("sign_in", "show_sign_in", "sign_out", "home", "_nothing")
"""What is no thing of anybody's."""
MAY: Final = {
    "applications": (CARRIERS, {"new": ADMINISTRATORS, "create": ADMINISTRATORS, "withdraw": ADMINISTRATORS}),
    "audit": (ADMINISTRATORS, {}),
    "blocks": (ALL, {"lift": OPERATORS, "lifted": OPERATORS}),
    "calls": (ALL, {"hang_up": CHANGERS, "end": CHANGERS}),
    "configurations": (CARRIERS, {"store": ADMINISTRATORS}),
    "cores": (ADMINISTRATORS, {"index": CARRIERS}),
    "credential": (ALL, {}),
    "credential_ending": (CHANGERS, {}),
    "credentials": (CHANGERS, {"index": ALL, "export": ALL}),
    "domains": (ADMINISTRATORS, {"index": ALL, "one": CARRIERS}),
    "events": (ALL, {}),
    "imports": (OPERATORS, {}),
    "keys": (ADMINISTRATORS, {}),
    "lists": (ADMINISTRATORS, {"index": ALL}),
    "numbers": (OPERATORS, {"index": ALL, "export": ALL, "suggest": ALL, "edit": CHANGERS, "change": CHANGERS}),
    "overview": (CARRIERS, {}),
    "regions": (ADMINISTRATORS, {"index": ALL, "one": ALL}),
    "tenants": (ADMINISTRATORS, {"index": ALL, "one": ALL, "records": ALL, "usage": ALL, "export": ALL}),
    "users": (ADMINISTRATORS, {}),
    "zones": (CARRIERS, {"asking_to_store": OPERATORS, "store": OPERATORS}),
}
"""Who may have the pages of a family, and those of its pages that are for others."""
EMPTY: Final = (200, 204, 303, 400, 404, 409, 422)
"""What comes of an empty form: it is refused for what it lacks, or does what needs no word more."""

REFRESH: Final = 150.0  # seconds: a registration lasts twice as long


class Target(NamedTuple):
    """A page or form, with its path for the things of the tenant that the test looks out for."""

    method: str
    endpoint: str
    path: str


class Foreign:
    """A tenant with all that a tenant can have: `marks` are in no answer to others."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier, self.api = carrier, carrier.service.api
        unique = uuid4().hex[:8]
        self.tenant, self.label = f"foreign-{unique}", f"Label-{unique}"
        agent, caller = f"Agent-{unique}", f"caller-{unique}"
        self.api.one("POST", "/v1/tenants", {"account_id": self.tenant, "name": self.label, "contact": self.label})
        made = self.api.one("POST", "/v1/credentials", {"label": self.label, "tenant": self.tenant})
        self.credential = Credential(made["id"], made["username"], made["password"])
        number = carrier.number(made["username"], tenant=self.tenant, label=self.label)
        self.person = new_person(carrier.service, f"{unique}@foreign.example", "operate", self.tenant)
        key = self.api.one("POST", "/v1/keys", {"label": self.label, "scope": "read", "tenant": self.tenant})
        self.marks = [self.label, agent, caller, made["username"], self.person.name, made["password"]]
        self.things = {"credential_id": made["id"], "account_id": self.tenant, "number": number}
        self.things |= {"user_id": self.person.id, "key_id": key["id"]}
        self._live(agent, caller)

    def _live(self, agent: str, caller: str) -> None:
        """A registration, a refusal, a record and a call in progress."""
        pbx = self.carrier.pbx(credential=self.credential, user_agent=agent)
        assert [answer.status for answer in pbx.register_everywhere()] == [200, 200]
        assert pbx.register().status == 429
        ended = pbx.call(self.carrier.subscriber(refuses(486)), caller=caller)
        ended.until_ended()
        self.things["cdr"] = self.carrier.cdr(ended.dial.call_id)["id"]
        self.call = until(lambda: self._answered(pbx, caller), 10, "a call that the pace lets pass", 1.0)
        live = until(lambda: self.api.rows("/v1/calls", credential=self.credential.id), 10, "the call is reported")
        bindings = until(lambda: self.carrier.service.bindings(self.credential), 10, "the binding is reported")
        self.things |= {"call_id": live[0]["id"], "binding": bindings[0].id}
        self._pbx, self._due = pbx, monotonic() + REFRESH

    def _answered(self, pbx: Any, caller: str) -> Any:
        call = pbx.call(self.carrier.subscriber(answers()), caller=caller)
        until(lambda: call.answered or call.ended, 10, "an answer to a call")
        return call if call.answered else None

    def stay(self) -> None:
        """Refresh the registration in time, however long the requests take."""
        if monotonic() > self._due:
            assert [answer.status for answer in self._pbx.register_everywhere()] == [200, 200]
            self._due = monotonic() + REFRESH

    def close(self) -> None:
        self.call.hang_up()
        self.call.until_gone()

    def now(self) -> list[Any]:
        """What others must not change."""
        of, things = {"credential": self.credential.id}, self.things
        paths = (f"credentials/{self.credential.id}", f"numbers/{things['number']}", f"tenants/{self.tenant}")
        shown = [self.api.one("GET", f"/v1/{path}") for path in (*paths, f"users/{self.person.id}")]
        stable = [{name: row.get(name) for name in ("id", "label", "enabled", "tenant", "credential")} for row in shown]
        lists = ("/v1/bindings", "/v1/calls", "/v1/numbers")
        return [*stable, *([row.get("id", row.get("number")) for row in self.api.rows(at, **of)] for at in lists)]


@pytest.fixture(scope="module")
def foreign(carrier: Carrier) -> Iterator[Foreign]:
    foreign = Foreign(carrier)
    yield foreign
    foreign.close()


@pytest.fixture(scope="module")
def people(service: Turnpike) -> Iterator[dict[str, Forger]]:
    """One of each kind, signed in; those of a tenant are of another than the foreign one."""
    unique = uuid4().hex[:8]
    service.api.one("POST", "/v1/tenants", {"account_id": f"own-{unique}", "name": "Own"})
    signed_in = {who: Forger(service.instance.url) for who in sorted(ALL)}
    for who, forger in signed_in.items():
        tenant, _, role = who.rpartition(" ")
        name = f"{role}-{tenant}@{unique}.example"
        forger.sign_in(new_person(service, name, role, f"own-{unique}" if tenant else None))
    yield signed_in
    for forger in signed_in.values():
        forger.close()


@pytest.fixture(scope="module")
def targets(service: Turnpike, foreign: Foreign) -> list[Target]:
    rules = create_app(Settings.load(service.instance.home)).url_map.iter_rules()
    return [
        Target(method, rule.endpoint.removeprefix("portal."), path)
        for rule in rules
        if rule.endpoint.startswith("portal.") and rule.endpoint.removeprefix("portal.") not in OPEN
        for method in sorted({"GET", "POST"} & (rule.methods or set()))
        for path in paths(rule, foreign.things)
    ]


def paths(rule: Rule, things: dict[str, str]) -> Iterator[str]:
    """Where `rule` leads with the foreign tenant's things for its parts; there may be several of a kind."""
    family = rule.endpoint.split(".")[1]
    names = {"lists": "phones"}.get(family, "nw1")
    kinds = {"imports": ({"kind": "numbers", "key": "x"}, {"kind": "credentials", "key": "x"})}
    kinds |= {"credential_ending": tuple({"kind": kind, "thing_id": things[one]} for kind, one in ENDED)}
    kinds |= {"calls": ({}, {"call_id": things["cdr"]})}
    more = {"name": names, "key": "ua-0126", "core_id": "x", "domain": "x.example", "block_id": "x"}
    more |= {"version": "1", "application_id": "1"}
    for kind in kinds.get(family, ({},)):
        parts = more | things | kind
        yield str(rule.build({name: parts[name] for name in rule.arguments})[1]).removeprefix("/portal")


ENDED: Final = (("calls", "call_id"), ("bindings", "binding"))


def who_may(target: Target) -> frozenset[str]:
    """Errors: KeyError for a family of pages that MAY does not know."""
    family, _, view = target.endpoint.partition(".")
    if target.path.startswith("/imports/credentials"):
        return CHANGERS
    usual, others = MAY[family]
    return others.get(view, usual)


def token(forger: Forger) -> str:
    found = TOKEN.search(forger.send("GET", "/credentials/").text)
    assert found
    return found[1]


def test_every_page_and_form_is_refused_to_who_may_not_have_it(
    targets: list[Target], people: dict[str, Forger], foreign: Foreign
) -> None:
    assert len(targets) > 100
    before = foreign.now()
    for who, forger in people.items():
        own = token(forger)
        for target in targets:
            if target.method == "POST" and who in who_may(target) and "tenant" not in who:
                continue  # it would do what it says
            foreign.stay()
            answer = forger.send(target.method, target.path, {"csrf_token": own} if target.method == "POST" else None)
            assert answer.status_code in expected(who, target), (who, target, answer.status_code)
    assert foreign.now() == before


def expected(who: str, target: Target) -> tuple[int, ...]:
    """Who may not have something is told so, or that it is not there; maybe after an own word was found wrong."""
    if who in who_may(target):
        return EMPTY if target.endpoint != "imports.progress" else (200,)
    return (403, 404) if target.method == "GET" else (403, 404, 422)


def test_nothing_of_a_foreign_tenant_is_in_any_answer(
    targets: list[Target], people: dict[str, Forger], foreign: Foreign
) -> None:
    others = [name for name in people if name.startswith("tenant")]
    asked = [f"?{name}={value}" for name, value in queries(foreign).items()]
    month = f"?month={datetime.now(UTC):%Y-%m}"
    for who in others:
        for target in targets:
            if target.method != "GET":
                continue
            family = target.endpoint.endswith((".index", ".export", ".csv", ".live", ".suggest"))
            file = target.endpoint in ("tenants.records", "tenants.usage")
            for query in ("", *(asked if family else ()), *((month,) if file else ())):
                answer = people[who].send("GET", target.path + query)
                assert shown(answer, foreign, query) == [], (who, target, query)
                assert answer.status_code < 500, (who, target, query)


def queries(foreign: Foreign) -> dict[str, str]:
    """What one may ask lists for, when one knows the names of a foreign tenant's things."""
    asked = {"tenant": foreign.tenant, "credential": foreign.credential.username, "q": foreign.label}
    return asked | {"prefix": foreign.things["number"].replace("+", "%2B")}


def shown(answer: httpx.Response, foreign: Foreign, query: str) -> list[str]:
    """The marks that it shows, but for those that were typed."""
    typed = [mark for mark in foreign.marks if mark in query]
    return [mark for mark in foreign.marks if mark not in typed and mark in answer.text]


def test_the_search_finds_what_the_foreign_tenants_own_people_see(service: Turnpike, foreign: Foreign) -> None:
    forger = Forger(service.instance.url)
    forger.sign_in(foreign.person)
    seen = forger.send("GET", f"/credentials/{foreign.credential.id}").text
    calls = forger.send("GET", "/calls/").text
    forger.close()
    assert shown(httpx.Response(200, text=seen + calls), foreign, "") == foreign.marks[:5]
