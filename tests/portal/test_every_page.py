"""What is asked of every page and dialog: accessible, small, quick, nothing cut, and no text of others is a script.

Screenshots of each, for desktop and phone, light and dark, come into tests/.artifacts/portal/.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from api.settings import ROOT
from tests.calls.carrier import Carrier
from tests.portal.chromium import Chromium
from tests.portal.forger import Forger
from tests.portal.people import Person, Visit, visit
from tests.portal.places import PLACES, TENANTS, Place
from tests.portal.stage import MARKUP, Stage
from tests.sip.figures import Figures
from tests.sip.turnpike import Turnpike

PICTURES = ROOT / "tests" / ".artifacts" / "portal"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LARGEST = 60 * 1024
"""Bytes of compressed HTML."""
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
FIELDS = ("q", "after", "tenant", "credential", "caller", "resolver", "hours", "since", "name", "prefix", "region")
SCHEMES = ("light", "dark")
ASKED = (("desktop", "light"), ("phone", "dark"))
PAINT = "() => performance.getEntriesByName('first-paint')[0]?.startTime ?? null"
FITS = (
    "() => document.scrollingElement.scrollWidth <= innerWidth"
    " && [...document.querySelectorAll('.table-wrap')].every((wrap) => wrap.scrollWidth <= wrap.clientWidth)"
)
"""Nothing is cut; charts take a moment after the screen has changed."""
FAULTS = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


@pytest.fixture(scope="module")
def stage(carrier: Carrier) -> Iterator[Stage]:
    stage = Stage(carrier)
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def reader(service: Turnpike, administrator: Person) -> Iterator[Forger]:
    """The administrator without a browser."""
    reader = Forger(service.instance.url)
    reader.sign_in(administrator)
    yield reader
    reader.close()


@cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def admins(browser: Chromium, stage: Stage, administrator: Person) -> Iterator[Visit]:
    """One browser for all of the administrator's pages."""
    with visit(browser, stage.carrier.service) as visited:
        visited.sign_in(administrator)
        yield visited


@pytest.fixture(scope="module")
def tenants(browser: Chromium, stage: Stage) -> Iterator[Visit]:
    """One browser for all of a tenant's pages."""
    with visit(browser, stage.carrier.service) as visited:
        visited.sign_in(stage.person)
        yield visited


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page_is_accessible_small_and_whole(admins: Visit, stage: Stage, figures: Figures, place: Place) -> None:
    page = admins.page
    answer = page.goto(f"{stage.carrier.service.instance.url}/portal{place.path.format(**stage.things)}")
    assert answer is not None
    assert answer.status == place.status, answer.text()
    size = answer.request.sizes()["responseBodySize"]
    assert answer.headers.get("content-encoding") in ("br", "gzip") or place.status != 200
    assert size < LARGEST
    paint = page.wait_for_function(PAINT).json_value()
    figures.measured(f"portal, {place.name}: bytes of compressed HTML, first paint in ms", f"{size}, {paint:.0f}")
    look(page, place.name)
    assert complaints(admins, place.status) == []


@pytest.mark.parametrize("place", TENANTS, ids=lambda place: place.name)
def test_a_tenants_page_is_as_good(tenants: Visit, stage: Stage, place: Place) -> None:
    look(tenants.go(place.path.format(**stage.things)), f"tenant-{place.name}")
    assert complaints(tenants, place.status) == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_reflected_what_is_in_the_address_is_never_markup(reader: Forger, stage: Stage, place: Place) -> None:
    path = place.path.format(**stage.things).partition("?")[0]
    for field in FIELDS:
        answer = reader.send("GET", f"{path}?{urlencode({field: MARKUP})}")
        assert answer.status_code < 500
        assert "<img src=x" not in answer.text
        assert "<script>alert" not in answer.text


def complaints(visited: Visit, status: int) -> list[str]:
    """What the browser said since, but for the status that was expected."""
    told, visited.complaints[:] = list(visited.complaints), []
    return [text for text in told if status == 200 or f"status of {status}" not in text]


def look(page: Page, name: str) -> None:
    """Every screen in both schemes, when the parts that come after the first paint are there.

    axe is asked of both screens and both schemes, once each: it takes longer than all the rest.
    """
    page.wait_for_load_state("networkidle")
    page.evaluate(axe())
    found: list[str] = []
    for screen, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_function(FITS)
            page.screenshot(path=picture(name, screen, scheme), full_page=True)
            if (screen, scheme) in ASKED:
                found += [f"{screen} {scheme} {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)
    assert_harmless(page)


def faults(page: Page) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(FAULTS)
    return [
        f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}" for fault in found for node in fault["nodes"]
    ]


def assert_harmless(page: Page) -> None:
    """No element came out of a text: a dialog would have failed the visit, this finds what did not run."""
    assert page.locator("img[onerror], script:not([src]):not([type='application/json'])").count() == 0


def picture(name: str, screen: str, scheme: str) -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES / f"{name}-{screen}-{scheme}.png"
