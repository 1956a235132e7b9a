"""C2: when the dialog that showed a password is closed, the password is nowhere: in no page, browser, file or table."""

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Error, Page, expect

from tests.faults.test_secrets import files, process_texts, tables
from tests.faults.test_secrets import holders as files_with
from tests.portal.chromium import Chromium
from tests.portal.conftest import Visiting
from tests.portal.credential_list import Secret, choose, close, create, made, refused, secret
from tests.portal.people import Person
from tests.portal.traces import holders, in_memory, in_page
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

STATIC = "What HTML and htmx cannot do by themselves"
"""Of a script that a browser may keep: the search must find it, packed as it came."""


def sign_in(page: Page, service: Turnpike, person: Person) -> None:
    page.goto(f"{service.instance.url}/portal/sign-in?back=/portal/credentials/")
    page.get_by_label("Name").fill(person.name)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="SIP credentials")).to_be_visible()


def forgotten(page: Page, passwords: list[str]) -> None:
    """Nothing of them is in memory, once the documents that were left have gone."""
    until(lambda: not any(each in in_memory(page) for each in passwords), 10, "no password is in memory", 0.5)


def rotate(page: Page, label: str) -> Secret:
    dialog = choose(page, label, "New password")
    dialog.get_by_role("button", name="Make a new password").click()
    expect(dialog.get_by_text("shown this once")).to_be_visible()
    shown = secret(dialog)
    assert shown.password in in_page(page)
    assert shown.password in in_memory(page)
    close(dialog)
    return shown


def test_C2_nothing_of_a_password_stays_in_the_browser(
    browser: Chromium, service: Turnpike, administrator: Person, tmp_path: Path
) -> None:
    with browser.with_files(tmp_path) as context:
        page = context.pages[0]
        sign_in(page, service, administrator)
        dialog = create(page, "Shown once")
        passwords = [secret(dialog).password]
        close(dialog)
        passwords.append(rotate(page, "Shown once").password)
        expect(page.get_by_role("rowheader", name="Shown once")).to_contain_text("Old password works until")
        page.evaluate("window.known = 'what-is-' + 'in-memory'")
        memory = in_memory(page)
        assert "what-is-in-memory" in memory
        forgotten(page, passwords)
        walk(page, service, passwords)
    assert holders(tmp_path, [STATIC]), "the search finds nothing that is packed"
    assert holders(tmp_path, passwords) == {}


def walk(page: Page, service: Turnpike, passwords: list[str]) -> None:
    """Wherever one goes back, forward or anew, no password is there."""

    def clean() -> None:
        held = in_page(page)
        assert [password for password in passwords if password in held] == []

    clean()
    page.reload()
    clean()
    page.goto(f"{service.instance.url}/portal/numbers/")
    clean()
    for move in (page.go_back, page.go_forward, page.go_back, page.reload):
        move()
        clean()


@pytest.mark.parametrize("leaving", ["link", "reload", "back"])
def test_C2_a_page_that_is_left_with_the_dialog_open_takes_nothing_along(
    visiting: Visiting, administrator: Person, service: Turnpike, leaving: str
) -> None:
    page = visiting(administrator).go("/numbers/")
    page.goto(f"{service.instance.url}/portal/credentials/")
    warned: list[str] = []

    def leave(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    password = secret(create(page, f"Left by {leaving}")).password
    if leaving == "link":
        page.goto(f"{service.instance.url}/portal/tenants/")
        page.go_back()
    elif leaving == "reload":
        page.reload()
    else:
        page.go_back()
        page.go_forward()
    expect(page.get_by_role("heading", name="SIP credentials")).to_be_visible()
    assert warned == ["beforeunload"]
    assert password not in in_page(page)
    forgotten(page, [password])


@pytest.mark.parametrize("action", ["create", "rotate"])
def test_C2_a_form_that_is_sent_again_by_a_reload_shows_no_password(
    visiting: Visiting, administrator: Person, service: Turnpike, action: str
) -> None:
    """Opened by itself, the dialog is a page, whose form a browser without scripts sends again."""
    visit = visiting(administrator, java_script_enabled=False)
    label = f"Sent again to {action}"
    path = "new" if action == "create" else f"{made(service, label)['id']}/rotate"
    page = visit.go(f"/credentials/{path}")
    if action == "create":
        page.get_by_label("Label").fill(label)
    page.get_by_role("button", name="Create" if action == "create" else "Make a new password").click()
    password = secret(page).password
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("told again")
    assert password not in page.content()
    page.go_back()
    assert password not in page.content()
    assert len(service.api.rows("/v1/credentials", label=label)) == 1
    refused(visit, 409)


def test_C2_the_page_of_a_dialog_that_was_opened_by_itself_is_left_for_good(
    visiting: Visiting, administrator: Person
) -> None:
    visit = visiting(administrator)
    page = visit.go("/credentials/new")
    page.get_by_label("Label").fill("On a page")
    page.get_by_role("button", name="Create").click()
    password = secret(page).password
    page.wait_for_load_state()
    page.get_by_role("link", name="Close").click()
    page.get_by_role("link", name="It is saved: close").click()
    expect(page.get_by_role("rowheader", name="On a page")).to_be_visible()
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    expect(page.get_by_text("ERR_CACHE_MISS")).to_be_visible()
    forgotten(page, [password])
    assert ["ERR_CACHE_MISS" in each for each in visit.complaints] == [True]
    visit.complaints.clear()


def test_C2_the_answer_that_holds_a_password_is_kept_by_nobody(
    visiting: Visiting, administrator: Person, service: Turnpike
) -> None:
    page = visiting(administrator).go("/credentials/")
    with page.expect_response("**/portal/credentials") as answered:
        dialog = create(page, "Kept by nobody")
    shown = [secret(dialog)]
    assert answered.value.header_value("Cache-Control") == "no-store"
    assert shown[0].password not in str(answered.value.all_headers())
    close(dialog)
    shown.append(rotate(page, "Kept by nobody"))
    service.settled()
    passwords = [each.password for each in shown]
    home = service.instance.home
    assert files_with(files(home), [shown[0].username]), "the search finds nothing at all: is this the right folder?"
    assert files_with(files(home), passwords) == set()
    assert [name for name, text in tables(service).items() if any(each in text for each in passwords)] == []
    assert files_with(process_texts(), passwords) == set()
