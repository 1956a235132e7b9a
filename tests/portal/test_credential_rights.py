"""SIP credentials in the portal: who sees and changes which."""

import re
from urllib.parse import quote_plus

from playwright.sync_api import expect

from tests.portal.conftest import Visiting
from tests.portal.credential_list import close, create, made, refused, row_of
from tests.portal.people import Visit, new_person
from tests.sip.turnpike import Turnpike


def test_who_may_only_read_sees_the_list_and_can_change_nothing(visiting: Visiting, service: Turnpike) -> None:
    row = made(service, "Only looked at")
    reader = visiting(new_person(service, "reader@credentials.example", "read"))
    page = reader.go("/credentials/?q=Only+looked+at")
    expect(row_of(page, "Only looked at")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Create|Actions"))).to_have_count(0)
    page = reader.go(f"/credentials/{row['id']}/delete")
    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()
    expect(page.get_by_text("one that may operate")).to_be_visible()
    assert service.api.one("GET", f"/v1/credentials/{row['id']}")["label"] == "Only looked at"
    refused(reader, 403)


def test_a_tenants_people_see_and_make_their_own_alone(visiting: Visiting, service: Turnpike) -> None:
    tenant = "listed-2"
    service.api.send("POST", "/v1/tenants", {"account_id": tenant, "name": "Listed"})
    foreign = made(service, "Somebody else's")
    own = visiting(new_person(service, "operator@listed-2.example", "operate", tenant))
    page = own.go("/credentials/?q=PBX+of+its+own")
    close(create(page, "PBX of its own"))
    expect(row_of(page, "PBX of its own")).to_be_visible()
    assert service.api.rows("/v1/credentials", label="PBX of its own")[0]["tenant"] == tenant
    for text in (foreign["username"], foreign["id"], foreign["label"]):
        page.get_by_role("searchbox").fill(text)
        expect(page).to_have_url(re.compile(f"q={re.escape(quote_plus(text))}$"))
        expect(page.get_by_text("Nothing found")).to_be_visible()
    for action in ("edit", "disable", "enable", "rotate", "end-grace", "delete"):
        assert (
            own.context.request.get(f"{service.instance.url}/portal/credentials/{foreign['id']}/{action}").status == 404
        )


def test_a_form_without_its_token_changes_nothing(admin: Visit, service: Turnpike) -> None:
    row = made(service, "Forged")
    for path in ("", f"/{row['id']}/rotate", f"/{row['id']}/delete", f"/{row['id']}/disable"):
        answer = admin.context.request.post(
            f"{service.instance.url}/portal/credentials{path}", form={"label": "Forged 2"}
        )
        assert answer.status == 400, path
    shown = service.api.one("GET", f"/v1/credentials/{row['id']}")
    assert (shown["enabled"], shown["rotated_at"]) == (True, None)
    assert service.api.rows("/v1/credentials", label="Forged 2") == []
