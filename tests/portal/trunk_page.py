"""A credential's page as a person finds things on it, and what happens to its PBX."""

import re
from typing import Any

from playwright.sync_api import Locator, Page

from tests.calls.carrier import Carrier
from tests.portal.people import Visit
from tests.sip.call import Call
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import answers
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

Row = dict[str, Any]


def opened(visit: Visit, credential: Credential, query: str = "") -> Page:
    return visit.go(f"/credentials/{credential.id}{query}")


def panel(page: Page, title: str) -> Locator:
    """A part of the page, by its heading."""
    return page.get_by_role("region", name=title)


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def picture(page: Page) -> Locator:
    """The one that is drawn for this screen."""
    return page.get_by_role("img", name=re.compile("What happened"))


def tenant(service: Turnpike, account_id: str) -> str:
    service.api.send("POST", "/v1/tenants", {"account_id": account_id, "name": account_id})
    return account_id


def owned(service: Turnpike, account_id: str) -> Credential:
    credential = service.new_credential()
    service.api.send("PATCH", f"/v1/credentials/{credential.id}", {"tenant": account_id})
    service.settled()
    return credential


def live_call(carrier: Carrier, credential: Credential) -> tuple[OutgoingCall, Call]:
    """A call that is answered, as each end has it."""
    pbx, dialled = carrier.pbx(credential=credential), carrier.subscriber(answers())
    call = pbx.call(dialled)
    call.until_answered()
    there = next(each for each in carrier.cores["nw1"].calls if each.dialled == dialled)
    return call, there


def live_id(service: Turnpike, credential: Credential) -> str:
    rows: list[Row] = until(lambda: service.api.rows("/v1/calls", credential=credential.id), 8, "the call is listed")
    return str(rows[0]["id"])


def blocked(carrier: Carrier, credential: Credential) -> None:
    """R4: it comes ten times before the moment that Retry-After named."""
    phone = carrier.network.phone(carrier.service.regions[0], credential.login)
    assert [phone.register().status for _ in range(12)] == [200, *[429] * 11]
