"""Zones from data (rules D1 and D2), and what differs in what a name server answers."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from jinja2 import UndefinedError

from api.dns.advising import advice_on
from api.dns.asking import NOTHING, Question, Reply, Server
from api.dns.checking import examine
from api.dns.comparing import Wanted, findings, is_older
from api.domains import checkzone
from api.domains.checkzone import CheckerError, check_zone
from api.domains.zones import digest_of, mailbox, next_serial, render_zone, warnings_of

DOMAIN: dict[str, Any] = {
    "name": "example.net",
    "name_servers": ["ns1.example.net", "ns2.example.com"],
    "hostmaster": "dns.team@example.net",
    "ttl": 90,
}
PLACES = [
    {"name": "nw1", "address": "192.0.2.1", "state": "in-service"},
    {"name": "se1", "address": "192.0.2.2", "state": "draining"},
    {"name": "tx1", "address": "192.0.2.3", "state": "out"},
    {"name": "va1", "address": "192.0.2.4", "state": "in-service"},
]
TEXT = r"""; reg.example.net, made of the domain and the regions that the API lists: change those and render it again.
$ORIGIN reg.example.net.
$TTL 90
@ IN SOA ns1.example.net. dns\.team.example.net. (
    7 ; serial
    300 ; refresh
    60 ; retry
    1209600 ; expire
    90 ) ; minimum
