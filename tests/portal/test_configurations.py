"""A region's configuration, by a real browser: differences, applying, going back, and what is refused (rule F3)."""

import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.portal.conftest import Visiting
from tests.portal.people import Visit, new_person
from tests.sip.instance import ROOT
from tests.sip.turnpike import Row, Turnpike
from tests.sip.waiting import until

Template = Callable[[str], None]
SHIPPED = (ROOT / "templates" / "kamailio" / "region.cfg.j2").read_text()
ATTACK = "<img src=x onerror=alert(1)>\"'"
REGION = "/v1/regions/se1"
CONFIGURATION = "/regions/se1/configuration/"
APPLIED = 60_000
"""Milliseconds within which an application ends."""


def applications(service: Turnpike) -> list[Row]:
    return service.api.rows(f"{REGION}/applications")


def ended(service: Turnpike) -> bool:
    return applications(service)[0]["ended_at"] is not None


@pytest.fixture
def template(service: Turnpike) -> Iterator[Template]:
    """Writes a template of kamailio.cfg into the state folder. Afterwards the region runs the shipped one again."""
    folder = service.instance.home / "templates" / "kamailio"
    folder.mkdir(parents=True)

    def write(text: str) -> None:
        (folder / "region.cfg.j2").write_text(text)

    yield write
    shutil.rmtree(folder.parent)
    until(lambda: ended(service), 60, "the region has ended what it does", 0.1)
    if not service.api.one("GET", f"{REGION}/diff")["identical"]:
        service.api.send("POST", f"{REGION}/applications", {"action": "apply"})
        until(lambda: ended(service), 60, "the region runs what ships again", 0.1)
        assert service.api.one("GET", f"{REGION}/diff")["identical"]


@pytest.fixture
def stopped_agent(service: Turnpike) -> Iterator[None]:
    """The region's agent does nothing while a test runs."""
    agents = service.instance.pids("se1-agent")
    for pid in agents:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in agents:
        os.kill(pid, signal.SIGCONT)


def applied(page: Page, button: str, confirm: str) -> None:
    """Open the dialog by a button of the page, agree, and see the region's progress to its end."""
    page.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("button", name=confirm, exact=True).click()
    expect(page.locator("#progress")).to_be_visible()


def is_in_force(page: Page) -> None:
    expect(page.locator("#progress").get_by_text(re.compile(r"Version \d+ came into force in se1"))).to_be_visible(
        timeout=APPLIED
    )


def test_F3_what_differs_is_seen_applied_and_taken_back(admin: Visit, service: Turnpike, template: Template) -> None:
    before = service.api.one("GET", REGION)["configuration"]
    page = admin.go(CONFIGURATION)
    expect(page.locator("#now")).to_contain_text("identical")
    template(f"{SHIPPED}# {ATTACK}\n")
    diff = page.get_by_role("region", name="Differences in kamailio.cfg")
    expect(diff.get_by_role("insertion")).to_have_text(f"+ # {ATTACK}")
    expect(page.locator("#now")).to_contain_text("differs in 1 file")

    applied(page, "Apply: what would be rendered now", "Apply")
    is_in_force(page)
    expect(page.get_by_role("list", name="How far it is")).to_contain_text("In force")
    after = service.api.one("GET", f"{REGION}/applications/{applications(service)[0]['id']}")
    assert (after["state"], after["previous"]) == ("in-force", before)

    admin.go(CONFIGURATION)
    in_force = page.locator(".panel", has=page.get_by_role("heading", name="In force"))
    expect(in_force).to_contain_text(f"version {after['version']}")
    expect(in_force).to_contain_text("alice@carrier.example")
    newest = page.get_by_role("row", name=f"apply version {after['version']}").first
    expect(newest).to_contain_text("In force")
    expect(newest).to_contain_text("alice@carrier.example")

    page.get_by_role("button", name="Roll back: region se1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("deletion")).to_have_text(f"- # {ATTACK}")
    dialog.get_by_role("button", name="Roll back", exact=True).click()
    is_in_force(page)
    assert service.api.one("GET", f"{REGION}/diff?from={before}&to={applications(service)[0]['version']}")["identical"]


def test_F3_a_broken_template_is_told_with_its_place(admin: Visit, template: Template) -> None:
    template("{% if %}\n")
    page = admin.go(CONFIGURATION)
    expect(page.get_by_role("alert")).to_contain_text("region.cfg.j2")
    page.get_by_role("button", name="Apply: what would be rendered now").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("correct the template")
    expect(dialog.get_by_role("button", name="Apply", exact=True)).to_have_count(0)
    admin.complaints.clear()  # the browser's console names every 409


def test_F3_what_kamailio_refuses_never_comes_into_force(admin: Visit, service: Turnpike, template: Template) -> None:
    before = service.api.one("GET", REGION)["configuration_digest"]
    template(f"{SHIPPED}nonsense here\n")
    page = admin.go(CONFIGURATION)
    page.get_by_role("button", name="Check").click()
    steps = page.get_by_role("list", name="How far it is")
    expect(steps).to_contain_text("Refused, failed", timeout=APPLIED)
    expect(page.locator("#progress")).to_contain_text("parse error in config file kamailio.cfg")
    applied(admin.go(CONFIGURATION), "Apply: what would be rendered now", "Apply")
    expect(steps).to_contain_text("Refused, failed", timeout=APPLIED)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("row", name="apply version").first).to_contain_text("parse error")
    assert service.api.one("GET", REGION)["configuration_digest"] == before


