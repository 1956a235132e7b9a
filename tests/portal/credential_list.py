"""What a person does with the list of SIP credentials and its dialogs."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.portal.people import Visit
from tests.sip.turnpike import Row, Turnpike

SHEET_ROW = re.compile(r"^  (\S(?:.*?\S)?) {2,}(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Secret:
    """What a dialog showed this once."""

    username: str
    password: str


def made(service: Turnpike, label: str, **more: object) -> Row:
    """A credential, made over the API."""
    return service.api.one("POST", "/v1/credentials", {"label": label, **more})


def row_of(page: Page, label: str) -> Locator:
    """The list's row of a credential with this label."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=label, exact=True))


def choose(page: Page, label: str, action: str) -> Locator:
    """Open the dialog for an action of a row's menu."""
    page.wait_for_load_state()
    page.get_by_role("button", name=f"Actions: {label}", exact=True).click()
    page.get_by_role("button", name=action, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def create(page: Page, label: str, **fields: str) -> Locator:
    """Make a credential in the portal; the dialog that shows its password."""
    page.wait_for_load_state()
    page.get_by_role("button", name="Create credential").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Label").fill(label)
    for name, value in fields.items():
        dialog.get_by_label(name).fill(value)
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("shown this once")).to_be_visible()
    return dialog


def secret(shown: Page | Locator) -> Secret:
    """The username and the password that are shown."""
    return Secret(shown.locator("#made-username").inner_text(), shown.locator("#made-password").inner_text())


def close(dialog: Locator) -> None:
    """Close the dialog that shows a password: it asks once more."""
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    with dialog.page.expect_event("load"):  # the page comes anew
        dialog.get_by_role("button", name="It is saved: close").click()
    expect(dialog).to_be_hidden()


def refused(visit: Visit, status: int) -> None:
    """The browser's console named such an answer, and complained of nothing else."""
    assert [each for each in visit.complaints if f"status of {status}" not in each] == []
    assert visit.complaints
    visit.complaints.clear()


def entered(sheet: str) -> dict[str, str]:
    """Names and values of a sheet of settings."""
    return dict(SHEET_ROW.findall(sheet))