@ IN NS ns1.example.net.
@ IN NS ns2.example.com.
_sip._udp IN SRV 10 10 5060 nw1.reg.example.net.
_sip._udp IN SRV 10 10 5060 va1.reg.example.net.
nw1 IN A 192.0.2.1
se1 IN A 192.0.2.2
va1 IN A 192.0.2.4
"""
SERVICE = Question("_sip._udp.reg.example.net", "SRV")
SOA = Question("reg.example.net", "SOA")
NS = Server("ns1.example.net (192.0.2.53)", "192.0.2.53", authoritative=True)
RESOLVER = Server("192.0.2.54", "192.0.2.54")


def test_D1_D2_a_zone() -> None:
    assert render_zone(DOMAIN, PLACES, 7) == TEXT


def test_the_order_of_rows_makes_no_difference() -> None:
    assert {render_zone(DOMAIN, list(order), 7) for order in permutations(PLACES)} == {TEXT}


def test_the_digest_tells_of_all_but_the_serial() -> None:
    digest = digest_of(DOMAIN, PLACES)
    assert digest == digest_of(DOMAIN, PLACES[::-1])
    assert digest != digest_of(DOMAIN | {"ttl": 91}, PLACES)
    assert digest != digest_of(DOMAIN | {"name_servers": ["ns1.example.net"]}, PLACES)
    assert digest != digest_of(DOMAIN, PLACES[1:])


def test_what_a_template_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render_zone(DOMAIN | {"name_servers": []}, PLACES, 7)


@pytest.mark.parametrize(
    ("previous", "now", "serial"), [(None, 100, 100), (50, 100, 100), (100, 100, 101), (200, 100, 201)]
)
def test_a_serial_is_the_time_and_always_grows(previous: int | None, now: int, serial: int) -> None:
    assert next_serial(previous, now) == serial


def test_serials_wrap_around() -> None:
    """RFC 1982."""
    assert is_older(2**32 - 1, 0)
    assert not is_older(0, 2**32 - 1)
    assert not is_older(5, 5)


def test_a_mailbox_has_its_dots_escaped() -> None:
    assert mailbox("a.b.c@example.net") == r"a\.b\.c.example.net"


def test_no_region_in_service_is_a_warning() -> None:
    assert warnings_of(PLACES) == []
    assert len(warnings_of(PLACES[1:3])) == len(warnings_of([])) == 1


def test_F3_named_checkzone_judges() -> None:
    assert check_zone("reg.example.net", TEXT).lines[-1] == "OK"
    refused = check_zone("reg.example.net", TEXT.replace("192.0.2.2", "192.0.2"))
    assert not refused.passed
    assert "line 15: near '192.0.2': bad dotted quad" in refused.lines[0]


def test_a_missing_checker_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkzone, "COMMAND", ("named-checkzone-that-is-not-there",))
    with pytest.raises(CheckerError, match="install the Debian package bind9-utils"):
        check_zone("reg.example.net", TEXT)


def wanted(**changes: Any) -> Wanted:
    told = {"domain": "example.net", "ttl": 90, "places": PLACES, "serial": 7, "name_servers": DOMAIN["name_servers"]}
    return Wanted(**(told | changes))


def replies(**changes: Reply) -> dict[Question, Reply]:
    """What a name server with the zone answers; `changes` by the first label."""
    services = tuple(f"10 10 5060 {name}.reg.example.net." for name in ("nw1", "va1"))
    soa = r"ns1.example.net. dns\.team.example.net. 7 300 60 1209600 90"
    right = {SOA: Reply("NOERROR", (soa,), 90, True), SERVICE: Reply("NOERROR", services, 90, True)}
    for place in PLACES:
        there = place["state"] != "out"
        reply = Reply(
            "NOERROR" if there else "NXDOMAIN", (place["address"],) if there else (), 90 if there else None, True
        )
        right[Question(f"{place['name']}.reg.example.net", "A")] = reply
    return {question: changes.get(question.name.split(".")[0], reply) for question, reply in right.items()}


def test_what_is_right_is_no_finding() -> None:
    assert findings(NS, replies(), wanted()) == []
    assert findings(RESOLVER, replies(), wanted()) == []


def test_case_makes_no_difference() -> None:
    """RFC 4343."""
    shouted = tuple(each.upper() for each in replies()[SERVICE].values)
    assert findings(NS, replies(_sip=Reply("NOERROR", shouted, 90, True)), wanted()) == []


def test_one_lost_answer_is_not_taken_for_a_missing_record() -> None:
    (finding,) = findings(NS, replies(nw1=NOTHING), wanted())
    assert (finding.kind, finding.name) == ("unanswered", "nw1.reg.example.net")
    assert "ask again" in advice_on(finding, NS, 7, wanted(), right=False)
    (silent,) = findings(NS, dict.fromkeys(replies(), NOTHING), wanted())
    assert "see that it runs" in advice_on(silent, NS, None, wanted(), right=False)


def test_long_names_are_compared_whole() -> None:
    name = ".".join(["x" * 63, "y" * 63, "z" * 63, "example"])
    long = {
        Question(question.name.replace("example.net", name), question.kind): Reply(
            reply.code, tuple(value.replace("example.net", name) for value in reply.values), reply.ttl, True
        )
        for question, reply in replies().items()
    }
    assert findings(NS, long, wanted(domain=name)) == []


def test_a_region_that_is_named_twice() -> None:
    both = (*replies()[SERVICE].values, "10 10 5070 nw1.reg.example.net.")
    (finding,) = findings(NS, replies(_sip=Reply("NOERROR", both, 90, True)), wanted())
    assert (finding.kind, finding.region) == ("surplus", "nw1")


def test_a_second_address() -> None:
    (finding,) = findings(NS, replies(nw1=Reply("NOERROR", ("192.0.2.1", "192.0.2.9"), 90, True)), wanted())
    assert (finding.kind, finding.answered) == ("surplus", "192.0.2.9")


def test_hundreds_of_strange_targets_are_not_all_told() -> None:
    odd = (*replies()[SERVICE].values, *(f"10 10 5060 x{number}.elsewhere.example." for number in range(500)))
    assert len(findings(NS, replies(_sip=Reply("NOERROR", odd, 90, True)), wanted())) == 8


def test_who_hands_on_does_not_serve_the_zone() -> None:
    handed = {question: Reply(reply.code, reply.values, reply.ttl) for question, reply in replies().items()}
    assert [each.kind for each in findings(NS, handed, wanted())] == ["unanswered"]
    assert findings(RESOLVER, handed, wanted()) == []


def test_what_a_name_server_says_steers_no_terminal() -> None:
    odd = Reply("NOERROR", ("10 10 5060 \x1b[2Jevil." + "x" * 500,), 90, True)
    for finding in findings(NS, replies(_sip=odd), wanted()):
        assert finding.fault.isprintable()
        assert len(finding.fault) < 300


def test_a_machine_without_a_resolver_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.dns.checking.own_resolvers", list)
    (difference,) = examine(DOMAIN, PLACES, ())
    assert (difference.kind, "name one in the setting resolvers" in difference.sentence) == ("unanswered", True)
