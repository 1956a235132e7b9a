"""Phone numbers in the portal, by a real browser."""

import itertools

from playwright.sync_api import Locator, Page, expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.turnpike import Turnpike

MARKUP = "<img src=x onerror=alert(1)>\"'"
_LINES = itertools.count(3_035_550_000)


def fresh() -> str:
    """A number that no other test has."""
    return f"+1{next(_LINES)}"


def _dialog(page: Page, button: str) -> Locator:
    page.wait_for_load_state()
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def _row(page: Page, number: str) -> Locator:
    return page.get_by_role("row").filter(has_text=number)


def test_a_number_is_made_routed_by_a_label_and_deleted(admin: Visit, service: Turnpike) -> None:
    number = fresh()
    credential = service.api.one("POST", "/v1/credentials", {"label": f"Harbour office {number}"})
    page = admin.go("/numbers/")
    dialog = _dialog(page, "Create number")
    dialog.get_by_label("Number").fill(f"{number[:2]} ({number[2:5]}) {number[5:8]}-{number[8:]}")
    dialog.get_by_label("Label").fill("Reception")
    dialog.get_by_label("Routed to").fill(f"harbour office {number}")
    expect(dialog.locator(f"#credentials option[value='{credential['username']}']")).to_have_count(1)
    dialog.get_by_label("Routed to").fill(credential["username"])
    expect(dialog.locator("#suggestions")).to_contain_text(f"Harbour office {number}")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("status")).to_contain_text(f"{number} was created")
    row = _row(page, number)
    expect(row).to_contain_text("Reception")
    expect(row).to_contain_text("not registered")
    expect(row.get_by_role("link", name=f"Harbour office {number}")).to_have_attribute(
        "href", f"/portal/credentials/{credential['id']}"
    )
    dialog = _dialog(page, f"Delete: {number}")
    expect(dialog).to_contain_text("404")
    dialog.get_by_role("button", name="Delete number").click()
    expect(page.get_by_role("status")).to_contain_text(f"{number} was deleted")
    assert not service.api.rows("/v1/numbers", prefix=number)


def test_what_is_wrong_stands_beside_its_field(admin: Visit) -> None:
    page = admin.go("/numbers/")
    dialog = _dialog(page, "Create number")
    dialog.get_by_label("Number").fill("0800 CALL ME")
    dialog.get_by_label("Label").fill("stays")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.locator("#about-number")).to_contain_text("write it in E.164")
    expect(dialog.get_by_label("Label")).to_have_value("stays")
    dialog.get_by_label("Number").fill(fresh())
    dialog.get_by_label("Tenant").fill("nobody-knows")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.locator("#about-tenant")).to_contain_text("no tenant nobody-knows")
    admin.complaints.clear()  # the browser's console names every 4xx


def test_editing_changes_what_was_typed_and_nothing_else(admin: Visit, service: Turnpike) -> None:
    number = fresh()
    service.api.send("POST", "/v1/numbers", {"number": number, "label": "Old"})
    page = admin.go(f"/numbers/?prefix=%2B{number[1:]}")
    dialog = _dialog(page, f"Edit: {number}")
    service.api.send("PATCH", f"/v1/numbers/{number}", {"label": "Changed meanwhile"})
    username = service.new_credential().username
    dialog.get_by_label("Routed to").fill(username)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("was changed")
    found = service.api.one("GET", f"/v1/numbers/{number}")
    assert (found["label"], found["username"]) == ("Changed meanwhile", username)


