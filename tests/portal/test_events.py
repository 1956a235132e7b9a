"""Events in the portal: why a PBX was refused, in sentences."""

from playwright.sync_api import Locator, Page, expect

from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike

MARKUP = """<img src=x onerror=alert(1)>"'"""


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Events").get_by_role("row")


def test_a_refusal_appears_by_itself_as_a_sentence(admin: Visit, service: Turnpike, network: Network) -> None:
    credential = service.new_credential()
    phone = network.phone(service.regions[0], credential.login)
    page = admin.go(f"/events/?credential={credential.username}")
    expect(page.get_by_text("No event agrees")).to_be_visible()
    assert phone.register().status == 200
    assert phone.register().status == 429
    row = rows(page).nth(1)
    expect(row).to_contain_text("the minimum is 100 s")
    expect(row).to_contain_text("REGISTER answered 429, Retry-After")
    expect(row).to_contain_text(f"{phone.address}:{phone.port}")
    expect(row).to_contain_text("R4 100 s between registrations")
    expect(row.get_by_role("link", name=credential.username)).to_have_attribute(
        "href", f"/portal/credentials/{credential.id}"
    )


def test_events_are_filtered(admin: Visit, service: Turnpike, network: Network) -> None:
    credential = service.new_credential()
    phone = network.phone(service.regions[0], credential.login)
    assert phone.register().status == 200
    assert phone.register().status == 429
    assert phone.wrong().status == 401
    page = admin.go("/events/")
    page.get_by_label("Source address").fill(phone.address)
    page.get_by_label("Source address").press("Enter")
    expect(rows(page)).to_have_count(3)
    page.get_by_label("Rule").select_option("R2")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).nth(1)).to_contain_text("as claimed")
    assert f"address={phone.address}" in page.url
    page.get_by_label("Region").select_option("se1")
    expect(page.get_by_text("Nothing found")).to_be_visible()


def test_a_user_agent_with_markup_is_text(admin: Visit, service: Turnpike, network: Network) -> None:
    phone = network.phone(service.regions[0], service.new_credential().login, user_agent=MARKUP)
    assert phone.wrong().status == 401
    page = admin.go(f"/events/?address={phone.address}")
    expect(rows(page).nth(1).get_by_role("listitem").filter(has_text=MARKUP)).to_be_visible()
    assert page.locator("img").count() == 0


def test_a_tenants_person_sees_its_own_events_only(visiting: Visiting, service: Turnpike, network: Network) -> None:
    service.api.send("POST", "/v1/tenants", {"account_id": "events-mine", "name": "Mine"})
    own, other = service.new_credential(), service.new_credential()
    service.api.send("PATCH", f"/v1/credentials/{own.id}", {"tenant": "events-mine"})
    service.settled()
    for credential in (own, other):
        assert network.phone(service.regions[0], credential.login).wrong().status == 401
    person = visiting(new_person(service, "events@mine.example", "read", "events-mine"))
    page = person.go("/events/")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).nth(1)).to_contain_text(own.username)
    page = person.go(f"/events/?credential={other.username}")
    expect(page.get_by_text("No event agrees")).to_be_visible()
