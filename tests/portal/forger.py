"""Requests to the portal that no browser would send: by somebody who holds a cookie, and chooses everything else."""

import re
from http.cookies import SimpleCookie

import httpx

from tests.portal.people import Person

COOKIE = "__Host-turnpike"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Forger:
    """Keeps the cookie itself: a library would not send a Secure one over plain HTTP, as browsers do to loopback."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/portal", timeout=20)
        self.cookie: str | None = None

    def close(self) -> None:
        self._client.close()

    def send(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            sent["Cookie"] = f"{COOKIE}={self.cookie}"
        response = self._client.request(method, path, data=form, headers=sent)
        given = SimpleCookie(response.headers.get("Set-Cookie", "")).get(COOKIE)
        if given is not None:
            self.cookie = given.value
        return response

    def token(self, path: str = "/sign-in") -> str:
        """The CSRF token of a page that has a form."""
        found = TOKEN.search(self.send("GET", path).text)
        assert found, f"{path} has no form"
        return found[1]

    def sign_in(self, person: Person) -> httpx.Response:
        form = {"name": person.name, "password": person.password, "csrf_token": self.token()}
        return self.send("POST", "/sign-in", form)