def test_F3_what_is_applied_is_what_was_shown(admin: Visit, service: Turnpike, template: Template) -> None:
    template(f"{SHIPPED}# first\n")
    page = admin.go(CONFIGURATION)
    count = len(applications(service))
    page.get_by_role("button", name="Apply: what would be rendered now").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("insertion")).to_have_text("+ # first")
    template(f"{SHIPPED}# second\n")
    dialog.get_by_role("button", name="Apply", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("has changed since you looked")
    expect(dialog.get_by_role("insertion")).to_have_text("+ # second")
    assert len(applications(service)) == count
    admin.complaints.clear()


@pytest.mark.usefixtures("stopped_agent")
def test_F3_what_waits_is_withdrawn(admin: Visit) -> None:
    page = admin.go(CONFIGURATION)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("has said nothing for five seconds")).to_be_visible(timeout=20_000)
    other = admin.context.new_page()
    other.goto(f"{admin.service.instance.url}/portal{CONFIGURATION}")
    other.get_by_role("button", name="Check").click()
    expect(other.get_by_text("wait for its end")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("list", name="How far it is")).to_contain_text("Withdrawn")


def test_versions_are_shown_and_any_two_compared(admin: Visit, service: Turnpike, template: Template) -> None:
    template(f"{SHIPPED}# kept beside\n")
    page = admin.go(f"{CONFIGURATION}versions")
    page.get_by_role("button", name="Store what is rendered now").click()
    expect(page.get_by_role("status").first).to_contain_text("was stored")
    newest = service.api.rows(f"{REGION}/configurations")[0]["version"]
    page.get_by_role("row", name=f"version {newest}").get_by_role("link").first.click()
    expect(page.get_by_label("kamailio.cfg", exact=True)).to_contain_text("# kept beside")
    page.get_by_text("region.json", exact=True).first.click()
    facts = json.loads(page.get_by_label("region.json", exact=True).inner_text())
    assert facts["region"] == "se1"
    page.get_by_role("link", name="Compare", exact=True).click()
    page.get_by_label("From version").fill(str(newest))
    page.get_by_label("To version").fill("1")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name=f"From version {newest} to version 1")).to_be_visible()
    expect(page.get_by_role("deletion").last).to_have_text("- # kept beside")
    page.get_by_label("To version").fill("999999")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("alert")).to_contain_text("Region se1 has no version 999999")
    page.get_by_label("To version").fill("x")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_label("To version")).to_have_attribute("aria-describedby", "about-to")
    expect(page.get_by_label("To version")).to_have_class(re.compile("is-invalid"))
    admin.complaints.clear()


def test_who_reads_sees_configurations_and_applies_none(visiting: Visiting, service: Turnpike) -> None:
    reader = visiting(new_person(service, "configurations-reader@carrier.example", "read"))
    page = reader.go(CONFIGURATION)
    expect(page.locator("#now")).to_contain_text("Against what runs")
    for name in ("Apply", "Check", "Roll back"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    count = len(applications(service))
    reader.go("/regions/se1/applications/new?action=apply&version=1")
    expect(page.get_by_text("this needs one that may administer")).to_be_visible()
    assert len(applications(service)) == count
    reader.complaints.clear()
