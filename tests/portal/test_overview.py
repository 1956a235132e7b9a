"""The overview: what regions carry and refuse, as it happens, and what needs attention."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.scripts import answers
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

MARKUP = "<img src=x onerror=alert(1)>\"'"
SOON = 15_000
"""Milliseconds that a region, its agent and the page together have for a change."""
PROBED = 60_000
"""Milliseconds until a core gateway that is not there counts as dead."""


def card(page: Page, region: str) -> Locator:
    return page.get_by_role("article", name=region)


def figure(page: Page, region: str, name: str) -> Locator:
    return card(page, region).locator(".figures div").filter(has_text=name).locator("dd")


AGREES = """(name) => {
    const told = [...document.querySelectorAll(`#values-${name} tbody th`)].map((cell) => cell.textContent);
    return JSON.stringify(told) === JSON.stringify(Chart.getChart(`canvas-${name}`).data.labels);
}"""
"""Whether picture and table have the same steps, at one moment: both follow the clock."""


def drawn(page: Page, chart: str) -> dict[str, Any]:
    """What the picture shows, once it is there."""
    return until(lambda: drawn_now(page, chart), 30, f"the picture of {chart}")


def drawn_now(page: Page, chart: str) -> dict[str, Any] | None:
    """The same, or None: without anything to draw there is no picture."""
    page.wait_for_timeout(100)  # playwright's own events are served meanwhile
    found: dict[str, Any] | None = page.evaluate(
        """(name) => {
            const chart = window.Chart?.getChart(`canvas-${name}`);
            return chart && {
                id: chart.id,
                labels: chart.data.labels,
                colour: chart.getDatasetMeta(0).data[0].options.backgroundColor,
                series: Object.fromEntries(chart.data.datasets.map((set) => [set.label, set.data])),
            };
        }""",
        chart,
    )
    return found


def started(page: Page) -> dict[str, int]:
    """Calls of the last hour in nw1's bars, by their time."""
    found = drawn_now(page, "started")
    return dict(zip(found["labels"], found["series"]["nw1"], strict=True)) if found else {}


@contextmanager
def region_as(service: Turnpike, name: str, before: dict[str, Any], **change: Any) -> Iterator[None]:
    """The region changed for a while."""
    service.api.send("PATCH", f"/v1/regions/{name}", change)
    try:
        yield
    finally:
        service.api.send("PATCH", f"/v1/regions/{name}", before)


def test_each_region_shows_its_state_and_figures(admin: Visit) -> None:
    page = admin.go("/overview/")
    for name in ("nw1", "se1"):
        for text in ("in service", "ready", "in step", "reached"):
            expect(card(page, name).get_by_text(text, exact=True)).to_be_visible()
        expect(card(page, name).get_by_text("up for")).to_be_visible()
    expect(page.get_by_role("heading", name="Needs attention")).to_be_visible()


def test_a_registration_a_refusal_and_a_call_are_seen_as_they_happen(carrier: Carrier, admin: Visit) -> None:
    page = admin.go("/overview/")
    pbx, dialled, before = carrier.pbx(), carrier.subscriber(answers()), started(page)
    assert pbx.register().status == 200
    assert pbx.register().status == 429
    expect(figure(page, "nw1", "Registrations")).not_to_have_text("0", timeout=SOON)
    expect(card(page, "nw1").get_by_text("registered too early (R4)")).to_be_visible(timeout=SOON)
    expect(page.locator("#chart-causes")).to_contain_text("registered too early (R4)", timeout=SOON)
    call = pbx.call(dialled)
    call.until_answered()
    expect(figure(page, "nw1", "Channels")).not_to_have_text("0", timeout=SOON)
    until(lambda: set(started(page).items()) - set(before.items()), 15, "the call is in the picture")
    call.hang_up()
    call.until_gone()


def test_a_picture_has_the_values_of_its_table_and_follows_without_being_made_anew(admin: Visit) -> None:
    page = admin.go("/overview/")
    before = drawn(page, "registrations")
    table = page.locator("#values-registrations")
    table.get_by_text("Values").click()
    expect(table.get_by_role("row")).to_have_count(61)
    page.wait_for_function(AGREES, arg="registrations")
    with page.expect_response(lambda response: "/overview/traffic" in response.url):
        page.evaluate("document.querySelector('#values-registrations tbody td').textContent = '4711'")
    expect(table.get_by_text("4711")).to_have_count(0)
    expect(table).to_have_attribute("open", "")
    after = drawn(page, "registrations")
    assert after["id"] == before["id"]
    page.wait_for_function(AGREES, arg="registrations")


