"""W5: nothing that any phone of this session was told names the software or the brand."""

import re

import pytest

from tests.sip.network import Network

NAMES = re.compile(
    r"kamailio|openser|\bser\b|opensips|turnpike|python|kemi|call is important|terribly sorry|received=|^server:"
    r"|^warning:|\bsl\b|\btm\b|too many hops, |P-Out|sanity|trying --|canceling|stateless|mariadb|sqlite",
    re.IGNORECASE,
)
VIA_RECEIVED = re.compile(r"^v(ia)?\s*:.*;received=127\.", re.IGNORECASE)


@pytest.mark.last
def test_W5_no_response_shows_which_software_runs(network: Network) -> None:
    """`received` in a Via is what RFC 3261 section 18.2.1 demands, and echoes the sender's own address."""
    lines = list(network.lines())
    assert len(lines) > 10, "nothing was heard; run this with other wire tests"
    assert [line for line in lines if NAMES.search(line) and not VIA_RECEIVED.match(line)] == []


@pytest.mark.last
def test_W5_reason_texts_are_those_of_the_rfcs(network: Network) -> None:
    known = {
        200: "OK",
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden",
        405: "Method Not Allowed",
        407: "Proxy Authentication Required",
        429: "Too Many Requests",
        481: "Call/Transaction Does Not Exist",
        483: "Too Many Hops",
        503: "Service Unavailable",
    }
    starts = {line for line in network.lines() if line.startswith("SIP/2.0 ")}
    assert starts <= {f"SIP/2.0 {code} {reason}" for code, reason in known.items()}
