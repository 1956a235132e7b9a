"""What is done to a SIP credential in the portal: each in a dialog that says what will happen."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from tests.calls.carrier import Carrier
from tests.portal.credential_list import choose, close, made, refused, row_of, secret
from tests.portal.people import Visit
from tests.sip.digest import Login
from tests.sip.network import Network
from tests.sip.processes import tree
from tests.sip.scripts import answers
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike


@contextmanager
def halted(service: Turnpike, part: str) -> Iterator[None]:
    """Its processes do not run for a while."""
    pids = tree(service.instance.pids(part))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_C3_a_label_and_a_tenant_are_changed_and_the_list_stays_as_it_was(admin: Visit, service: Turnpike) -> None:
    service.api.send("POST", "/v1/tenants", {"account_id": "moved-to", "name": "Moved"})
    row = made(service, "Before it moves")
    page = admin.go("/credentials/?q=it+moves&sort=username")
    dialog = choose(page, "Before it moves", "Edit or move")
    dialog.get_by_label("Tenant").fill("nobody-there")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("#about-tenant")).to_contain_text("nobody-there")
    dialog.get_by_label("Label").fill("After it moves")
    dialog.get_by_label("Tenant").fill("moved-to")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("After it moves is saved.")
    expect(row_of(page, "After it moves")).to_contain_text("moved-to")
    assert page.url.endswith("?q=it+moves&sort=username")
    refused(admin, 409)
    choose(page, "After it moves", "Edit or move").get_by_label("Tenant").fill("")
    page.get_by_role("button", name="Save").click()
    expect(row_of(page, "After it moves")).not_to_contain_text("moved-to")
    assert service.api.one("GET", f"/v1/credentials/{row['id']}")["tenant"] is None


def test_C3_what_somebody_else_changed_meanwhile_is_left_alone(admin: Visit, service: Turnpike) -> None:
    row = made(service, "Edited by two")
    page = admin.go("/credentials/?q=by+two")
    dialog = choose(page, "Edited by two", "Edit or move")
    service.api.send("POST", "/v1/tenants", {"account_id": "meanwhile", "name": "Meanwhile"})
    service.api.send("PATCH", f"/v1/credentials/{row['id']}", {"tenant": "meanwhile"})
    dialog.get_by_label("Label").fill("Edited by two people")
    dialog.get_by_role("button", name="Save").click()
    expect(row_of(page, "Edited by two people")).to_contain_text("meanwhile")


def test_C5_disabling_ends_calls_when_asked_for_and_enabling_lets_the_pbx_back(
    admin: Visit, service: Turnpike, carrier: Carrier
) -> None:
    row = made(service, "Switched off")
    service.settled()
    pbx = carrier.pbx("nw1", Credential(row["id"], row["username"], row["password"]))
    pbx.register()
    call = pbx.call(carrier.subscriber(answers(0.1, hold=60)))
    call.until_answered()
    page = admin.go("/credentials/?q=Switched+off")
    expect(page.get_by_text("1 of 100 channels")).to_be_visible()
    dialog = choose(page, "Switched off", "Disable")
    expect(dialog).to_contain_text("registrations are removed")
    dialog.get_by_label("End them").check()
    dialog.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("status")).to_contain_text("Switched off is disabled. 1 call is being ended.")
    call.until_gone()
    expect(row_of(page, "Switched off").get_by_text("not registered")).to_have_count(2)
    expect(row_of(page, "Switched off").get_by_text("disabled")).to_be_visible()
    assert pbx.register().status == 503
    choose(page, "Switched off", "Enable").get_by_role("button", name="Enable").click()
    expect(page.get_by_role("status")).to_contain_text("Switched off is enabled.")
    expect(row_of(page, "Switched off").get_by_text("disabled")).to_have_count(0)


def test_C4_a_rotation_shows_when_the_new_password_was_seen_and_the_old_one_can_be_ended(
    admin: Visit, service: Turnpike, network: Network
) -> None:
    row = made(service, "Rotated")
    service.settled()
    page = admin.go("/credentials/?q=Rotated")
    dialog = choose(page, "Rotated", "New password")
    dialog.get_by_label("The password that the PBX has now").select_option("It works for 2 days more")
    dialog.get_by_role("button", name="Make a new password").click()
    expect(dialog).to_contain_text("The old password works until")
    shown = secret(dialog)
    assert (shown.username, shown.password == row["password"]) == (row["username"], False)
    close(dialog)
    listed = row_of(page, "Rotated")
    expect(listed).to_contain_text(re.compile("Old password works until .*new one not seen yet", re.DOTALL))
    service.settled()
    phone = network.phone(service.regions[0], Login(shown.username, shown.password))
    assert phone.register().status == 200
    expect(listed).to_contain_text(re.compile("new one seen"))
    dialog = choose(page, "Rotated", "End the old password")
    expect(dialog).to_contain_text("The new password is in use")
    dialog.get_by_role("button", name="End it now").click()
    expect(page.get_by_role("status")).to_contain_text("The old password of Rotated has ended.")
    expect(listed).not_to_contain_text("Old password")


def test_C4_a_week_is_the_longest_and_calls_end_with_the_old_password_only(admin: Visit, service: Turnpike) -> None:
    row = made(service, "Too long")
    page = admin.go(f"/credentials/{row['id']}/rotate")
    page.evaluate("document.querySelector('#field-grace_seconds option:last-child').value = '604801'")
    page.get_by_label("The password that the PBX has now").select_option("It works for 7 days more")
    page.get_by_role("button", name="Make a new password").click()
    expect(page.locator("#about-grace_seconds")).to_contain_text("604800")
    page.get_by_label("The password that the PBX has now").select_option("It works for 1 hour more")
    page.get_by_label("End its calls in progress too").check()
    page.get_by_role("button", name="Make a new password").click()
    expect(page.get_by_role("alert")).to_contain_text("calls are ended when the old password ends at once")
    assert service.api.one("GET", f"/v1/credentials/{row['id']}")["rotated_at"] is None
    refused(admin, 422)


def test_T3_deleting_names_the_numbers_that_are_routed_there(admin: Visit, service: Turnpike) -> None:
    row = made(service, "In use")
    service.api.send("POST", "/v1/numbers", {"number": "+12125559871", "credential": row["id"], "label": "Desk"})
    page = admin.go("/credentials/?q=In+use")
    dialog = choose(page, "In use", "Delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("rule T3")
    link = dialog.get_by_role("link", name="+12125559871")
    assert f"/portal/numbers/?credential={row['id']}" in str(link.get_attribute("href"))
    refused(admin, 409)
    service.api.send("DELETE", "/v1/numbers/+12125559871")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("In use is deleted.")
    expect(page.get_by_text("Nothing found")).to_be_visible()


def test_C5_a_region_that_has_not_applied_a_change_is_named(admin: Visit, service: Turnpike) -> None:
    made(service, "Late in one region")
    page = admin.go("/credentials/?q=Late+in+one")
    with halted(service, "se1-agent"):
        choose(page, "Late in one region", "Disable").get_by_role("button", name="Disable").click()
        expect(page.get_by_role("status")).to_contain_text("Not applied yet by se1")
    service.settled(20)


def test_what_is_gone_meanwhile_is_said(admin: Visit, service: Turnpike) -> None:
    row = made(service, "Gone meanwhile")
    page = admin.go("/credentials/?q=Gone+meanwhile")
    dialog = choose(page, "Gone meanwhile", "Disable")
    service.api.send("DELETE", f"/v1/credentials/{row['id']}")
    dialog.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("alert")).to_contain_text(row["id"])
    refused(admin, 404)
