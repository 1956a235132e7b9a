"""What others might do to the portal and to who uses it, and what comes of it. OWASP's names of the attacks."""

import re
import socket
import threading
from collections.abc import Iterator
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from api.application import create_app
from api.settings import Settings
from tests.integration.api.server import connected
from tests.portal.forger import COOKIE, Forger
from tests.portal.people import Person, Visit
from tests.sip.turnpike import Turnpike


@pytest.fixture
def forger(service: Turnpike) -> Iterator[Forger]:
    forger = Forger(service.instance.url)
    yield forger
    forger.close()


class Elsewhere:
    """A site of somebody else's, on an address of its own."""

    def __init__(self, page: str) -> None:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.2", 0), Answer)
        self.url = f"http://127.0.0.2:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "Elsewhere":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def posts(service: Turnpike) -> list[str]:
    """The path of everything in the portal that changes something, with something for each of its parts."""
    rules = create_app(Settings.load(service.instance.home)).url_map.iter_rules()
    found = [rule.rule for rule in rules if "POST" in (rule.methods or ()) and rule.rule.startswith("/portal/")]
    chosen = [re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", path) for path in found]
    return sorted(re.sub("<[^>]+>", "x", path).removeprefix("/portal") for path in chosen)


def test_forged_request_nothing_is_changed_without_the_sessions_own_token(
    service: Turnpike, forger: Forger, administrator: Person
) -> None:
    paths = posts(service)
    assert len(paths) >= 10
    other = Forger(service.instance.url)
    foreign = other.token()
    other.close()
    forger.sign_in(administrator)
    for path in paths:
        for form in ({}, {"csrf_token": foreign}, {"csrf_token": "x"}):
            answer = forger.send("POST", path, {"name": "mallory", "role": "administer", **form})
            assert (path, answer.status_code) == (path, 400)
            assert "was not sent from this session" in answer.text
    assert "mallory" not in forger.send("GET", "/users/").text
    assert forger.send("GET", "/users/").status_code == 200, "still signed in: nobody was signed out either"


def test_forged_request_another_sites_form_does_not_even_bring_the_cookie(admin: Visit, service: Turnpike) -> None:
    form = f'<form method="post" action="{service.instance.url}/portal/users"><input name="name" value="mallory">'
    page = f"<!doctype html><title>x</title>{form}<button>Win a prize</button></form>"
    with Elsewhere(page) as site:
        admin.page.goto(site.url)
        admin.page.get_by_role("button", name="Win a prize").click()
        expect(admin.page.get_by_text("was not sent from this session")).to_be_visible()
    admin.complaints.clear()  # the browser's console names every 400
    assert service.api.rows("/v1/users", name="mallory") == []


def test_clickjacking_no_other_site_can_frame_a_page(admin: Visit, service: Turnpike) -> None:
    target = f"{service.instance.url}/portal/credentials/"
    with Elsewhere(f'<!doctype html><title>x</title><iframe src="{target}"></iframe>') as site:
        with admin.page.expect_console_message(lambda told: "frame-ancestors" in told.text):
            admin.page.goto(site.url)
        framed = [frame for frame in admin.page.frames if frame.parent_frame]
        expect(framed[0].get_by_role("heading", name="SIP credentials")).to_have_count(0)
    assert any("frame-ancestors" in told for told in admin.complaints), admin.complaints
    admin.complaints.clear()


@pytest.mark.parametrize("path", ["/sign-in", "/credentials/", "/no-such-page", "/users/new", "/assets/portal.js"])
def test_every_answer_says_what_a_browser_may_do_with_it(forger: Forger, administrator: Person, path: str) -> None:
    forger.sign_in(administrator)
    headers = forger.send("GET", path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    if path.startswith("/assets"):
        return
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"


def test_session_fixation_a_cookie_from_before_is_never_signed_in(
    service: Turnpike, forger: Forger, administrator: Person
) -> None:
    forger.token()
    planted = forger.cookie
    assert forger.sign_in(administrator).status_code == 303
    own = forger.cookie
    assert own != planted
    assert forger.send("GET", "/credentials/").status_code == 200
    attacker = Forger(service.instance.url)
    attacker.cookie = planted
    assert attacker.send("GET", "/credentials/").headers["Location"].startswith("/portal/sign-in")
    attacker.close()


def test_session_fixation_signing_in_leaves_no_former_session_in_the_browser(
    forger: Forger, administrator: Person
) -> None:
    forger.sign_in(administrator)
    first = forger.cookie
    token = forger.token("/users/new")
    form = {"name": administrator.name, "password": administrator.password, "csrf_token": token}
    assert forger.send("POST", "/sign-in", form).status_code == 303
    assert forger.cookie != first
    assert forger.send("POST", "/users", {"csrf_token": token}).status_code == 400, "the former token ended with it"


def test_the_cookie_is_for_this_host_only_and_no_script_reads_it(forger: Forger, administrator: Person) -> None:
    given = SimpleCookie(forger.sign_in(administrator).headers["Set-Cookie"])[COOKIE]
    assert (given["secure"], given["httponly"], given["samesite"], given["path"]) == (True, True, "Lax", "/")
    assert (given["domain"], given["max-age"], given["expires"]) == ("", "", "")


def test_signing_out_ends_the_session_for_who_kept_the_cookie(forger: Forger, administrator: Person) -> None:
    forger.sign_in(administrator)
    kept = forger.cookie
    assert forger.send("POST", "/sign-out", {"csrf_token": forger.token("/users/new")}).status_code == 303
    forger.cookie = kept
    assert forger.send("GET", "/credentials/").status_code == 303


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(
    service: Turnpike, forger: Forger, administrator: Person
) -> None:
    forger.sign_in(administrator)
    settings = Settings.load(service.instance.home)
    with connected(settings, "root") as cursor:
        mine = "UPDATE session SET last_used_at = UTC_TIMESTAMP(3) - INTERVAL %s SECOND WHERE user = %s"
        last = "SELECT MIN(TIMESTAMPDIFF(SECOND, last_used_at, UTC_TIMESTAMP(3))) AS age FROM session WHERE user = %s"
        cursor.execute(mine, (settings.sign_in.idle - 30, administrator.id))
        assert forger.send("GET", "/credentials/", X_Automatic="1").status_code == 200
        cursor.execute(last, (administrator.id,))
        assert (cursor.fetchone() or {})["age"] >= settings.sign_in.idle - 30
        cursor.execute(mine, (settings.sign_in.idle + 1, administrator.id))
        ended = forger.send("GET", "/credentials/", HX_Request="true", X_Automatic="1")
        assert (ended.status_code, ended.headers["HX-Redirect"]) == (401, "/portal/sign-in")


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "/portal/../v1/keys", "javascript:alert(1)"]
)
def test_open_redirect_signing_in_never_leads_elsewhere(forger: Forger, administrator: Person, back: str) -> None:
    form = {"name": administrator.name, "password": administrator.password, "csrf_token": forger.token()}
    answer = forger.send("POST", f"/sign-in?back={back}", form)
    assert answer.status_code in (303, 400)
    assert answer.headers.get("Location", "/portal/").startswith("/portal/")
    assert ".." not in answer.headers.get("Location", "")


def test_guessing_a_password_is_slowed_down_as_by_the_api(forger: Forger) -> None:
    told = [
        forger.send(
            "POST",
            "/sign-in",
            {"name": f"nobody-{socket.gethostname()}", "password": str(guess), "csrf_token": forger.token()},
        )
        for guess in range(6)
    ]
    assert [answer.status_code for answer in told] == [401] * 5 + [429]
    assert "too many attempts" in told[-1].text


def test_a_password_that_was_typed_is_in_no_answer_and_no_log(service: Turnpike, forger: Forger) -> None:
    form = {"name": "not a name", "password": "s3cret-typed-here", "csrf_token": forger.token()}
    assert "s3cret-typed-here" not in forger.send("POST", "/sign-in", form).text
    logs = (service.instance.home / "log").rglob("*")
    assert not [log for log in logs if log.is_file() and b"s3cret-typed-here" in log.read_bytes()]
