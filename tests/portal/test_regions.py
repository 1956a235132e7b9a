"""Regions, by a real browser: what they report, draining and taking back, adding and removing (rules D1 and D2)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.turnpike import Turnpike

ATTACK = "<img src=x onerror=alert(1)>\"'"
DOMAIN = "regions-page.example"


@pytest.fixture
def restored(service: Turnpike) -> Iterator[None]:
    """Both regions are in service afterwards, whatever a test did."""
    yield
    for name in ("nw1", "se1"):
        state(service, name, "in-service")


@pytest.fixture
def third(service: Turnpike) -> Iterator[str]:
    """A region that nobody has started; it is gone afterwards."""
    name = "third"
    service.api.send("POST", "/v1/regions", {"name": name, "address": "192.0.2.113", "label": ATTACK})
    yield name
    if any(row["name"] == name for row in service.api.rows("/v1/regions")):
        state(service, name, "out")
        service.api.send("DELETE", f"/v1/regions/{name}")


def state(service: Turnpike, name: str, wanted: str) -> None:
    service.api.send("PATCH", f"/v1/regions/{name}", {"state": wanted, "force": True})


def dialog_of(page: Page, button: str) -> Locator:
    """What this button of the page opens."""
    page.wait_for_load_state()
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading").first).to_be_visible()
    return dialog


def test_the_list_tells_what_each_region_reports_and_follows(admin: Visit, service: Turnpike, third: str) -> None:
    page = admin.go("/regions/")
    row = page.get_by_role("row", name="nw1")
    for text in ("in service", "ready", "all changes applied", "version"):
        expect(row).to_contain_text(text)
    other = page.get_by_role("row", name=third)
    expect(other).to_contain_text("never started")
    expect(other).to_contain_text(ATTACK)
    state(service, third, "draining")
    expect(other).to_contain_text("draining")


def test_a_region_s_page_counts_registrations(admin: Visit, carrier: Carrier) -> None:
    page = admin.go("/regions/nw1")
    assert carrier.pbx("nw1").register().status == 200
    tile = page.locator(".tile", has_text="registrations")
    expect(tile.locator(".value")).to_have_text(re.compile("^[1-9]"))
    expect(page.get_by_text("none dead")).to_be_visible()
    expect(page.get_by_role("heading", name="Region nw1", exact=True)).to_be_visible()


@pytest.mark.usefixtures("restored")
def test_D1_D2_a_region_is_drained_and_taken_back(admin: Visit, service: Turnpike) -> None:
    with service.api.domain(DOMAIN):
        dialog = dialog_of(admin.go("/regions/nw1"), "Drain: nw1")
        expect(dialog).to_contain_text("names nw1 in no SRV record any more; its A record stays (D2)")
        dialog.get_by_role("button", name="Drain nw1").click()
        page = admin.page
        expect(page.get_by_role("status").first).to_contain_text("Region nw1 is draining")
        expect(page.locator("#now")).to_contain_text("in no SRV record, serves (D2)")
        zone = admin.go(f"/domains/{DOMAIN}").get_by_label("Zone file")
        expect(zone).to_contain_text("nw1 IN A")
        expect(zone).not_to_contain_text(f"5060 nw1.reg.{DOMAIN}")
        dialog = dialog_of(admin.go("/regions/nw1"), "Put in service: nw1")
        dialog.get_by_role("button", name="Put nw1 in service").click()
        expect(page.get_by_role("status").first).to_contain_text("Region nw1 is in service")
        expect(page.locator("#now")).to_contain_text("PBXs find it by SRV (D1)")
        zone = admin.go(f"/domains/{DOMAIN}").get_by_label("Zone file")
        expect(zone).to_contain_text(f"SRV 10 10 5060 nw1.reg.{DOMAIN}")
        expect(page.locator("#dns").get_by_role("button", name="Ask again")).to_be_visible()  # before the domain goes


@pytest.mark.usefixtures("restored")
def test_D1_the_last_region_in_service_is_refused_unless_that_is_wanted(admin: Visit, service: Turnpike) -> None:
    state(service, "se1", "draining")
    dialog = dialog_of(admin.go("/regions/nw1"), "Drain: nw1")
    expect(dialog.get_by_role("checkbox")).to_have_count(0)
    dialog.get_by_role("button", name="Drain nw1").click()
    expect(dialog.get_by_role("alert")).to_contain_text("nw1 is the only region in service")
    dialog.get_by_label("Do it anyway").check()
    dialog.get_by_role("button", name="Drain nw1").click()
    expect(admin.page.locator("#now")).to_contain_text("draining")
    admin.complaints.clear()  # the browser's console names every 409


def test_a_region_is_added_edited_and_removed(admin: Visit, service: Turnpike) -> None:
    dialog = dialog_of(admin.go("/regions/"), "Add region")
    dialog.get_by_label("Name").fill("EU 1")
    dialog.get_by_label("Address").fill("somewhere")
    dialog.get_by_role("button", name="Add region").click()
    expect(dialog.get_by_label("Name")).to_have_accessible_description(re.compile("write 1 to 15 small letters"))
    expect(dialog.get_by_label("Address")).to_have_accessible_description(re.compile("IPv4 address"))
    dialog.get_by_label("Name").fill("eu-portal")
    dialog.get_by_label("Address").fill("192.0.2.114")
    dialog.get_by_role("button", name="Add region").click()
    page = admin.page
    expect(page.get_by_role("heading", name="eu-portal")).to_be_visible()
    expect(page.locator("#now")).to_contain_text("./turnpike region enrol eu-portal")
    dialog = dialog_of(page, "Edit: eu-portal")
    dialog.get_by_label("Label").fill(ATTACK)
    dialog.get_by_label("Address").fill(service.regions[0][0])
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Address")).to_have_accessible_description(re.compile("another region has"))
    dialog.get_by_label("Address").fill("192.0.2.115")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text(ATTACK)).to_be_visible()
    expect(page.locator("#now")).to_contain_text("192.0.2.115")
    dialog = dialog_of(page, "Remove: eu-portal")
    dialog.get_by_role("button", name="Remove region").click()
    expect(page.get_by_role("status").first).to_contain_text("Region eu-portal was removed")
    expect(page.get_by_role("row", name="eu-portal")).to_have_count(0)
    admin.complaints.clear()  # the browser's console names every 409 and 422


def test_D1_a_region_that_does_not_work_is_not_put_in_service(third: str, admin: Visit) -> None:
    dialog = dialog_of(admin.go(f"/regions/{third}"), f"Put in service: {third}")
    dialog.get_by_role("button", name=f"Put {third} in service").click()
    expect(dialog.get_by_role("alert")).to_contain_text(
        "PBXs would be sent there in vain: start it first, or do it anyway."
    )
    admin.complaints.clear()


@pytest.mark.usefixtures("restored", "carrier")
def test_T3_a_region_in_use_is_not_removed_and_the_uses_are_listed(admin: Visit, service: Turnpike) -> None:
    dialog = dialog_of(admin.go("/regions/se1"), "Remove: se1")
    dialog.get_by_role("button", name="Remove region").click()
    expect(dialog.get_by_role("alert")).to_contain_text("drain it first")
    state(service, "se1", "draining")
    dialog.get_by_role("button", name="Remove region").click()
    uses = dialog.get_by_label("What uses region se1")
    expect(uses).to_contain_text("its agent, which still reports")
    expect(uses).to_contain_text("core gateway")
    admin.complaints.clear()


def test_who_reads_sees_regions_and_changes_nothing(visiting: Visiting, service: Turnpike) -> None:
    reader = visiting(new_person(service, "regions-reader@carrier.example", "read"))
    page = reader.go("/regions/nw1")
    expect(page.locator("#now")).to_contain_text("in service")
    expect(page.get_by_role("button", name="Drain: nw1")).to_have_count(0)
    reader.go("/regions/nw1/state?to=draining")
    expect(page.get_by_text("this needs one that may administer")).to_be_visible()
    assert service.api.one("GET", "/v1/regions/nw1")["state"] == "in-service"
    reader.complaints.clear()  # the browser's console names every 403


def test_who_is_bound_to_a_tenant_learns_no_totals(visiting: Visiting, service: Turnpike) -> None:
    service.api.send("POST", "/v1/tenants", {"account_id": "regions-acme", "name": "Acme"})
    guest = visiting(new_person(service, "regions-acme@acme.example", "operate", "regions-acme"))
    page = guest.go("/regions/nw1")
    expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Regions")).to_have_count(0)
    expect(page.locator("#now")).to_contain_text("in service")
    expect(page.get_by_text("registrations")).to_have_count(0)
    guest.go("/regions/nw1/configuration/")
    expect(page.get_by_text("is bound to tenant regions-acme")).to_be_visible()
    guest.complaints.clear()


def test_what_there_is_not_is_told(admin: Visit) -> None:
    for path in ("/regions/nowhere", "/regions/nowhere/configuration/", "/regions/nw1/state?to=%3Cb%3E"):
        expect(admin.go(path).get_by_role("heading", name="Nothing is here")).to_be_visible()
    admin.complaints.clear()
