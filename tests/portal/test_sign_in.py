"""Signing in and out of the portal, by a real browser."""

from playwright.sync_api import expect

from tests.portal.conftest import Visiting
from tests.portal.people import Person, Visit


def test_who_is_not_signed_in_comes_to_the_page_that_was_asked_for(visiting: Visiting, administrator: Person) -> None:
    stranger = visiting()
    page = stranger.go("/credentials/?q=head")
    assert "/portal/sign-in" in page.url
    page.get_by_label("Name").fill(administrator.name)
    page.get_by_label("Password").fill(administrator.password)
    page.get_by_role("button", name="Sign in").click()
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
    page = admin.page
    page.get_by_role("button", name="alice@carrier.example").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Turnpike")).to_be_visible()
    admin.go("/credentials/")
    assert "/portal/sign-in" in page.url
