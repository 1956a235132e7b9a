"""Signing in and out of the portal, by a real browser."""

import re

from playwright.sync_api import expect

from tests.portal.conftest import Visiting
from tests.portal.people import Person, Visit, new_person
from tests.sip.turnpike import Turnpike


def test_who_is_not_signed_in_comes_to_the_page_that_was_asked_for(visiting: Visiting, administrator: Person) -> None:
    stranger = visiting()
    page = stranger.go("/credentials/?q=head")
    assert "/portal/sign-in" in page.url
    stranger.fill_in(administrator)
    expect(page.get_by_role("heading", name="SIP credentials")).to_be_visible()
    assert page.url.endswith("/portal/credentials/?q=head")


def test_a_wrong_password_is_told_and_the_name_stays(visiting: Visiting, administrator: Person) -> None:
    stranger = visiting()
    page = stranger.go("/sign-in")
    page.get_by_label("Name").fill(administrator.name)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Name or password is wrong")
    expect(page.get_by_label("Name")).to_have_value(administrator.name)
    stranger.complaints.clear()  # the browser's console names every 401


def test_signing_out_ends_the_session(admin: Visit) -> None:
    page = admin.go("/users/")  # it asks for nothing by itself
    page.get_by_role("button", name="alice@carrier.example", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Turnpike")).to_be_visible()
    admin.go("/credentials/")
    assert "/portal/sign-in" in page.url


def test_who_is_signed_out_elsewhere_comes_back_to_the_page_that_was_shown(
    visiting: Visiting, service: Turnpike
) -> None:
    dora = new_person(service, "dora@carrier.example", "read")
    at_desk = visiting(dora)
    page = at_desk.go("/events/?kind=blocked")
    service.api.send("DELETE", f"/v1/users/{dora.id}/sessions")
    expect(page).to_have_url(re.compile("/portal/sign-in"))  # the list asks for news by itself
    at_desk.complaints.clear()  # the browser's console names every 401
    at_desk.fill_in(dora)
    expect(page.get_by_role("heading", name="Events")).to_be_visible()
    assert page.url.endswith("/portal/events/?kind=blocked")
