"""SIP credentials in the portal: found, made, and what is live about each."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.credential_list import choose, close, create, entered, made, row_of, secret
from tests.portal.people import Person, Visit
from tests.sip.figures import Figures
from tests.sip.network import Network
from tests.sip.scripts import answers
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until
from tests.stacks.pjsua import Pjsua

CLIPBOARD = ["clipboard-read", "clipboard-write"]
ATTACK = "<img src=x onerror=alert(1)>\"'{{7*7}}"


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()")).replace("\r\n", "\n")


def copied_by(page: Page, button: Locator) -> str:
    """What is in the clipboard once the button has put it there."""
    page.evaluate("navigator.clipboard.writeText('')")
    button.click()
    return until(lambda: copied(page), 10, "something is copied")


@pytest.fixture(scope="module")
def tenant(service: Turnpike) -> str:
    service.api.send("POST", "/v1/tenants", {"account_id": "listed-1", "name": "Listed"})
    return "listed-1"


@pytest.fixture
def pjsua(tmp_path: Path, network: Network) -> Iterator[Callable[[dict[str, str]], Pjsua]]:
    """Starts PJSIP's pjsua with what a sheet of settings says; it is stopped after the test."""
    with ExitStack() as stack:

        def start(sheet: dict[str, str]) -> Pjsua:
            gateway = (sheet["SIP server of region nw1"], int(sheet["port"]))
            pbx = Pjsua(tmp_path, network.address(), gateway, Credential("", sheet["username"], sheet["password"]))
            stack.callback(pbx.stop)
            pbx.start()
            return pbx

        yield start


def test_a_credential_is_made_its_settings_copied_and_a_real_pbx_is_seen_when_it_registers(
    visiting: Visiting,
    administrator: Person,
    pjsua: Callable[[dict[str, str]], Pjsua],
    service: Turnpike,
    figures: Figures,
) -> None:
    page = visiting(administrator, permissions=CLIPBOARD).go("/credentials/")
    dialog = create(page, "Real PBX")
    sheet = entered(copied_by(page, dialog.get_by_role("button", name="Copy plain.txt")))
    close(dialog)
    service.settled()
    row = row_of(page, "Real PBX")
    expect(row.get_by_text("not registered")).to_have_count(2)
    pbx = pjsua(sheet)
    assert pbx.answer(10)["code"] == 200
    registered = monotonic()
    expect(row.get_by_text("registered", exact=True)).to_be_visible()
    figures.measured("portal: seconds from a PBX's registration to its row", f"{monotonic() - registered:.1f}")
    expect(row).to_contain_text(f"{pbx.source}:")
    expect(row).to_contain_text("expires in 4 min")


def test_C1_the_dialog_has_the_limits_and_each_kinds_settings_as_the_api_has_them(
    visiting: Visiting, administrator: Person, service: Turnpike
) -> None:
    page = visiting(administrator, permissions=CLIPBOARD).go("/credentials/")
    dialog = create(page, "Every kind")
    for said in ("once in 100 seconds", "300 seconds", "1 a second and 100 at the same time", "another address"):
        expect(dialog).to_contain_text(said)
    shown = secret(dialog)
    assert copied_by(page, dialog.get_by_role("button", name="Copy Password")) == shown.password
    found = service.api.rows("/v1/credentials", username=shown.username)[0]
    told = service.api.one("GET", f"/v1/credentials/{found['id']}/settings?pbx=all")["files"]
    for name in ("FreeSWITCH", "Kamailio (uac)", "3CX"):
        dialog.get_by_role("tab", name=name).click()
        for copy in dialog.get_by_role("tabpanel").get_by_role("button").all():
            copy.click()
            expect(copy).to_contain_text("Copied")
            text = copied(page)
            assert "ENTER-THE-PASSWORD" not in text
            assert any(same_but_for_the_password(text, file["text"], shown.password) for file in told), text
    close(dialog)


def same_but_for_the_password(told: str, marked: str, password: str) -> bool:
    """The sentence that the password was shown once is not in settings that have it."""
    kept = [
        line for line in marked.replace("ENTER-THE-PASSWORD-HERE", password).split("\n") if "shown once" not in line
    ]
    return [line for line in kept if line.strip()] == [line for line in told.split("\n") if line.strip()]


def test_tabs_and_menus_work_by_keyboard(admin: Visit, service: Turnpike) -> None:
    made(service, "By keyboard")
    page = admin.go("/credentials/?q=By+keyboard")
    menu = page.get_by_role("button", name="Actions: By keyboard")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="New password")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("The password that the PBX has now")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    shown = create(page, "By keyboard too")
    shown.get_by_role("tab", name="Any other PBX").focus()
    page.keyboard.press("ArrowLeft")
    expect(shown.get_by_role("tab", name="Grandstream UCM")).to_be_focused()
    expect(shown.get_by_role("tabpanel", name="Grandstream UCM")).to_be_visible()
    page.keyboard.press("Escape")
    expect(shown.get_by_role("button", name="Back to the password")).to_be_focused()
    page.keyboard.press("Enter")
    expect(shown.locator("#made-password")).to_be_visible()
    close(shown)


