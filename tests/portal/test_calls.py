"""Calls in the portal: those that go on, records, and one call with its ladder diagram, with real SIP."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.caller import Pbx, until_decided
from tests.sip.incoming import IncomingCall
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import answers, refuses, rings
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

MARKUP = "<img/src=x/onerror=alert(1)>"


def records(page: Page) -> Any:
    return page.get_by_role("table", name="Records of calls").get_by_role("row")


def live_calls(page: Page) -> Any:
    return page.get_by_role("table", name="Live calls").get_by_role("row")


@contextmanager
def talking(pbx: Pbx, dialled: str, **options: Any) -> Iterator[OutgoingCall]:
    """A call that is answered, and ended afterwards whatever happens."""
    call = pbx.call(dialled, **options)
    call.until_answered()
    try:
        yield call
    finally:
        call.leave()


def owned(service: Turnpike, tenant: str) -> Credential:
    """A credential of a new tenant."""
    service.api.send("POST", "/v1/tenants", {"account_id": tenant, "name": tenant})
    credential = service.new_credential()
    service.api.send("PATCH", f"/v1/credentials/{credential.id}", {"tenant": tenant})
    service.settled()
    return credential


def steps(page: Page) -> list[str]:
    found: list[str] = page.get_by_role("list", name="Steps of the call").get_by_role("listitem").all_inner_texts()
    return [" ".join(text.split()) for text in found]


def at_the_core(carrier: Carrier, dialled: str) -> list[IncomingCall]:
    return [call for call in carrier.cores["nw1"].calls if f"sip:{dialled}@" in call.invite.start]


def test_a_live_call_appears_by_itself_and_is_hung_up(admin: Visit, carrier: Carrier) -> None:
    pbx, dialled = carrier.pbx(), carrier.subscriber(answers(0.1))
    page = admin.go(f"/calls/?credential={pbx.login.username}")
    expect(page.get_by_text("No call is in progress")).to_be_visible()
    with talking(pbx, dialled) as call:
        row = live_calls(page).filter(has_text=dialled)
        expect(row).to_contain_text("answered")
        expect(row).to_contain_text("outbound")
        row.get_by_role("button", name="Hang up").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(dialled)
        dialog.get_by_role("button", name="Hang up").click()
        expect(page.get_by_text("The call is being ended")).to_be_visible()
        call.until_ended()
        until(lambda: all(each.ended for each in at_the_core(carrier, dialled)), 10, "the core got its BYE")
    expect(page.get_by_text("An administrator ended it after")).to_be_visible()
    expect(page.get_by_role("button", name="Hang up")).to_have_count(0)
    assert "BYE from Gateway nw1 to PBX and to Core" in steps(page)[-1]


def test_a_call_that_is_over_meanwhile_is_not_hung_up(admin: Visit, carrier: Carrier) -> None:
    pbx, dialled = carrier.pbx(), carrier.subscriber(answers(0.1))
    with talking(pbx, dialled) as call:
        page = admin.go(f"/calls/?credential={pbx.login.username}")
        row = live_calls(page).filter(has_text=dialled)
        expect(row).to_contain_text("answered")
        row.get_by_role("button", name="Hang up").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("each gets a BYE")
        call.hang_up()
        call.until_gone()
        carrier.cdr(call.dial.call_id)
        dialog.get_by_role("button", name="Hang up").click()
        expect(dialog.get_by_role("alert")).to_contain_text("it may have ended")
    admin.complaints.clear()  # the browser's console names every 404


def test_records_of_an_answered_a_busy_and_a_refused_call_are_found(admin: Visit, carrier: Carrier) -> None:
    pbx = carrier.pbx()
    good, busy = carrier.subscriber(answers(0.05, hold=0.1)), carrier.subscriber(refuses(486, 0.1, ring=0.0))
    calls = pbx.call_many([good, good, busy], at=[0, 0.05, 3.0])
    until_decided(calls, 3, 10)
    for call in calls:
        carrier.cdr(call.dial.call_id)
    page = admin.go(f"/calls/?credential={pbx.login.username}")
    expect(records(page)).to_have_count(4)
    page.get_by_label("Answered").select_option("true")
    expect(records(page)).to_have_count(2)
    expect(records(page).nth(1)).to_contain_text(re.compile(r"answered, (less than 1|\d) s"))
    page.get_by_label("Answered").select_option("")
    page.get_by_text("More filters").click()
    page.get_by_label("Refused or ended for").select_option("O2")
    expect(records(page).nth(1)).to_contain_text("503 Unavailable, rule O2")
    page.get_by_label("Refused or ended for").select_option("")
    page.get_by_label("Final SIP code").fill("486")
    expect(records(page)).to_have_count(4)
    page.get_by_label("Final SIP code").press("Enter")
    expect(records(page)).to_have_count(2)
    expect(records(page).nth(1)).to_contain_text("486 Busy Here")
    assert "code=486" in page.url


def test_what_is_found_is_downloaded(admin: Visit, carrier: Carrier) -> None:
    pbx, dialled = carrier.pbx(), carrier.subscriber(answers(0.05, hold=0.1))
    call = pbx.call(dialled)
    call.until_answered()
    carrier.cdr(call.dial.call_id)
    page = admin.go(f"/calls/?credential={pbx.login.username}")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of what is found").click()
    _, *rows = download.value.path().read_text().splitlines()
    assert len(rows) == 1
    assert call.dial.call_id in rows[0]


def test_the_ladder_shows_what_the_region_recorded(admin: Visit, carrier: Carrier) -> None:
    pbx, dialled = carrier.pbx(), carrier.subscriber(answers(0.4, ring=0.1, hold=2.5))
    call = pbx.call(dialled)
    call.until_answered()
    record = carrier.cdr(call.dial.call_id)
    page = admin.go(f"/calls/{record['id']}")
    expect(page.get_by_text(re.compile(r"The called side hung up after \d+ s\."))).to_be_visible()
    told = steps(page)
    assert told[0].startswith("+0.000 s INVITE from PBX to Gateway nw1 and on to Core")
    assert [text.partition(" from")[0].split(" s ")[-1] for text in told[1:3]] == ["18x Ringing", "200 OK"]
    assert "BYE from Core to Gateway nw1 and on to PBX" in told[-1]
    drawing = page.get_by_role("img", name="Ladder diagram of the call")
    core = carrier.cores["nw1"]
    for address in (
        f"{pbx.address}:{pbx.port}",
        f"{carrier.service.regions[0][0]}:5060",
        f"{core.address}:{core.port}",
    ):
        expect(drawing).to_contain_text(address)


def test_a_refused_call_says_its_rule_and_leads_to_the_event(admin: Visit, carrier: Carrier) -> None:
    pbx, dialled = carrier.pbx(), carrier.subscriber(answers(0.05, hold=0.1))
    calls = pbx.call_many([dialled, dialled], at=[0, 0.05])
    until_decided(calls, 2, 10)
    refused = next(call for call in calls if call.code == 503)
    page = admin.go(f"/calls/{carrier.cdr(refused.dial.call_id)['id']}")
    expect(page.get_by_text("The gateway refused it with 503: calls came faster than one a second")).to_be_visible()
    expect(page.get_by_text("Calls are made faster than one a second.")).to_be_visible()
    assert len(steps(page)) == 2
    page.get_by_role("link", name="Events of this credential under rule O2").click()
    expect(page.get_by_role("table", name="Events")).to_contain_text("Calls are made faster than one a second.")


def test_what_the_wire_says_is_text(admin: Visit, carrier: Carrier) -> None:
    pbx, dialled = carrier.pbx(), carrier.subscriber(rings())
    call = pbx.call(dialled, call_id=f"{MARKUP}{pbx.login.username}", caller="'onmouseover=alert(1)")
    call.until_ringing()
    page = admin.go(f"/calls/?credential={pbx.login.username}")
    row = live_calls(page).filter(has_text=dialled)
    expect(row).to_contain_text("'onmouseover=alert(1) to")
    row.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("dialog")).to_contain_text("'onmouseover=alert(1)")
    page.keyboard.press("Escape")
    row.get_by_role("link", name=dialled).click()
    expect(page.get_by_text(f"{MARKUP}{pbx.login.username}")).to_be_visible()
    call.cancel()
    expect(page.get_by_text("the caller gave up")).to_be_visible()
    assert page.locator("img, [onmouseover]").count() == 0


def test_a_tenants_person_sees_and_ends_its_own_calls_only(
    visiting: Visiting, carrier: Carrier, service: Turnpike
) -> None:
    mine, others = (carrier.pbx(credential=owned(service, name)) for name in ("calls-mine", "calls-others"))
    dialled, foreign = carrier.subscriber(answers(0.1)), carrier.subscriber(answers(0.1))
    person = visiting(new_person(service, "calls@mine.example", "operate", "calls-mine"))
    with talking(mine, dialled) as call, talking(others, foreign) as other:
        page = person.go("/calls/")
        expect(live_calls(page)).to_have_count(2)
        expect(live_calls(page).nth(1)).to_contain_text(dialled)
        expect(page.get_by_label("Tenant", exact=True)).to_have_count(0)
        until(lambda: service.api.rows("/v1/calls", credential=others.login.username), 5, "the other call is shown")
        hidden = service.api.rows("/v1/calls", credential=others.login.username)[0]["id"]
        for path in (f"/calls/{hidden}", f"/calls/{hidden}/hang-up"):
            expect(person.go(path).get_by_role("heading", name="Nothing is here")).to_be_visible()
        page = person.go("/calls/")
        live_calls(page).nth(1).get_by_role("button", name="Hang up").click()
        page.get_by_role("dialog").get_by_role("button", name="Hang up").click()
        expect(page.get_by_text("The call is being ended")).to_be_visible()
        call.until_ended()
        assert other.talking
    person.complaints.clear()  # the browser's console names every 404


def test_who_may_only_read_is_offered_no_hanging_up(visiting: Visiting, carrier: Carrier, service: Turnpike) -> None:
    pbx, dialled = carrier.pbx(), carrier.subscriber(answers(0.1))
    reader = visiting(new_person(service, "calls@reads.example", "read"))
    with talking(pbx, dialled):
        page = reader.go(f"/calls/?credential={pbx.login.username}")
        expect(live_calls(page).filter(has_text=dialled)).to_be_visible()
        expect(page.get_by_role("button", name="Hang up")).to_have_count(0)


def test_a_filter_that_cannot_be_used_is_said_beside_its_list(admin: Visit) -> None:
    page = admin.go("/calls/?credential=two%20words")
    expect(page.get_by_role("alert")).to_contain_text("Credential: write 1 to 64 ASCII characters")
    admin.complaints.clear()  # the browser's console names every 422
