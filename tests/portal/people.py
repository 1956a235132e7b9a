"""People who use the portal, each in a browser of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.portal.chromium import Chromium
from tests.sip.turnpike import Turnpike

PATIENCE = 30_000
"""Milliseconds that a page has for what it shall show."""
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Person:
    """A user of the control plane, with the password that was told once."""

    id: str
    name: str
    password: str


def new_person(service: Turnpike, name: str, role: str, tenant: str | None = None) -> Person:
    """Make a user; names that are taken are numbered by who asks."""
    body = {"name": name, "role": role} | ({"tenant": tenant} if tenant else {})
    made = service.api.one("POST", "/v1/users", body)
    return Person(made["id"], name, made["password"])


class Visit:
    """A person's browser. Whatever the page complains about (scripts, policies, failed requests) is kept."""

    def __init__(self, service: Turnpike, context: BrowserContext) -> None:
        self.service = service
        self.context = context
        self.complaints: list[str] = []
        context.set_default_timeout(PATIENCE)
        self.page: Page = context.new_page()
        self.page.on("console", lambda told: told.type == "error" and self.complaints.append(told.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)

    def _failed(self, request: Any) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"{request.url}: {request.failure}")

    def go(self, path: str = "/") -> Page:
        """Open a page of the portal, such as /credentials/."""
        self.page.goto(f"{self.service.instance.url}/portal{path}")
        return self.page

    def sign_in(self, person: Person) -> Page:
        self.go("/sign-in")
        return self.fill_in(person)

    def fill_in(self, person: Person) -> Page:
        """Sign in on the page that is shown."""
        self.page.get_by_label("Name").fill(person.name)
        self.page.get_by_label("Password").fill(person.password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.locator("#menu")).to_be_attached()
        self.page.wait_for_load_state()  # the page's scripts are there
        return self.page

    def forgive(self, *statuses: int) -> None:
        """Leave the page, which asks again and again, and forget that the browser's console named these answers."""
        self.page.goto("about:blank")
        told = [text for text in self.complaints if not any(f"status of {status}" in text for status in statuses)]
        self.complaints.clear()
        assert told == []


@contextmanager
def visit(browser: Chromium, service: Turnpike, **options: Any) -> Iterator[Visit]:
    """A browser without memory, which is thrown away; AssertionError when the pages complained of something."""
    with browser.context(**({"viewport": {"width": 1280, "height": 900}} | options)) as context:
        visited = Visit(service, context)
        yield visited
    assert not visited.complaints, visited.complaints
