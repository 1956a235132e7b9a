"""The audit log in the portal: who did what to what, and what changed."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.portal.conftest import Visiting
from tests.portal.people import Person, Visit, new_person
from tests.sip.turnpike import Turnpike

MARKUP = """<img src=x onerror=alert(1)>"'"""


def entries(page: Page) -> Locator:
    return page.get_by_role("list", name="Entries, newest first").locator("> li")


def test_a_change_is_shown_field_by_field(admin: Visit, service: Turnpike) -> None:
    credential = service.new_credential()
    service.api.send("PATCH", f"/v1/credentials/{credential.id}", {"label": MARKUP})
    page = admin.go(f"/audit/?entity_id={credential.id}")
    entry = entries(page).first
    expect(entry).to_contain_text("change credential")
    expect(entry).to_contain_text("API key")
    row = entry.get_by_role("row", name="label")
    expect(row).to_contain_text("wire test")
    expect(row).to_contain_text(MARKUP)
    expect(entry.get_by_role("row", name="username")).to_have_count(0)
    expect(entry.get_by_role("link", name=credential.id)).to_have_attribute(
        "href", f"/portal/credentials/{credential.id}"
    )
    entry.get_by_text("Whole before and after").click()
    expect(entry.get_by_label("After: change credential")).to_contain_text('"username"')
    assert page.locator("img").count() == 0


def test_the_log_is_filtered_by_what_was_done_and_by_whom(admin: Visit, administrator: Person) -> None:
    page = admin.go("/audit/")
    page.get_by_label("Which one (id or name)").fill(administrator.id)
    page.get_by_label("Action").fill("sign-in")
    page.get_by_label("Action").press("Enter")
    expect(entries(page).first).to_contain_text(f"sign-in user {administrator.id}")
    expect(entries(page).first).to_contain_text("from 127.0.0.1")
    expect(page).to_have_url(re.compile("action=sign-in"))
    page.get_by_label("Action").fill("create")
    page.get_by_label("Action").press("Enter")
    expect(entries(page)).to_have_count(1)
    expect(entries(page).first.get_by_role("row", name="name")).to_contain_text(administrator.name)
    entries(page).first.get_by_role("listitem").filter(has_text="API key").get_by_role("link").click()
    expect(page).to_have_url(re.compile("actor="))
    expect(entries(page).first).to_contain_text("API key")


def test_a_request_leads_to_all_that_it_did(admin: Visit, service: Turnpike) -> None:
    credential = service.new_credential()
    page = admin.go(f"/audit/?entity_id={credential.id}")
    entries(page).first.get_by_role("listitem").filter(has_text="request").get_by_role("link").click()
    expect(page.get_by_label("Request", exact=True)).to_have_value(re.compile("[0-9a-f]{16}"))
    expect(entries(page)).to_have_count(1)


def test_only_administrators_see_it(visiting: Visiting, service: Turnpike) -> None:
    operator = visiting(new_person(service, "audit@operates.example", "operate"))
    page = operator.go("/audit/")
    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)
    operator.complaints.clear()  # the browser's console names every 403
