"""A list that shows itself anew while a person asks it for something else."""

import re

from playwright.sync_api import Route, expect

from tests.portal.credential_list import made, row_of
from tests.portal.people import Visit
from tests.sip.turnpike import Turnpike

WATCH = """(label) => new MutationObserver(() => {
  if (document.body.innerText.includes(label)) window.wasShown = true;
}).observe(document.getElementById("list"), {childList: true, subtree: true})"""


def test_an_answer_to_what_was_asked_before_the_search_is_not_shown(admin: Visit, service: Turnpike) -> None:
    wanted, other = made(service, "Asked for"), made(service, "Of no interest")
    page = admin.go("/credentials/")
    before = re.compile("/portal/credentials/$")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(before, hold)
    with page.expect_request(before):
        pass
    page.get_by_role("searchbox").fill(wanted["label"])
    page.get_by_role("searchbox").press("Enter")
    expect(row_of(page, other["label"])).to_have_count(0)
    expect(row_of(page, wanted["label"])).to_be_visible()
    page.evaluate(WATCH, other["label"])
    with page.expect_request_finished(lambda request: bool(before.search(request.url))):
        held[0].continue_()
    service.api.send("PATCH", f"/v1/credentials/{wanted['id']}", {"enabled": False})
    expect(row_of(page, wanted["label"])).to_contain_text("disabled")
    assert not page.evaluate("window.wasShown")
    page.unroute_all(behavior="ignoreErrors")
