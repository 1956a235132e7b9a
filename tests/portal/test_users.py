"""Users and API keys, as an administrator sees them."""

import re

import httpx
from playwright.sync_api import Page, expect

from tests.portal.conftest import Visiting
from tests.portal.people import Person, Visit, new_person
from tests.sip.turnpike import Turnpike

SIGN_IN = re.compile("/portal/sign-in")


def opened(page: Page, button: str, row: str | None = None) -> None:
    """Open a dialog by its button, that of a row."""
    page.wait_for_load_state()
    page.get_by_role("button", name=f"{button}: {row}" if row else button).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def saved(page: Page) -> None:
    """Close what was shown once: it asks, as it does for a credential's password."""
    page.keyboard.press("Escape")
    with page.expect_event("load"):  # the page comes anew
        page.get_by_role("button", name="It is saved: close").click()


def made_user(page: Page, name: str, role: str, tenant: str = "") -> str:
    """Returns the password that the dialog tells."""
    opened(page, "Create user")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("May").select_option(role)
    dialog.get_by_label("Tenant").fill(tenant)
    dialog.get_by_role("button", name="Create").click()
    password = dialog.locator("#made-password").inner_text()
    saved(page)
    return password


def test_a_new_user_signs_in_is_signed_out_disabled_and_deleted(admin: Visit, visiting: Visiting) -> None:
    page = admin.go("/users/")
    password = made_user(page, "bob@carrier.example", "operate")
    expect(page.get_by_role("rowheader", name="bob@carrier.example")).to_be_visible()
    bob = visiting(Person("", "bob@carrier.example", password))
    expect(bob.page.get_by_role("link", name="Users")).to_have_count(0)
    opened(page, "Sessions", "bob@carrier.example")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("status")).to_contain_text("was signed out of 1 session(s)")
    expect(bob.page).to_have_url(SIGN_IN)  # the overview asks every other second, and goes there by itself
    bob.complaints.clear()  # the browser's console names every 401
    bob.go("/credentials/")
    expect(bob.page).to_have_url(SIGN_IN)
    opened(page, "Edit", "bob@carrier.example")
    page.get_by_label("May sign in").uncheck()
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="bob@carrier.example"))
    expect(row).to_contain_text("disabled")
    opened(page, "Delete", "bob@carrier.example")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("was deleted")
    expect(page.get_by_role("rowheader", name="bob@carrier.example")).to_have_count(0)


def test_a_new_password_ends_the_old_one_and_is_shown_once(admin: Visit, visiting: Visiting, service: Turnpike) -> None:
    carol = new_person(service, "carol@carrier.example", "read")
    page = admin.go("/users/")
    opened(page, "New password", carol.name)
    page.get_by_role("button", name="Make a new password").click()
    password = page.locator("#made-password").inner_text()
    saved(page)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert password not in page.content()
    stranger = visiting()
    stranger.go("/sign-in")
    stranger.page.get_by_label("Name").fill(carol.name)
    stranger.page.get_by_label("Password").fill(carol.password)
    stranger.page.get_by_role("button", name="Sign in").click()
    expect(stranger.page.get_by_role("alert")).to_be_visible()
    stranger.complaints.clear()  # the browser's console names every 401
    stranger.sign_in(Person(carol.id, carol.name, password))


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(admin: Visit) -> None:
    page = admin.go("/users/")
    opened(page, "Create user")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("no spaces please")
    dialog.get_by_label("May").select_option("administer")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_label("Name")).to_have_accessible_description("use 1 to 64 letters, digits and . _ @ - +")
    expect(dialog.get_by_label("Name")).to_have_value("no spaces please")
    expect(dialog.get_by_label("May")).to_have_value("administer")
    admin.complaints.clear()  # the browser's console names every 422


def test_a_key_is_made_used_and_revoked(admin: Visit, service: Turnpike) -> None:
    page = admin.go("/keys/")
    opened(page, "Create key")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Label").fill("billing <i>2026</i>")
    dialog.get_by_label("Ends").select_option("30")
    dialog.get_by_role("button", name="Create").click()
    key = dialog.locator("#made-key").inner_text()
    saved(page)
    expect(page.get_by_role("rowheader", name="billing <i>2026</i>")).to_be_visible()
    asked = {"url": f"{service.instance.url}/v1/regions", "headers": {"Authorization": f"Bearer {key}"}}
    assert httpx.get(**asked).status_code == 200
    opened(page, "Revoke", "billing <i>2026</i>")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("was revoked")
    assert httpx.get(**asked).status_code == 401


def test_who_may_not_administer_sees_neither_and_is_told_why(visiting: Visiting, service: Turnpike) -> None:
    operator = visiting(new_person(service, "olga@carrier.example", "operate"))
    for path in ("/users/", "/keys/", "/audit/"):
        page = operator.go(path)
        if path == "/audit/":
            continue
        expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()
        expect(page.get_by_text("this needs one that may administer")).to_be_visible()
    operator.complaints.clear()  # the browser's console names every 403