def test_an_open_menu_stays_open_while_the_list_shows_itself_anew(admin: Visit, service: Turnpike) -> None:
    row = made(service, "Open menu")
    page = admin.go("/credentials/?q=Open+menu")
    address, held = re.compile("q=Open"), list[Route]()

    def hold_the_first(route: Route) -> None:
        held.append(route)
        if held[1:]:
            route.continue_()

    page.route(address, hold_the_first)
    with page.expect_request(address):
        pass
    page.get_by_role("button", name="Actions: Open menu").click()
    service.api.send("PATCH", f"/v1/credentials/{row['id']}", {"enabled": False})
    with page.expect_request_finished(lambda request: bool(address.search(request.url))):
        held[0].continue_()
    page.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))")
    expect(page.get_by_role("button", name="Disable", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(row_of(page, "Open menu")).to_contain_text("disabled")
    page.unroute_all(behavior="ignoreErrors")


def test_one_is_found_by_username_id_and_a_part_of_its_label(admin: Visit, service: Turnpike) -> None:
    wanted, other = made(service, "Found 100% of it"), made(service, "Left out")
    page = admin.go("/credentials/")
    for text in (wanted["username"], wanted["id"], "100% of"):
        page.get_by_role("searchbox").fill(text)
        expect(page).to_have_url(re.compile(f"q={re.escape(quote_plus(text))}$"))
        expect(row_of(page, other["label"])).to_have_count(0)
        expect(row_of(page, wanted["label"])).to_be_visible()
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("100% of")
    expect(row_of(page, wanted["label"])).to_be_visible()
    page.get_by_role("searchbox").fill("cr-nobody")
    expect(page.get_by_text("Nothing found")).to_be_visible()


def test_filters_sorting_pages_and_the_export_agree(admin: Visit, service: Turnpike, tenant: str) -> None:
    names = sorted(made(service, f"Many {n}", tenant=tenant, enabled=n != 7)["username"] for n in range(51))
    page = admin.go("/credentials/")
    page.get_by_label("Tenant").fill(tenant)
    page.get_by_label("Order").select_option("Username, A to Z")
    expect(page).to_have_url(re.compile(f"tenant={tenant}.*sort=username"))
    expect(page.locator("tbody tr")).to_have_count(50)
    expect(page.locator("tbody code").first).to_have_text(names[0])
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(names[-1])
    page.get_by_role("link", name="First page").click()
    page.wait_for_load_state()
    page.get_by_label("State").select_option("Disabled")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(row_of(page, "Many 7")).to_contain_text("disabled")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    text = download.value.path().read_bytes().decode()
    assert text.count("\r\n") == 2
    assert "Many 7," in text


def test_channels_and_calls_of_a_region_are_live(admin: Visit, service: Turnpike, carrier: Carrier) -> None:
    row = made(service, "Calling")
    service.settled()
    page = admin.go("/credentials/?q=Calling")
    expect(page.get_by_text("0 of 100 channels")).to_have_count(2)
    pbx = carrier.pbx("se1", Credential(row["id"], row["username"], row["password"]))
    pbx.register()
    call = pbx.call(carrier.subscriber(answers(0.1, hold=60)))
    call.until_answered()
    cell = page.get_by_role("cell").filter(has_text="1 of 100 channels, 0.1 calls/s")
    expect(cell).to_have_count(1)
    expect(cell.get_by_text("registered", exact=True)).to_be_visible()
    call.hang_up()
    expect(page.get_by_text("0 of 100 channels")).to_have_count(2)


def test_a_label_with_markup_is_a_text_everywhere(admin: Visit, service: Turnpike) -> None:
    row = made(service, ATTACK)
    page = admin.go("/credentials/")
    expect(row_of(page, ATTACK)).to_be_visible()
    for action in ("Edit or move", "New password", "Disable", "Delete"):
        dialog = choose(page, ATTACK, action)
        expect(dialog.get_by_role("heading", level=2)).to_contain_text(ATTACK)
        dialog.get_by_role("button", name="Cancel").click()
    page = admin.go(f"/credentials/{row['id']}/delete")
    expect(page.get_by_role("heading", level=1)).to_contain_text(ATTACK)
    assert page.locator("img").count() == 0


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(admin: Visit) -> None:
    page = admin.go("/credentials/")
    page.get_by_role("button", name="Create credential").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Label").fill("Nobody's")
    dialog.get_by_label("Tenant").fill("not one")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.locator("#about-tenant")).to_contain_text("no spaces")
    expect(dialog.get_by_label("Tenant")).to_have_attribute("aria-describedby", "about-tenant")
    dialog.get_by_label("Tenant").fill("unheard-of")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.locator("#about-tenant")).to_contain_text("unheard-of")
    expect(dialog.get_by_label("Label")).to_have_value("Nobody's")
    assert len(admin.complaints) == 2
    admin.complaints.clear()
