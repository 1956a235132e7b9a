"""Blocks in the portal: who is blocked and why, and lifting a block."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

WRONG_PASSWORDS = 40


@pytest.fixture
def guesser(service: Turnpike, network: Network) -> Phone:
    """A PBX whose credential is blocked for wrong passwords (rule B2)."""
    phone = network.phone(service.regions[0], service.new_credential().login)
    for _ in range(WRONG_PASSWORDS):
        assert phone.wrong().status == 401
    until(lambda: service.blocks(phone.address), 8, "the block is shown")
    return phone


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Blocks").get_by_role("row")


def test_a_block_is_shown_with_its_cause_and_lifted(admin: Visit, guesser: Phone) -> None:
    page = admin.go(f"/blocks/?address={guesser.address}")
    row = rows(page).nth(1)
    expect(row).to_contain_text("Too many wrong passwords B2")
    expect(row).to_contain_text("ends in 14 min")
    expect(row).to_contain_text(guesser.login.username)
    row.get_by_role("button", name="Lift").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The 100 s between two registrations still hold")
    dialog.get_by_role("button", name="Lift the block").click()
    expect(page.get_by_text("The block is lifted.")).to_be_visible()
    until(lambda: guesser.register().status == 200, 5, "the PBX may register again")
    page = admin.go(f"/blocks/?address={guesser.address}")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_label("Show").select_option("true")
    expect(rows(page).nth(1)).to_contain_text("lifted")


def test_a_block_that_was_lifted_meanwhile_is_told(admin: Visit, guesser: Phone, service: Turnpike) -> None:
    page = admin.go(f"/blocks/?address={guesser.address}")
    rows(page).nth(1).get_by_role("button", name="Lift").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(guesser.address)
    (block,) = service.blocks(guesser.address)
    service.lift(block)
    until(lambda: not service.blocks(guesser.address), 5, "the block is gone")
    dialog.get_by_role("button", name="Lift the block").click()
    expect(dialog.get_by_role("alert")).to_contain_text("it may have ended")
    admin.complaints.clear()  # the browser's console names every 404


def test_a_tenants_person_sees_its_own_blocks_and_lifts_none(
    visiting: Visiting, guesser: Phone, service: Turnpike
) -> None:
    service.api.send("POST", "/v1/tenants", {"account_id": "blocks-mine", "name": "Mine"})
    person = visiting(new_person(service, "blocks@mine.example", "operate", "blocks-mine"))
    page = person.go("/blocks/")
    expect(page.get_by_text("Nobody is blocked")).to_be_visible()
    (found,) = service.api.rows("/v1/credentials", username=guesser.login.username)
    service.api.send("PATCH", f"/v1/credentials/{found['id']}", {"tenant": "blocks-mine"})
    expect(rows(page).nth(1)).to_contain_text(guesser.login.username)
    expect(page.get_by_role("button", name="Lift")).to_have_count(0)
    (block,) = service.blocks(guesser.address)
    page = person.go(f"/blocks/{block.id}/lift")
    expect(page.get_by_text("bound to tenant blocks-mine")).to_be_visible()
    person.complaints.clear()  # the browser's console names every 403
