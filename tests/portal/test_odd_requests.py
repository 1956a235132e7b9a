"""Requests that no page of the portal makes: each is answered, nothing fails, and nothing of it gets into a link."""

from contextlib import closing
from uuid import uuid4

import pytest

from api.application import create_app
from api.settings import Settings
from tests.calls.carrier import Carrier
from tests.portal.forger import Forger
from tests.portal.people import Person
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

HUGE = "9" * 5000
"""More digits than Python makes a number of."""


def made(service: Turnpike, label: str) -> str:
    """A credential's id."""
    return str(service.api.one("POST", "/v1/credentials", {"label": label})["id"])


@pytest.mark.parametrize("key", ["a\nb", "ключ", "x" * 5000, ""])
def test_a_form_with_a_key_that_is_none_is_carried_out(service: Turnpike, forger: Forger, key: str) -> None:
    label = uuid4().hex
    form = {"csrf_token": forger.token("/credentials/new"), "label": label, "key": key}
    assert forger.send("POST", "/credentials", form).status_code == 200
    assert len(service.api.rows("/v1/credentials", label=label)) == 1


def test_numbers_that_no_computer_counts_are_told_as_wrong(service: Turnpike, forger: Forger) -> None:
    token = forger.token("/users/new")
    credential = made(service, "Endless")
    forms = {
        "/cores": {"region": "nw1", "address": "192.0.2.1", "port": HUGE},
        f"/credentials/{credential}/rotate": {"grace_seconds": HUGE},
        "/domains": {"name": "endless.example", "name_servers": "ns1.carrier.example", "ttl": HUGE},
        "/regions/nw1/applications/": {"action": "apply", "version": HUGE},
    }
    for path, form in forms.items():
        answer = forger.send("POST", path, form | {"csrf_token": token})
        assert (path, answer.status_code) == (path, 422)


@pytest.mark.parametrize(
    "here", ["http://[::1", "//", "javascript:alert(1)", "http://evil.example/portal/credentials/"]
)
def test_whatever_page_a_browser_says_it_shows_a_change_leads_to_the_portal(
    service: Turnpike, forger: Forger, here: str
) -> None:
    credential = made(service, "Before")
    form = {"csrf_token": forger.token("/users/new"), "label": "After", "was_label": "Before"}
    headers = {"HX_Request": "true", "HX_Current_URL": here}
    answer = forger.send("POST", f"/credentials/{credential}/edit", form, **headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/portal/credentials/")


@pytest.mark.parametrize(
    ("here", "back"),
    [
        ("http://[::1", ""),
        ("javascript:alert(1)", ""),
        ("https://evil.example/", ""),
        ("https://evil.example/portal/events/?kind=blocked", "?back=/portal/events/?kind%3Dblocked"),
    ],
)
def test_whatever_page_a_browser_says_it_shows_signing_in_leads_to_the_portal(
    service: Turnpike, here: str, back: str
) -> None:
    with closing(Forger(service.instance.url)) as stranger:
        answer = stranger.send("GET", "/events/", HX_Request="true", HX_Current_URL=here)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, f"/portal/sign-in{back}")


def test_a_registration_is_removed_on_the_page_of_its_own_credential(carrier: Carrier, forger: Forger) -> None:
    service = carrier.service
    credential, other = service.new_credential(), made(service, "Other")
    pbx = carrier.pbx(credential=credential)
    assert pbx.register().status == 200
    (binding,) = until(lambda: service.bindings(credential), 8, "the binding is shown")
    for name, status in ((other, 404), (credential.id, 303)):
        form = {"csrf_token": forger.token("/users/new")}
        assert forger.send("POST", f"/credentials/{name}/bindings/{binding.id}/end", form).status_code == status
        if status == 404:
            assert service.bindings(credential)
    until(lambda: not service.bindings(credential), 8, "the binding is gone")


def test_a_phone_is_taken_from_the_list_of_phones(service: Turnpike, forger: Forger) -> None:
    row = service.api.one("POST", "/v1/user-agents", {"kind": "phone", "pattern": f"{uuid4().hex}*"})
    for name, status in (("scanners", 404), ("phones", 303)):
        form = {"csrf_token": forger.token("/users/new")}
        assert forger.send("GET", f"/lists/{name}/{row['id']}/remove").status_code == (404 if status == 404 else 200)
        assert forger.send("POST", f"/lists/{name}/{row['id']}/remove", form).status_code == status
    assert row["id"] not in [each["id"] for each in service.api.rows("/v1/user-agents")]


@pytest.mark.parametrize("trick", ["_scheme=javascript&_external=1", "endpoint=x", "_method=POST", "_anchor=x"])
def test_links_to_other_pages_of_a_list_stay_in_it(service: Turnpike, forger: Forger, trick: str) -> None:
    tenant = f"many-{uuid4().hex[:8]}"
    service.api.one("POST", "/v1/tenants", {"account_id": tenant, "name": "Many"})
    for number in range(51):
        service.api.one("POST", "/v1/credentials", {"label": str(number), "tenant": tenant})
    shown = forger.send("GET", f"/credentials/?tenant={tenant}&{trick}")
    assert shown.status_code == 200
    assert (
        f'rel="next" href="/portal/credentials/?tenant={tenant}&amp;{trick.replace("&", "&amp;")}&amp;after='
        in shown.text
    )
    assert 'href="javascript' not in shown.text


def test_what_is_not_foreseen_is_told_with_the_requests_name_and_nothing_of_the_inside(service: Turnpike) -> None:
    app = create_app(Settings.load(service.instance.home))

    def fails() -> str:
        raise RuntimeError("the-inside")

    app.view_functions["portal.show_sign_in"] = fails
    answer = app.test_client().get("/portal/sign-in", headers={"X-Request-ID": "r-4711"})
    assert answer.status_code == 500
    assert "r-4711" in answer.text
    assert "the-inside" not in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_is_no_page_has_the_headers_of_one(forger: Forger, method: str) -> None:
    answer = forger.send(method, "/no/such/page")
    assert answer.status_code == 405
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_key_of_the_api_is_made_once_however_often_its_form_is_sent(service: Turnpike, forger: Forger) -> None:
    label = uuid4().hex
    form = {"csrf_token": forger.token("/keys/new"), "label": label, "scope": "read", "days": "30", "key": label}
    assert forger.send("POST", "/keys", form).status_code == 200
    again = forger.send("POST", "/keys", form)
    assert again.status_code == 409
    assert "told again" in again.text
    assert [row["label"] for row in service.api.rows("/v1/keys")].count(label) == 1


def test_a_key_of_the_api_whose_end_nobody_offers_is_not_one_without_end(service: Turnpike, forger: Forger) -> None:
    label = uuid4().hex
    form = {"csrf_token": forger.token("/keys/new"), "label": label, "scope": "read", "days": "soon"}
    assert forger.send("POST", "/keys", form).status_code == 422
    assert label not in [row["label"] for row in service.api.rows("/v1/keys")]


def test_who_signs_in_anew_has_left_the_session_before(forger: Forger, administrator: Person) -> None:
    former = forger.cookie
    again = {"name": administrator.name, "password": administrator.password, "csrf_token": forger.token("/users/new")}
    assert forger.send("POST", "/sign-in", again).status_code == 303
    forger.cookie = former
    assert forger.send("GET", "/credentials/").headers["Location"].startswith("/portal/sign-in")
