"""One credential's page: real PBXs register, call and are refused, and a browser is told of it."""

import re

from playwright.sync_api import expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Person, Visit
from tests.portal.trunk_page import blocked, live_call, live_id, opened, panel, picture, region
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until


def test_R4_a_429_is_explained_while_one_looks(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    page = opened(admin, credential)
    expect(panel(page, "Does the trunk work?")).to_contain_text("No PBX is known to have registered")
    expect(region(page, "nw1")).to_contain_text("not registered")
    pbx = carrier.pbx(credential=credential, user_agent="FPBX-16.0.40(18.9)")
    assert pbx.register().status == 200
    expect(region(page, "nw1")).to_contain_text(f"{pbx.address}:{pbx.port}")
    expect(region(page, "nw1")).to_contain_text("FPBX-16.0.40(18.9)")
    refused = pbx.register()
    assert refused.status == 429
    said = re.compile(r"minimum is 100 s; next allowed at \d\d:\d\d:\d\d UTC")
    expect(panel(page, "Does the trunk work?")).to_contain_text(re.compile(r"next allowed at \d\d:\d\d:\d\d UTC"))
    expect(panel(page, "Does the trunk work?")).to_contain_text("100 s")
    expect(panel(page, "Recent events")).to_contain_text(said)
    mark = picture(page).locator(".mark-early")
    expect(mark).to_have_count(1)
    expect(mark.locator("title")).to_contain_text(said)
    expect(mark.locator("text")).to_have_text("429")
    expect(picture(page)).to_contain_text("Retry-After")
    expect(page.get_by_role("list", name="What the marks mean")).to_contain_text("429: registered too early")
    page.get_by_text("The same in words").click()
    expect(page.get_by_role("table", name=re.compile("What happened"))).to_contain_text(said)


def test_what_one_has_opened_stays_open_while_the_page_goes_on(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    page = opened(admin, credential)
    page.get_by_text("The same in words").click()
    carrier.pbx("se1", credential, user_agent="Kept open").register()
    expect(page.get_by_role("cell", name=re.compile("Kept open"))).to_be_visible()


def test_O3_a_live_call_is_hung_up_with_a_BYE_to_both_sides(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    call, there = live_call(carrier, credential)
    page = opened(admin, credential)
    calls = panel(page, "Calls in progress")
    expect(calls.get_by_role("row")).to_have_count(2)
    expect(region(page, "nw1")).to_contain_text("Channels 1 of 100")
    calls.get_by_role("button", name="Hang up").click()
    dialog = page.get_by_role("dialog", name="Hang up this call?")
    expect(dialog).to_contain_text("Both sides get a BYE")
    assert not call.bye
    dialog.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("status").first).to_contain_text("both sides get a BYE")
    until(lambda: call.bye and there.bye, 3, "both sides get a BYE")
    expect(calls).to_contain_text("None at this moment")
    expect(panel(page, "Recent calls").get_by_role("listitem")).to_have_count(1)
    expect(region(page, "nw1")).to_contain_text("Channels 0 of 100")


def test_a_call_that_has_ended_meanwhile_is_told(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    call, _ = live_call(carrier, credential)
    page = opened(admin, credential)
    page.get_by_role("button", name="Hang up").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Hang up")).to_be_visible()
    call.hang_up()
    call.until_gone()
    until(lambda: not carrier.service.api.rows("/v1/calls", credential=credential.id), 8, "the call is over")
    dialog.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("status").first).to_contain_text("it may have ended")


def test_B5_a_block_is_lifted_after_a_question(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    blocked(carrier, credential)
    page = opened(admin, credential)
    panel(page, "Blocked").get_by_role("button", name="Lift").click()
    dialog = page.get_by_role("dialog", name="Lift this block?")
    expect(dialog).to_contain_text("The 100 seconds between two registrations still hold")
    dialog.get_by_role("button", name="Lift the block").click()
    expect(page.get_by_role("status").first).to_contain_text("The block is lifted")
    expect(panel(page, "Blocked")).to_have_count(0)
    assert carrier.service.api.rows("/v1/blocks", credential=credential.id) == []


def test_R6_a_registration_is_removed_after_a_question(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    assert carrier.pbx(credential=credential).register().status == 200
    page = opened(admin, credential)
    region(page, "nw1").get_by_role("button", name="Remove registration").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove registration").click()
    expect(page.get_by_role("status").first).to_contain_text("The registration is removed")
    expect(region(page, "nw1")).to_contain_text("not registered")
    expect(picture(page).locator(".removal title")).to_contain_text("An administrator removed the registration")


def test_a_question_that_is_opened_by_itself_works_too(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    call, _ = live_call(carrier, credential)
    page = opened(admin, credential, f"/calls/{live_id(carrier.service, credential)}/end")
    expect(page.get_by_role("heading", name="Hang up this call?")).to_be_visible()
    page.get_by_role("button", name="Hang up").click()
    call.until_ended()
    expect(panel(page, "Calls in progress")).to_be_visible()


def test_the_settings_begin_with_those_of_the_pbx_at_hand(admin: Visit, carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    assert carrier.pbx(credential=credential, user_agent="FPBX-16.0.40(18.9)").register().status == 200
    until(lambda: carrier.service.bindings(credential), 8, "the binding is shown")
    page = opened(admin, credential)
    expect(panel(page, "Does the trunk work?")).to_contain_text("FPBX-16.0.40")
    panel(page, "Settings for the PBX").scroll_into_view_if_needed()
    tabs = page.get_by_role("tablist", name="Kind of PBX")
    expect(tabs.get_by_role("tab", name="FreePBX")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_contain_text(credential.username)
    expect(page.get_by_role("tabpanel")).to_contain_text("ENTER-THE-PASSWORD-HERE")
    assert credential.password not in page.content()
    tabs.get_by_role("tab", name="FreePBX").press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="FusionPBX")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="FreePBX")).to_be_hidden()


def test_the_picture_shows_as_much_as_is_asked_for(admin: Visit, service: Turnpike) -> None:
    credential = service.new_credential()
    page = opened(admin, credential, "?window=an-age")
    expect(picture(page)).to_have_accessible_name("What happened in the last 1 h, by region")
    page.get_by_role("link", name="the last 10 min").click()
    expect(picture(page)).to_have_accessible_name("What happened in the last 10 min, by region")
    expect(picture(page)).to_have_accessible_description("nw1: nothing happened. se1: nothing happened.")


def test_a_phone_gets_a_picture_of_its_own(visiting: Visiting, administrator: Person, service: Turnpike) -> None:
    page = opened(visiting(administrator, viewport={"width": 390, "height": 800}), service.new_credential())
    drawn = picture(page)
    expect(drawn).to_be_visible()
    box = drawn.bounding_box()
    shown = drawn.evaluate(
        "svg => svg.getScreenCTM().a * parseFloat(getComputedStyle(svg.querySelector('text')).fontSize)"
    )
    assert box is not None
    assert box["width"] <= 390
    assert shown >= 11, "pixels of a letter"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