def test_I2_the_list_says_when_the_PBX_registers(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    number = carrier.number(credential.username)
    page = admin.go(f"/numbers/?prefix=%2B{number[1:]}")
    expect(_row(page, number)).to_contain_text("not registered")
    carrier.pbx(credential=credential).register()
    expect(_row(page, number).get_by_text("registered", exact=True)).to_be_visible()
    expect(_row(page, number)).to_contain_text("nw1")


def test_the_list_follows_what_is_typed(admin: Visit, service: Turnpike) -> None:
    routed, unrouted = fresh(), fresh()
    username = service.new_credential().username
    service.api.send("POST", "/v1/numbers", {"number": routed, "credential": username})
    service.api.send("POST", "/v1/numbers", {"number": unrouted})
    page = admin.go("/numbers/")
    page.get_by_role("searchbox").fill(f"{routed[:5]} {routed[5:]}")
    expect(_row(page, unrouted)).to_be_hidden()
    expect(_row(page, routed)).to_be_visible()
    page.get_by_role("searchbox").fill(unrouted[:8])
    page.get_by_label("Route").select_option("Without a route")
    expect(_row(page, unrouted)).to_be_visible()
    expect(_row(page, routed)).to_be_hidden()
    page.get_by_label("Route").select_option("Routed")
    page.get_by_label("Credential's username").fill(username)
    page.get_by_role("button", name="Search").click()
    expect(_row(page, routed)).to_be_visible()
    page.get_by_role("searchbox").fill("reception")
    expect(page.get_by_role("alert")).to_contain_text("first digits")
    admin.forgive(422)


def test_pages_of_the_list_and_its_file(admin: Visit, service: Turnpike) -> None:
    prefix = "+44207946"
    rows = "".join(f"{prefix}{index:04}\n" for index in range(60))
    head = {"Content-Type": "text/csv", "Authorization": f"Bearer {service.instance.admin_key}"}
    made = admin.context.request.post(
        f"{service.instance.url}/v1/numbers/import", headers=head, data=f"number\n{rows}".encode()
    )
    assert made.status == 201, made.text()
    page = admin.go("/numbers/?prefix=%2B44207946")
    expect(_row(page, f"{prefix}0049")).to_be_visible()
    page.get_by_role("link", name="Next page").click()
    expect(_row(page, f"{prefix}0059")).to_be_visible()
    expect(_row(page, f"{prefix}0049")).to_be_hidden()
    page.get_by_role("link", name="First page").click()
    expect(_row(page, f"{prefix}0000")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export these as CSV").click()
    text = download.value.path().read_text()
    assert text.splitlines()[0] == "number,label,tenant,credential"
    assert text.count(prefix) == 60


def test_markup_is_text_and_so_is_a_formula(admin: Visit, service: Turnpike) -> None:
    number = fresh()
    credential = service.api.one("POST", "/v1/credentials", {"label": MARKUP})
    body = {"number": number, "label": f"=HYPERLINK({number}) {MARKUP}", "credential": credential["id"]}
    service.api.send("POST", "/v1/numbers", body)
    page = admin.go(f"/numbers/?prefix=%2B{number[1:]}")
    expect(_row(page, number)).to_contain_text(f"=HYPERLINK({number}) {MARKUP}")
    expect(_row(page, number).get_by_role("link", name=MARKUP)).to_be_visible()
    dialog = _dialog(page, f"Edit: {number}")
    dialog.get_by_label("Routed to").fill("<img src")
    expect(dialog.locator(f"#credentials option[value='{credential['username']}']")).to_have_attribute(
        "label", f"{MARKUP} ({credential['username']})"
    )
    expect(page.locator("main img, dialog img")).to_have_count(0)


def test_a_tenants_people_see_and_route_their_own_numbers_only(visiting: Visiting, service: Turnpike) -> None:
    own, others, unseen = fresh(), fresh(), fresh()
    for tenant in ("harbour-1", "harbour-2"):
        service.api.send("POST", "/v1/tenants", {"account_id": tenant, "name": tenant})
    credential = service.api.one("POST", "/v1/credentials", {"label": "Harbour PBX", "tenant": "harbour-1"})
    foreign = service.api.one("POST", "/v1/credentials", {"label": "Foreign PBX"})
    service.api.send("POST", "/v1/numbers", {"number": own, "tenant": "harbour-1"})
    service.api.send("POST", "/v1/numbers", {"number": others, "tenant": "harbour-2"})
    service.api.send("POST", "/v1/numbers", {"number": unseen, "tenant": "harbour-1", "credential": foreign["id"]})
    visit = visiting(new_person(service, "tess@harbour.example", "operate", "harbour-1"))
    page = visit.go("/numbers/")
    expect(_row(page, own)).to_be_visible()
    expect(_row(page, others)).to_have_count(0)
    expect(_row(page, unseen)).to_contain_text("no route")
    expect(page.get_by_role("button", name="Create number")).to_have_count(0)
    dialog = _dialog(page, f"Edit: {own}")
    dialog.get_by_label("Routed to").fill("pbx")
    expect(dialog.locator("#credentials option")).to_have_count(1)
    dialog.get_by_label("Routed to").fill(credential["username"])
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("was changed")
    visit.go("/numbers/")
    dialog = _dialog(page, f"Edit: {unseen}")
    dialog.get_by_label("Label").fill("Relabelled")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("was changed")
    assert service.api.one("GET", f"/v1/numbers/{unseen}")["credential"] == foreign["id"]
    assert service.api.one("GET", f"/v1/numbers/{own}")["credential"] == credential["id"]
    visit.go(f"/numbers/{others}/edit")
    expect(page.get_by_text(f"There is no number {others}")).to_be_visible()
    visit.complaints.clear()


def test_who_may_only_read_is_offered_nothing_and_refused(visiting: Visiting, service: Turnpike) -> None:
    number = fresh()
    service.api.send("POST", "/v1/numbers", {"number": number})
    visit = visiting(new_person(service, "rita@numbers.example", "read"))
    page = visit.go(f"/numbers/?prefix=%2B{number[1:]}")
    expect(_row(page, number)).to_be_visible()
    expect(page.locator("#list").get_by_role("button")).to_have_count(0)
    visit.go(f"/numbers/{number}/delete")
    expect(page.get_by_text("that is not enough")).to_be_visible()
    assert service.api.one("GET", f"/v1/numbers/{number}")
    visit.complaints.clear()
