"""Without a mouse: what WCAG 2.2 calls 2.1.1 (keyboard), 2.4.1 (skip), 2.4.3 (focus order) and 3.2.1 (on focus)."""

from playwright.sync_api import Page, expect

from tests.portal.people import Visit

FOCUSED = "() => document.activeElement?.id || document.activeElement?.textContent.trim()"


def press_until(page: Page, key: str, focused: str, most: int = 40) -> None:
    """Press `key` until the focus is on what has this text or id."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate(FOCUSED) == focused:
            return
    raise AssertionError(f"{key} never came to {focused}: the focus is on {page.evaluate(FOCUSED)}")


def test_the_menu_can_be_skipped(admin: Visit) -> None:
    page = admin.go("/users/")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the content"
    page.keyboard.press("Enter")
    press_until(page, "Tab", "Create user", most=2)


def test_where_the_focus_is_can_be_seen(admin: Visit) -> None:
    page = admin.go("/users/")
    for _ in range(25):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            "() => { const style = getComputedStyle(document.activeElement);"
            " return style.outlineWidth !== '0px' || style.boxShadow !== 'none' }"
        )
        assert shown, page.evaluate(FOCUSED)


def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(admin: Visit) -> None:
    page = admin.go("/users/")
    press_until(page, "Tab", "Create user")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Create a user")).to_be_visible()
    assert page.evaluate(FOCUSED) == "field-name"
    for _ in range(12):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert inside, "the page behind is out of reach"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate(FOCUSED) == "Create user"


def test_what_shows_itself_anew_leaves_the_focus_where_it_is(admin: Visit) -> None:
    admin.service.new_credential()
    page = admin.go("/credentials/")
    link = page.locator("#list").get_by_role("link").first
    link.focus()
    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "list"):
        pass
    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "list"):
        pass
    expect(link).to_be_focused()
