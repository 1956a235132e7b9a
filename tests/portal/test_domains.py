"""Domains, by a real browser: names, zones in versions, and what DNS answers (rules D1 and D2)."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from dnslib import A
from playwright.sync_api import Locator, Page, expect

from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.nameserver import NameServer
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike

ATTACK = "<img src=x onerror=alert(1)>\"'"
DOMAIN = "zones-page.example"
SERVER = "ns1.carrier.example"


@pytest.fixture
def domain(service: Turnpike) -> Iterator[str]:
    with service.api.domain(DOMAIN):
        yield DOMAIN


@pytest.fixture
def names(network: Network) -> Iterator[NameServer]:
    """A name server that knows where itself is."""
    with closing(NameServer((network.address(), 53))) as server:
        server.add([(SERVER, "A", A(server.address))])
        yield server


def dialog_of(page: Page, button: str) -> Locator:
    page.wait_for_load_state()
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading").first).to_be_visible()
    return dialog


def test_D2_a_domain_is_added_edited_and_removed(admin: Visit) -> None:
    dialog = dialog_of(admin.go("/domains/"), "Add domain")
    dialog.get_by_label("Domain").fill("portal-made.example")
    dialog.get_by_label("Label").fill(ATTACK)
    dialog.get_by_label("Name servers").fill("ns1.reg.portal-made.example")
    dialog.get_by_label("TTL").fill("a day")
    dialog.get_by_role("button", name="Add domain").click()
    expect(dialog.get_by_label("TTL")).to_have_class(re.compile("is-invalid"))
    dialog.get_by_label("TTL").fill("90")
    dialog.get_by_role("button", name="Add domain").click()
    expect(dialog.get_by_label("Name servers")).to_have_accessible_description(re.compile("name another host"))
    dialog.get_by_label("Name servers").fill("nothing")
    dialog.get_by_role("button", name="Add domain").click()
    expect(dialog.get_by_label("Name servers")).to_have_accessible_description(re.compile("^write a host name"))
    dialog.get_by_label("Name servers").fill("ns1.carrier.example\nns2.carrier.example")
    dialog.get_by_role("button", name="Add domain").click()
    page = admin.page
    expect(page.get_by_role("heading", name="portal-made.example", exact=True)).to_be_visible()
    expect(page.get_by_text(ATTACK)).to_be_visible()
    expect(page.locator("#registrar")).to_have_text("reg.portal-made.example")
    expect(page.locator(".copyable", has_text="Region nw1")).to_contain_text("nw1.reg.portal-made.example")
    dialog = dialog_of(page, "Edit: portal-made.example")
    dialog.get_by_label("Hostmaster").fill("dns@carrier.example")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".facts").first).to_contain_text("dns@carrier.example")
    dialog = dialog_of(page, "Remove: portal-made.example")
    expect(dialog).to_contain_text("DNS goes on as it is until the zone is taken out of the name servers")
    dialog.get_by_role("button", name="Remove domain").click()
    expect(page.get_by_role("status").first).to_contain_text("take its zone out of its name servers")
    expect(page.get_by_role("row", name="portal-made.example")).to_have_count(0)
    admin.complaints.clear()  # the browser's console names every 409 and 422


def test_a_zone_is_checked_stored_compared_and_downloaded(admin: Visit, service: Turnpike, domain: str) -> None:
    page = admin.go(f"/domains/{domain}")
    dialog = dialog_of(page, f"Check zone: {domain}")
    expect(dialog).to_contain_text(f"zone reg.{domain}/IN: loaded serial")
    dialog.get_by_role("button", name="Close").last.click()
    dialog_of(page, f"Store zone: {domain}").get_by_role("button", name="Store zone").click()
    expect(page.get_by_role("heading", name=f"Version 1 of the zone of {domain}")).to_be_visible()
    expect(page.get_by_text("as it is now")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"reg.{domain}.zone"
    assert download.value.path().read_text() == service.api.one("GET", f"/v1/domains/{domain}/zones/1")["text"]
    service.api.send("PATCH", f"/v1/domains/{domain}", {"ttl": 120})
    admin.go(f"/domains/{domain}")
    expect(page.get_by_text("differs from version 1")).to_be_visible()
    diff = page.get_by_role("region", name=f"Differences in reg.{domain}.zone")
    expect(diff.get_by_role("deletion").filter(has_text="$TTL")).to_have_text("- $TTL 60")
    expect(diff.get_by_role("insertion").filter(has_text="$TTL")).to_have_text("+ $TTL 120")
    dialog_of(page, f"Store zone: {domain}").get_by_role("button", name="Store zone").click()
    expect(page.get_by_role("heading", name=f"Version 2 of the zone of {domain}")).to_be_visible()
    admin.go(f"/domains/{domain}")
    expect(page.get_by_role("button", name=f"Store zone: {domain}")).to_have_count(0)
    expect(page.get_by_role("row", name="version 1")).to_contain_text("alice@carrier.example")
    expect(page.locator("#dns").get_by_role("button", name="Ask again")).to_be_visible()  # before the domain goes


def test_D1_what_dns_answers_is_compared(admin: Visit, service: Turnpike, domain: str, names: NameServer) -> None:
    nw1, se1 = service.regions
    names.publish(domain, {"se1": se1})
    page = admin.go(f"/domains/{domain}")
    answers = page.locator("#dns")
    expect(answers.get_by_role("button", name="Ask again")).to_be_visible()
    answers.get_by_label("Resolver").fill(names.address)
    answers.get_by_role("button", name="Ask again").click()
    expect(answers.get_by_role("status")).to_contain_text(f"Asked: {names.address}")
    missing = answers.get_by_role("listitem").filter(has_text="does not name nw1")
    expect(missing.first).to_contain_text(f"./turnpike dns render {domain} writes it")
    expect(missing.first).to_contain_text(f"10 10 5060 nw1.reg.{domain}.")
    names.publish(domain, {"nw1": nw1, "se1": se1})
    answers.get_by_role("button", name="Ask again").click()
    expect(answers.get_by_role("status")).to_contain_text("All is as it should be")


def test_a_resolver_that_is_none_is_told(admin: Visit, domain: str) -> None:
    page = admin.go(f"/domains/{domain}")
    page.get_by_label("Resolver").fill(ATTACK)
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("write an IPv4 address")).to_be_visible()
    expect(page.get_by_label("Resolver")).to_have_value(ATTACK)
    admin.complaints.clear()


def test_D1_without_a_region_in_service_the_zone_warns(admin: Visit, service: Turnpike, domain: str) -> None:
    try:
        for name in ("nw1", "se1"):
            service.api.send("PATCH", f"/v1/regions/{name}", {"state": "draining", "force": True})
        page = admin.go(f"/domains/{domain}")
        expect(page.get_by_text("No region is in service")).to_be_visible()
        expect(page.locator("#dns").get_by_role("button", name="Ask again")).to_be_visible()  # before the domain goes
    finally:
        for name in ("nw1", "se1"):
            service.api.send("PATCH", f"/v1/regions/{name}", {"state": "in-service", "force": True})


def test_who_reads_sees_domains_and_changes_none(visiting: Visiting, service: Turnpike, domain: str) -> None:
    reader = visiting(new_person(service, "domains-reader@carrier.example", "read"))
    page = reader.go(f"/domains/{domain}")
    expect(page.locator("#dns").get_by_role("button", name="Ask again")).to_be_visible()
    expect(page.get_by_label("Resolver")).to_have_count(0)
    for name in ("Store zone", "Edit", "Remove"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    reader.go(f"/domains/{domain}/remove")
    expect(page.get_by_text("this needs one that may administer")).to_be_visible()
    assert service.api.one("GET", f"/v1/domains/{domain}")["name"] == domain
    reader.complaints.clear()


def test_who_is_bound_to_a_tenant_sees_names_without_zones(visiting: Visiting, service: Turnpike, domain: str) -> None:
    service.api.send("POST", "/v1/tenants", {"account_id": "domains-acme", "name": "Acme"})
    guest = visiting(new_person(service, "domains@acme.example", "read", "domains-acme"))
    page = guest.go("/domains/")
    expect(page.get_by_role("row", name=domain)).to_contain_text(f"reg.{domain}")
    expect(page.get_by_role("row", name=domain).get_by_role("link")).to_have_count(0)
    guest.go(f"/domains/{domain}")
    expect(page.get_by_text("is bound to tenant domains-acme")).to_be_visible()
    guest.complaints.clear()


def test_what_there_is_not_is_told(admin: Visit) -> None:
    for path in ("/domains/nowhere.example", "/domains/nowhere.example/versions/1", "/domains/nowhere.example/dns"):
        expect(admin.go(path).get_by_role("heading", name="Nothing is here")).to_be_visible()
    admin.complaints.clear()
