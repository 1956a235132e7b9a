"""Policy lists in the portal, by a real browser."""

from playwright.sync_api import Locator, Page, expect

from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike

MARKUP = "<img src=x onerror=alert(1)>\"'"


def _dialog(page: Page, button: str) -> Locator:
    page.wait_for_load_state()
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def _row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def test_R3_a_phone_is_refused_until_it_is_taken_from_the_list(
    admin: Visit, service: Turnpike, network: Network
) -> None:
    phone = network.phone(service.regions[0], service.new_credential().login, user_agent="Harbour Phone 7")
    page = admin.go("/lists/")
    dialog = _dialog(page, "Add phone")
    dialog.get_by_label("User-Agent").fill("harbour phone *")
    dialog.get_by_label("Note").fill("Harbour desk phones")
    dialog.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_contain_text("harbour phone * was added")
    expect(_row(page, "harbour phone *")).to_contain_text("Harbour desk phones")
    service.settled()
    assert phone.register().status == 403
    dialog = _dialog(page, "Remove: harbour phone *")
    expect(dialog).to_contain_text("may register and call")
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("was removed")
    expect(_row(page, "harbour phone *")).to_have_count(0)
    service.settled()
    assert phone.register().status == 200


def test_B6_scanners_and_O4_emergency_numbers_are_lists_of_their_own(admin: Visit, service: Turnpike) -> None:
    page = admin.go("/lists/")
    page.get_by_role("link", name="Scanners").click()
    expect(_row(page, "friendly-scanner*")).to_be_visible()
    expect(_row(page, "Harbour")).to_have_count(0)
    page.get_by_role("link", name="Emergency").click()
    expect(_row(page, "112")).to_be_visible()
    dialog = _dialog(page, "Add emergency number")
    dialog.get_by_label("Digits").fill("118")
    dialog.get_by_label("Note").fill("ambulance")
    dialog.get_by_role("button", name="Add").click()
    expect(_row(page, "118")).to_contain_text("ambulance")
    dialog = _dialog(page, "Remove: 118")
    expect(dialog).to_contain_text("ordinary number")
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("118 was removed")
    assert "118" not in {row["digits"] for row in service.api.rows("/v1/emergency-numbers")}


def test_what_would_shut_out_every_PBX_is_refused_beside_its_field(admin: Visit) -> None:
    page = admin.go("/lists/")
    dialog = _dialog(page, "Add phone")
    dialog.get_by_label("User-Agent").fill("*")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.locator("#about-pattern")).to_contain_text("shut out every PBX")
    admin.complaints.clear()


def test_markup_in_a_pattern_is_text(admin: Visit, service: Turnpike) -> None:
    made = service.api.one("POST", "/v1/user-agents", {"kind": "scanner", "pattern": MARKUP, "note": MARKUP})
    try:
        page = admin.go("/lists/?of=scanners")
        expect(_row(page, MARKUP)).to_be_visible()
        expect(_dialog(page, f"Remove: {MARKUP}")).to_contain_text(MARKUP)
        expect(page.locator("main img, dialog img")).to_have_count(0)
    finally:
        service.api.send("DELETE", f"/v1/user-agents/{made['id']}")


def test_who_may_not_administer_reads_them_and_is_refused(visiting: Visiting, service: Turnpike) -> None:
    visit = visiting(new_person(service, "olga@lists.example", "operate"))
    page = visit.go("/lists/?of=emergency")
    expect(_row(page, "112")).to_be_visible()
    expect(page.locator("#content").get_by_role("button")).to_have_count(0)
    visit.go("/lists/emergency/112/remove")
    expect(page.get_by_text("that is not enough")).to_be_visible()
    assert "112" in {row["digits"] for row in service.api.rows("/v1/emergency-numbers")}
    visit.go("/lists/?of=nothing")
    expect(page.get_by_text("There is no such list")).to_be_visible()
    visit.complaints.clear()
