"""What the API says to programs, as a page tells it to people."""

import re

import pytest

from api.portal.asking import RefusedError
from api.portal.plain import CALL, WHOLE, plain
from api.problems import unknown

TOLD = (
    (
        "There is no credential cr-1: GET /v1/credentials lists them, and ?username= finds one by its username.",
        "There is no credential cr-1.",
    ),
    (
        "There is no live call c-1: it may have ended: GET /v1/cdrs/c-1; GET /v1/calls lists others.",
        "There is no live call c-1: it may have ended.",
    ),
    (
        "There is no active block b-1: it may have ended; GET /v1/blocks lists the active ones.",
        "There is no active block b-1: it may have ended.",
    ),
    (
        "tenant: there is no tenant acme: create it first (POST /v1/tenants), or send null for none.",
        "tenant: there is no tenant acme: create it first, or leave it empty.",
    ),
    (
        "state: nw1 is not ready, and PBXs would be sent there in vain: start it first"
        ' (GET /v1/regions/nw1 tells when it is ready), or send "force": true.',
        "state: nw1 is not ready, and PBXs would be sent there in vain: start it first, or do it anyway.",
    ),
    ("There is a domain a.example already: GET /v1/domains/a.example.", "There is a domain a.example already."),
    (
        "There is no such page: send as after what the page before gave as next, with the same sort, or leave it out.",
        "There is no such page: go to the first page of the list.",
    ),
    ("This session has ended: sign in again (POST /v1/sessions).", "This session has ended: sign in again."),
    ("Look whether calls hang (./turnpike call list).", "Look whether calls hang."),
    ("write a time in UTC, such as 2026-01-31T12:00:00Z, or a day", None),
)


@pytest.mark.parametrize(("detail", "told"), TOLD)
def test_nothing_is_told_that_only_a_program_could_do(detail: str, told: str | None) -> None:
    assert plain(detail) == (told or detail)


@pytest.mark.parametrize("kind", WHOLE)
def test_a_problem_about_the_request_itself_is_told_by_its_type(kind: str) -> None:
    assert not re.search(r"\b(request|JSON|ETag|header)\b", plain("Repeat the request with its new ETag.", kind))


def test_no_hint_of_a_list_is_left() -> None:
    refused = unknown("number", "+12125550000", "GET /v1/numbers lists them, in E.164 with their plus")
    assert not re.search(CALL, plain(refused.detail, refused.kind))


def test_a_conflict_stands_beside_the_field_that_it_names() -> None:
    detail = "tenant: there is no tenant acme: create it first (POST /v1/tenants), or send null for none."
    refused = RefusedError(409, {"detail": detail})
    assert refused.fields == {"tenant": "there is no tenant acme: create it first, or leave it empty."}
    assert RefusedError(409, {"detail": "There is +12125550000 already."}).fields == {}
