"""Core gateways in the portal, by a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.turnpike import Turnpike

MARKUP = "<img src=x onerror=alert(1)>\"'"


@pytest.fixture
def region(service: Turnpike) -> Iterator[str]:
    """One that no PBX uses, for gateways that come and go; it is removed with them."""
    name = "spare1"
    service.api.send("POST", "/v1/regions", {"name": name, "address": "127.0.97.1", "label": "Spare"})
    try:
        yield name
    finally:
        for core in service.api.rows("/v1/cores", region=name):
            service.api.send("DELETE", f"/v1/cores/{core['id']}")
        service.api.send("DELETE", f"/v1/regions/{name}")


def _dialog(page: Page, button: str) -> Locator:
    page.wait_for_load_state()
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_a_core_gateway_is_added_relabelled_switched_and_removed(admin: Visit, region: str) -> None:
    page = admin.go("/cores/")
    expect(page.get_by_role("region", name="Spare")).to_contain_text("No core gateway")
    dialog = _dialog(page, "Add core gateway")
    dialog.get_by_label("Region").select_option("Spare")
    dialog.get_by_label("Address").fill("192.0.2.201")
    dialog.get_by_label("Port").fill("5070")
    dialog.get_by_label("Label").fill(MARKUP)
    dialog.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_contain_text(f"192.0.2.201:5070 was added to {region}")
    row = page.get_by_role("row").filter(has_text="192.0.2.201:5070")
    expect(row).to_contain_text(MARKUP)
    expect(row).to_contain_text("not known yet")
    dialog = _dialog(page, "Edit: 192.0.2.201:5070")
    dialog.get_by_label("Label").fill("Softswitch B")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("was relabelled")
    expect(row).to_contain_text("Softswitch B")
    dialog = _dialog(page, "Switch off: 192.0.2.201:5070")
    expect(dialog).to_contain_text("It is the last one of spare1")
    dialog.get_by_role("button", name="Switch off").click()
    expect(page.get_by_role("status")).to_contain_text("gets no more calls")
    expect(row).to_contain_text("switched off")
    _dialog(page, "Switch on: 192.0.2.201:5070").get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("status")).to_contain_text("gets calls")
    expect(row).to_contain_text("not known yet")
    dialog = _dialog(page, "Remove: 192.0.2.201:5070")
    dialog.get_by_role("button", name="Remove core gateway").click()
    expect(page.get_by_role("status")).to_contain_text("was removed from spare1")
    expect(row).to_have_count(0)


def test_what_is_wrong_stands_beside_its_field(admin: Visit, region: str, service: Turnpike) -> None:
    page = admin.go(f"/cores/new?region={region}")
    page.get_by_label("Address").fill("softswitch.example")
    page.get_by_label("Port").fill("sixty")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#about-address")).to_contain_text("IPv4 address")
    expect(page.locator("#about-port")).to_contain_text("integer")
    page.get_by_label("Address").fill(service.instance.addresses.nw1)
    page.get_by_label("Port").fill("5060")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#about-address")).to_contain_text("a region's gateway has it")
    admin.complaints.clear()


def test_O6_one_that_does_not_answer_is_shown_as_such_by_itself(admin: Visit, carrier: Carrier) -> None:
    page = admin.go("/cores/")
    place = f"127.0.97.7:{carrier.cores['nw1'].port}"
    made = carrier.service.api.one(
        "POST", "/v1/cores", {"region": "nw1", "address": "127.0.97.7", "port": carrier.cores["nw1"].port}
    )
    try:
        row = page.get_by_role("row").filter(has_text=place)
        expect(row.get_by_text("does not answer")).to_be_visible(timeout=60_000)
        alive = page.get_by_role("row").filter(has_text=f"{carrier.cores['nw1'].address}:")
        expect(alive.get_by_text("answers", exact=True)).to_be_visible()
    finally:
        carrier.service.api.send("DELETE", f"/v1/cores/{made['id']}")
    expect(row).to_have_count(0)


def test_who_may_not_administer_sees_states_and_no_buttons(
    visiting: Visiting, carrier: Carrier, service: Turnpike
) -> None:
    visit = visiting(new_person(service, "olga@cores.example", "operate"))
    page = visit.go("/cores/")
    expect(page.get_by_role("row").filter(has_text=carrier.cores["nw1"].address)).to_be_visible()
    expect(page.locator("#content").get_by_role("button")).to_have_count(0)
    core = service.api.rows("/v1/cores")[0]
    visit.go(f"/cores/{core['id']}/remove")
    expect(page.get_by_text("that is not enough")).to_be_visible()
    assert core in service.api.rows("/v1/cores")
    visit.complaints.clear()


def test_a_tenants_people_do_not_see_them(visiting: Visiting, service: Turnpike) -> None:
    service.api.send("POST", "/v1/tenants", {"account_id": "cores-1", "name": "Cores"})
    visit = visiting(new_person(service, "tom@cores.example", "operate", "cores-1"))
    page = visit.go("/cores/")
    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()
    expect(page.get_by_role("link", name="Core gateways")).to_have_count(0)
    visit.complaints.clear()
