"""Tenants in the portal: found, made, changed and deleted; and what one of them has and uses."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.calls.carrier import Carrier
from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.caller import until_decided
from tests.sip.scripts import answers, refuses
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import DAY, undivided

MARKUP = "<img src=x onerror=alert(1)>\"'"


def tenant(service: Turnpike, account_id: str, **more: str) -> str:
    service.api.send("POST", "/v1/tenants", {"account_id": account_id, "name": "Acme Ltd"} | more)
    return account_id


def credential(service: Turnpike, owner: str, label: str = "Head office") -> Credential:
    row = service.api.one("POST", "/v1/credentials", {"label": label, "tenant": owner})
    service.settled()
    return Credential(row["id"], row["username"], row["password"])


def panel(page: Page, title: str) -> Locator:
    return page.locator(".panel").filter(has=page.get_by_role("heading", name=title))


def rows_of(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_tenant_is_created_found_edited_and_deleted(admin: Visit) -> None:
    page = admin.go("/tenants/")
    page.get_by_role("button", name="Create tenant").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Account ID").fill("made-here.1")
    dialog.get_by_label("Name").fill("Made Here Ltd")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Made Here Ltd")).to_be_visible()
    expect(page.get_by_text("Tenant made-here.1 created.")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_role("button", name="Edit").click()
    dialog.get_by_label("Contact").fill("noc@made.example")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("noc@made.example")).to_be_visible()
    admin.go("/tenants/")
    page.get_by_role("searchbox").fill("e here")
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)
    page.get_by_role("link", name="Made Here Ltd").click()
    page.wait_for_load_state()
    page.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("cannot be undone")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Tenant made-here.1 deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="Made Here Ltd")).to_have_count(0)


def test_T1_what_is_no_account_id_is_told_beside_the_field(service: Turnpike, admin: Visit) -> None:
    tenant(service, "taken-1")
    page = admin.go("/tenants/")
    page.get_by_role("button", name="Create tenant").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Acme one")
    dialog.get_by_label("Account ID").fill("acme one")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text("no spaces (rule T1)")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("Acme one")
    dialog.get_by_label("Account ID").fill("TAKEN-1")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("alert")).to_contain_text("choose another account ID")
    admin.complaints.clear()  # the browser's console names every 409 and 422


def test_T3_a_tenant_in_use_stays_and_its_users_are_listed(service: Turnpike, admin: Visit) -> None:
    owner = tenant(service, "used-1")
    used = credential(service, owner, MARKUP)
    service.api.send("POST", "/v1/numbers", {"number": "+14155557100", "tenant": owner})
    new_person(service, "uses-1@acme.example", "read", owner)
    service.api.send("POST", "/v1/keys", {"label": "reporting", "scope": "read", "tenant": owner})
    page = admin.go(f"/tenants/{owner}")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("4 things name this tenant")
    for name in ("+14155557100", "uses-1@acme.example", "(reporting)"):
        expect(dialog.get_by_role("link", name=name)).to_be_visible()
    dialog.get_by_role("link", name=f"{used.username} ({MARKUP})").click()
    expect(page).to_have_url(f"{service.instance.url}/portal/credentials/{used.id}")
    assert service.api.one("GET", f"/v1/tenants/{owner}")["credentials"] == 1
    admin.complaints.clear()  # the browser's console names every 409


def test_a_tenants_page_leads_to_its_credentials_and_numbers(service: Turnpike, admin: Visit) -> None:
    owner = tenant(service, "leads-1")
    its = credential(service, owner)
    for number in range(8):
        service.api.send("POST", "/v1/numbers", {"number": f"+1415555720{number}", "tenant": owner})
    page = admin.go(f"/tenants/{owner}")
    expect(panel(page, "Phone numbers").locator(".count")).to_have_text("8")
    expect(panel(page, "Phone numbers").get_by_role("listitem")).to_have_count(6)
    expect(panel(page, "SIP credentials")).to_contain_text(its.username)
    for title, address in (("SIP credentials", "credentials"), ("Phone numbers", "numbers")):
        link = panel(page, title).get_by_role("link", name="All of them")
        expect(link).to_have_attribute("href", f"/portal/{address}/?tenant={owner}")


def test_usage_and_call_records_of_a_tenant(carrier: Carrier, admin: Visit, tmp_path: Path) -> None:
    undivided(120, DAY)
    owner = tenant(carrier.service, "calls-1")
    pbx = carrier.pbx(credential=credential(carrier.service, owner))
    assert pbx.register().status == 200
    calls = pbx.call_in_turn([carrier.subscriber(answers(hold=0.2)), carrier.subscriber(refuses(486))], 3.0)
    until_decided(calls, 2, seconds=20)
    for call in calls:
        call.until_gone()
        carrier.cdr(call.call_id)
    page = admin.go(f"/tenants/{owner}")
    tile = page.locator(".usage-tiles .tile")
    expect(tile.first.locator(".value")).to_have_text("2")
    expect(tile.filter(has_text="Answered")).to_contain_text("50 %")
    assert page.evaluate("Chart.getChart('canvas-usage-calls').data.datasets[0].data.at(-1)") == 2
    page.get_by_role("region", name="Call records").get_by_label("Month").select_option(index=0)
    with page.expect_download() as told:
        page.get_by_role("button", name="Call records of the month").click()
    file = tmp_path / "calls.csv"
    told.value.save_as(file)
    assert told.value.suggested_filename.startswith(f"calls-{owner}-{datetime.now(UTC):%Y-%m}-01-to-")
    assert sorted((row["tenant"], row["code"]) for row in rows_of(file)) == [(owner, "200"), (owner, "486")]
    assert len(downloaded_days(page, tmp_path, days=0)) == 2
    assert downloaded_days(page, tmp_path, days=1) == []
    (usage,) = downloaded_days(page, tmp_path, days=0, what="Usage")
    assert (usage["tenant"], usage["direction"], usage["calls"], usage["answered"]) == (owner, "outbound", "2", "1")
    assert downloaded_days(page, tmp_path, days=1, what="Usage") == []


def downloaded_days(page: Page, folder: Path, days: int, what: str = "Call records") -> list[dict[str, Any]]:
    """The records of today, or of the day so many days ago."""
    day = (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
    page.get_by_label("First day").fill(day)
    page.get_by_label("Last day").fill(day)
    with page.expect_download() as told:
        page.get_by_role("button", name=f"{what} of the days").click()
    told.value.save_as(folder / "days.csv")
    return rows_of(folder / "days.csv")


@pytest.mark.parametrize("what", ["Call records", "Usage"])
def test_days_that_run_backwards_are_told_beside_the_field(service: Turnpike, admin: Visit, what: str) -> None:
    owner = tenant(service, f"backwards-{what[0]}")
    page = admin.go(f"/tenants/{owner}")
    page.get_by_label("First day").fill("2026-02-01")
    page.get_by_label("Last day").fill("2026-01-01")
    page.get_by_role("button", name=f"{what} of the days").click()
    expect(page.get_by_text("The last day is before the first")).to_be_visible()
    expect(page.get_by_label("First day")).to_have_value("2026-02-01")
    admin.complaints.clear()  # the browser's console names every 422


def test_all_tenants_are_exported(service: Turnpike, admin: Visit, tmp_path: Path) -> None:
    owner = tenant(service, "exported-1", contact="noc@acme.example")
    page = admin.go("/tenants/")
    with page.expect_download() as told:
        page.get_by_role("link", name="Export CSV").click()
    told.value.save_as(tmp_path / "tenants.csv")
    row = {"account_id": owner, "name": "Acme Ltd", "contact": "noc@acme.example"}
    assert row in rows_of(tmp_path / "tenants.csv")


def test_a_list_of_more_than_a_page_is_leafed_through(service: Turnpike, admin: Visit) -> None:
    for number in range(51):
        tenant(service, f"many-{number:02}", name="One of many")
    page = admin.go("/tenants/?q=one of many")
    expect(page.locator("tbody").get_by_role("row")).to_have_count(50)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)
    page.get_by_role("link", name="First page").click()
    expect(page.locator("tbody").get_by_role("row")).to_have_count(50)


def test_a_name_with_markup_is_text(service: Turnpike, admin: Visit) -> None:
    owner = tenant(service, "markup-1", name=MARKUP, contact=MARKUP)
    for path in ("/tenants/?q=markup-1", f"/tenants/{owner}", f"/tenants/{owner}/edit", f"/tenants/{owner}/delete"):
        page = admin.go(path)
        expect(page.locator("main img")).to_have_count(0)
    admin.go(f"/tenants/{owner}")
    expect(page.get_by_role("heading", name=MARKUP)).to_be_visible()


def test_who_is_bound_to_a_tenant_sees_that_one_only(service: Turnpike, visiting: Visiting) -> None:
    own, other = tenant(service, "own-1", name="Own Ltd"), tenant(service, "other-1", name="Other Ltd")
    person = visiting(new_person(service, "person@own.example", "operate", own))
    page = person.go("/tenants/")
    expect(page.get_by_role("heading", name="Own Ltd")).to_be_visible()
    assert page.url.endswith(f"/tenants/{own}")
    for action in ("Edit", "Delete"):
        expect(page.get_by_role("button", name=action)).to_have_count(0)
    told = {
        "": "no tenant",
        "/calls.csv?month=2026-01": "no tenant",
        "/usage.csv?month=2026-01": "no tenant",
        "/edit": "one that may",
        "/delete": "one that may",
    }
    for path, why in told.items():
        person.go(f"/tenants/{other}{path}")
        expect(page.get_by_text(why)).to_be_visible()
        expect(page.get_by_text("Other Ltd")).to_have_count(0)
    person.complaints.clear()  # the browser's console names every 404


def test_who_may_only_read_changes_no_tenant(service: Turnpike, visiting: Visiting) -> None:
    owner = tenant(service, "unchanged-1")
    person = visiting(new_person(service, "reads-tenants@carrier.example", "read"))
    page = person.go(f"/tenants/{owner}")
    expect(page.get_by_role("heading", name="Acme Ltd")).to_be_visible()
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)
    person.go("/tenants/")
    expect(page.get_by_role("button", name="Create tenant")).to_have_count(0)
    person.go(f"/tenants/{owner}/edit")
    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()
    assert service.api.one("GET", f"/v1/tenants/{owner}")["name"] == "Acme Ltd"
    person.complaints.clear()  # the browser's console names every 403
