"""A session that ends while a page is open."""

from playwright.sync_api import expect

from tests.portal.conftest import Visiting
from tests.portal.credential_list import close, create, secret
from tests.portal.people import new_person
from tests.sip.turnpike import Turnpike

A_MINUTE = 60_000
"""Milliseconds."""


def test_C2_the_password_stays_until_it_is_taken_along_though_the_session_has_ended(
    visiting: Visiting, service: Turnpike
) -> None:
    person = new_person(service, "ended@carrier.example", "operate")
    visit = visiting(person)
    visit.page.clock.install()
    warned: list[str] = []
    visit.page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.dismiss()))
    dialog = create(visit.go("/credentials/"), "Outlives a session")
    password = secret(dialog).password
    service.api.send("DELETE", f"/v1/users/{person.id}/sessions")
    visit.page.clock.run_for(A_MINUTE)
    assert (secret(dialog).password, warned, visit.complaints) == (password, [], [])
    close(dialog)
    expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible()
    visit.forgive(401)  # the list may have asked before the page came anew


def test_a_page_of_a_session_that_has_ended_leads_to_the_sign_in(visiting: Visiting, service: Turnpike) -> None:
    person = new_person(service, "polls@carrier.example", "read")
    visit = visiting(person)
    visit.go("/credentials/")
    service.api.send("DELETE", f"/v1/users/{person.id}/sessions")
    expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible()
    visit.forgive(401)
