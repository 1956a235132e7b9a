"""One credential's page: who may see and do what, and what an attacker makes of it."""

from playwright.sync_api import expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.portal.trunk_page import blocked, live_call, live_id, opened, owned, panel, picture, region, tenant
from tests.sip.scripts import answers
from tests.sip.waiting import until

MARKUP = "<img src=x onerror=alert(1)>\"'"


def test_what_came_from_the_wire_is_text(admin: Visit, carrier: Carrier) -> None:
    service = carrier.service
    credential = service.new_credential()
    service.api.send("PATCH", f"/v1/credentials/{credential.id}", {"label": MARKUP})
    pbx = carrier.pbx(credential=credential, user_agent=MARKUP)
    assert pbx.register().status == 200
    assert carrier.network.phone(service.regions[0], credential.login, user_agent=MARKUP).wrong().status == 401
    call = pbx.call(carrier.subscriber(answers()), caller=MARKUP.replace(" ", "").replace("@", ""))
    until(lambda: call.ended or call.answered, 10, "the call is decided")
    until(lambda: service.bindings(credential), 8, "the binding is reported")
    page = opened(admin, credential)
    expect(page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    expect(region(page, "nw1")).to_contain_text(MARKUP)
    expect(panel(page, "Does the trunk work?")).to_contain_text(MARKUP)
    expect(panel(page, "Recent events")).to_contain_text(MARKUP)
    expect(picture(page).locator(".mark-wrong title")).to_contain_text(MARKUP)
    page.get_by_text("The same in words").click()
    page.get_by_text("What is known").click()
    assert page.locator("img").count() == 0


def test_T1_a_tenants_person_sees_its_own_credential_and_no_other(visiting: Visiting, carrier: Carrier) -> None:
    service = carrier.service
    own, other = owned(service, tenant(service, "p3-own")), owned(service, tenant(service, "p3-other"))
    blocked(carrier, own)
    visit = visiting(new_person(service, "olga@p3-own.example", "operate", "p3-own"))
    page = opened(visit, own)
    expect(region(page, "nw1")).to_contain_text("registered")
    expect(panel(page, "Does the trunk work?")).to_contain_text("blocked")
    expect(panel(page, "Blocked")).to_be_visible()
    expect(panel(page, "Blocked").get_by_role("button")).to_have_count(0)
    live_call(carrier, other)
    elsewhere = live_id(service, other)
    assert not visit.complaints
    for path in ("", "/diagnosis", "/settings", f"/calls/{elsewhere}/end"):
        assert visit.context.request.get(f"{service.instance.url}/portal/credentials/{other.id}{path}").status == 404
    page = visit.go(f"/credentials/{other.id}")
    expect(page.get_by_role("heading", name="Nothing is here")).to_be_visible()
    hidden = visit.context.request.get(f"{service.instance.url}/portal/credentials/{own.id}/calls/{elsewhere}/end")
    assert hidden.status == 404, "another's call is not shown under one's own credential"
    visit.complaints.clear()  # the browser's console names every 404


def test_who_may_only_read_is_offered_nothing_and_gets_nothing_done(visiting: Visiting, carrier: Carrier) -> None:
    service = carrier.service
    credential = service.new_credential()
    assert carrier.pbx(credential=credential).register().status == 200
    visit = visiting(new_person(service, "rita@p3.example", "read"))
    page = opened(visit, credential)
    expect(region(page, "nw1")).to_contain_text("registered")
    for name in ("Remove registration", "Hang up", "Lift", "Actions"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    (binding,) = until(lambda: service.bindings(credential), 8, "the binding is reported")
    address = f"{service.instance.url}/portal/credentials/{credential.id}/bindings/{binding.id}/end"
    token = page.locator("input[name=csrf_token]").first.get_attribute("value")
    sent = visit.context.request.post(address, form={"csrf_token": token or ""}, headers={"Referer": page.url})
    assert sent.status == 403
    assert service.bindings(credential) == [binding]


def test_a_forged_request_ends_nothing(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    assert carrier.pbx(credential=credential).register().status == 200
    (binding,) = until(lambda: carrier.service.bindings(credential), 8, "the binding is shown")
    address = f"{carrier.service.instance.url}/portal/credentials/{credential.id}/bindings/{binding.id}/end"
    assert admin.context.request.post(address, form={}).status == 400
    assert carrier.service.bindings(credential) == [binding]


def test_what_does_not_exist_is_told(admin: Visit) -> None:
    page = admin.go("/credentials/cr-nothing00000")
    expect(page.get_by_role("heading", name="Nothing is here")).to_be_visible()
    admin.complaints.clear()  # the browser's console names every 404


def test_one_that_is_deleted_while_one_looks_is_told_once(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    page = opened(admin, credential)
    expect(region(page, "nw1")).to_be_visible()
    with page.expect_response(lambda answer: answer.status == 404):
        carrier.service.delete(credential)
    for _ in range(4):
        page.wait_for_event("response", lambda answer: answer.status == 404)
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text(credential.id)
    admin.forgive(404)