@pytest.mark.parametrize("chart", ["registrations", "refused"])
def test_the_colours_follow_dark_and_light(carrier: Carrier, admin: Visit, chart: str) -> None:
    pbx = carrier.pbx()
    assert [pbx.register().status for _ in range(2)] == [200, 429]
    page = admin.go("/overview/")
    light = drawn(page, chart)["colour"]
    page.get_by_role("button", name="Dark or light").click()
    dark = drawn(page, chart)["colour"]
    assert dark != light
    page.get_by_role("button", name="Dark or light").click()
    assert drawn(page, chart)["colour"] == light


def test_the_day_is_chosen_and_stays_in_the_address(admin: Visit) -> None:
    page = admin.go("/overview/")
    page.get_by_role("link", name="Last day").click()
    expect(page).to_have_url(f"{admin.service.instance.url}/portal/overview/?period=day#charts")
    assert len(drawn(page, "registrations")["labels"]) == 96
    page.reload()
    expect(page.get_by_role("link", name="Last day")).to_have_attribute("aria-current", "true")
    with page.expect_response(lambda response: "/overview/traffic?period=day" in response.url) as again:
        pass
    assert again.value.ok


def test_D2_a_region_that_drains_needs_attention(service: Turnpike, admin: Visit) -> None:
    page = admin.go("/overview/")
    with region_as(service, "se1", {"state": "in-service", "force": True}, state="draining"):
        expect(page.get_by_text("se1 is draining")).to_be_visible(timeout=SOON)
        expect(card(page, "se1").get_by_text("draining", exact=True)).to_be_visible()
        page.get_by_role("listitem").filter(has_text="se1 is draining").get_by_role("link").click()
        expect(page).to_have_url(f"{service.instance.url}/portal/regions/se1")


def test_O6_a_core_gateway_that_does_not_answer_needs_attention(service: Turnpike, admin: Visit) -> None:
    core = service.api.one("POST", "/v1/cores", {"region": "nw1", "address": "127.99.99.99", "port": 5999})
    try:
        page = admin.go("/overview/")
        expect(page.get_by_text("127.99.99.99:5999 does not answer nw1")).to_be_visible(timeout=PROBED)
        expect(card(page, "nw1").get_by_text("127.99.99.99:5999")).to_be_visible()
    finally:
        service.api.send("DELETE", f"/v1/cores/{core['id']}")
        service.settled()


def test_C4_a_new_password_that_nobody_used_needs_attention(service: Turnpike, admin: Visit) -> None:
    credential = service.new_credential()
    service.rotate(credential, grace=3600)
    page = admin.go("/overview/")
    told = page.get_by_role("listitem").filter(has_text="(rule C4)")
    expect(told).to_contain_text("never used")
    told.get_by_role("link").click()
    expect(page).to_have_url(f"{service.instance.url}/portal/credentials/?grace=true")
    service.end_grace(credential)


def test_a_label_with_markup_is_text(service: Turnpike, admin: Visit) -> None:
    with region_as(service, "se1", {"label": None}, label=MARKUP):
        page = admin.go("/overview/")
        expect(card(page, "se1").get_by_text(MARKUP)).to_be_visible()
        expect(page.locator("main img")).to_have_count(0)


def test_what_shows_itself_anew_keeps_no_session_from_ending(admin: Visit) -> None:
    page = admin.page
    with page.expect_request(lambda request: request.url.endswith("/overview/now")) as asked:
        admin.go("/overview/")
    assert asked.value.headers["x-automatic"] == "1"


@pytest.mark.parametrize("path", ["/overview/", "/overview/now", "/overview/traffic"])
def test_who_is_bound_to_a_tenant_sees_no_overview(service: Turnpike, visiting: Visiting, path: str) -> None:
    name = f"unseen{path.strip('/').replace('/', '-')}"
    service.api.send("POST", "/v1/tenants", {"account_id": name, "name": "Bound"})
    person = visiting(new_person(service, f"{name}@acme.example", "operate", name))
    page = person.go(path)
    expect(page.get_by_text(f"bound to tenant {name}")).to_be_visible()
    expect(page.get_by_role("link", name="Overview")).to_have_count(0)
    person.complaints.clear()  # the browser's console names every 403
