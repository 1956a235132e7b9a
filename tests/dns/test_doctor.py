"""`./turnpike dns doctor` against real name servers: all is right, and then each fault by itself (rules D1 and D2)."""

import json
import time

import pytest

from tests.dns.site import DOMAINS, Site
from tests.sip.turnpike import Row
from tests.sip.waiting import until

DOMAIN, OTHER = DOMAINS
SERVICE = f"_sip._udp.reg.{DOMAIN}"
NEWEST = f"./turnpike dns render {DOMAIN}"


def doctor(site: Site, domain: str = DOMAIN) -> list[Row]:
    """What differs, by the API."""
    answer = site.service.api.one("GET", f"/v1/domains/{domain}/dns")
    items: list[Row] = answer["items"]
    assert answer["right"] == (not items)
    return items


def found(site: Site, *needed: str) -> list[Row]:
    """The differences once one sentence holds all of `needed`: the resolver keeps an answer for a second."""

    def look() -> list[Row]:
        items = doctor(site)
        return items if any(all(each in item["sentence"] for each in needed) for item in items) else []

    return until(look, 5, f"a sentence with {needed}", pause=0.2)


def kinds(items: list[Row]) -> set[tuple[str, str, str | None]]:
    return {(item["kind"], item["name"], item["region"]) for item in items}


def edited(site: Site, old: str, new: str) -> None:
    """The zone of the first domain as somebody has changed it by hand."""
    texts = {domain: site.render(domain)["text"] for domain in DOMAINS}
    assert old in texts[DOMAIN]
    site.names.load(texts | {DOMAIN: texts[DOMAIN].replace(old, new)})


def test_all_is_right(site: Site) -> None:
    done = site.service.instance.run("dns", "doctor")
    assert [line.partition(" (")[0] for line in done.stdout.splitlines()] == [
        f"{each}: all is right" for each in DOMAINS
    ]


def test_another_resolver_may_be_named(site: Site) -> None:
    """The domains' own name server, which answers for nothing but the zones of PBXs."""
    place = site.names.own.place
    done = site.service.instance.run("dns", "doctor", DOMAIN, "--resolver", place, check=False)
    assert f"{DOMAIN}: not right (asked: {place})" in done.stdout
    assert f"The name server ns1.{DOMAIN} of {DOMAIN} has no address" in done.stdout


def test_the_exit_status_tells_programs(site: Site) -> None:
    site.names.own.stop()
    done = site.service.instance.run("dns", "doctor", "--json", check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["right"] is False
    site.names.own.start()
    until(lambda: not doctor(site), 10, "the resolver has found its name servers again", pause=0.2)
    assert site.service.instance.run("dns", "doctor", DOMAIN).returncode == 0


def test_D1_a_missing_srv_record(site: Site) -> None:
    edited(site, f"_sip._udp IN SRV 10 10 5060 se1.reg.{DOMAIN}.\n", "")
    items = found(site, f"does not name se1, so PBXs do not find that region; load today's zone there ({NEWEST}")
    assert kinds(items) == {("missing", SERVICE, "se1")}
    assert doctor(site, OTHER) == []


def test_D1_a_missing_address(site: Site) -> None:
    edited(site, f"se1 IN A {site.regions['se1']}\n", "")
    assert ("missing", f"se1.reg.{DOMAIN}", "se1") in kinds(found(site, f"se1.reg.{DOMAIN} has no address"))


def test_D1_a_wrong_address(site: Site) -> None:
    edited(site, f"se1 IN A {site.regions['se1']}\n", "se1 IN A 192.0.2.99\n")
    items = found(site, "has the address 192.0.2.99, and se1 is at", "ns1")
    assert kinds(items) == {("wrong", f"se1.reg.{DOMAIN}", "se1")}
    assert {(item["expected"], item["answered"]) for item in items} == {(site.regions["se1"], "192.0.2.99")}


@pytest.mark.parametrize("numbers", ["10 10 5070", "20 10 5060", "10 50 5060"])
def test_D1_another_port_priority_or_weight(site: Site, numbers: str) -> None:
    edited(site, f"10 10 5060 nw1.reg.{DOMAIN}.", f"{numbers} nw1.reg.{DOMAIN}.")
    items = found(site, f"has for nw1 the wrong record {numbers} nw1.reg.{DOMAIN}.")
    assert kinds(items) == {("wrong", SERVICE, "nw1")}


def test_D1_another_target(site: Site) -> None:
    edited(site, f"10 10 5060 nw1.reg.{DOMAIN}.", "10 10 5060 pbx.elsewhere.example.")
    items = found(site, "names pbx.elsewhere.example, which is no region of this service")
    assert kinds(items) == {("surplus", SERVICE, None), ("missing", SERVICE, "nw1")}


def test_D2_a_draining_region_that_is_still_named(site: Site) -> None:
    site.set_state("nw1", "draining")
    items = found(site, "still names nw1, though it is draining, so PBXs still register there")
    assert kinds(items) == {("surplus", SERVICE, "nw1")}


def test_D1_a_region_out_of_service_that_is_still_there(site: Site) -> None:
    site.set_state("nw1", "out")
    items = found(site, "still names nw1, though it is out of service")
    assert kinds(items) == {("surplus", SERVICE, "nw1"), ("surplus", f"nw1.reg.{DOMAIN}", "nw1")}


def test_D1_an_old_serial(site: Site) -> None:
    site.set_state("nw1", "draining")
    newest = site.render(DOMAIN)["serial"]
    items = found(site, "has the old serial", f"and {newest} is the newest; load serial {newest} there ({NEWEST}")
    assert ("wrong", f"reg.{DOMAIN}", None) in kinds(items)


def test_a_long_ttl(site: Site) -> None:
    edited(site, "$TTL 60\n", "$TTL 86400\n")
    items = found(site, f"At ns1.{DOMAIN} ({site.names.own_address})", "may be kept for 86400 s and not 60 s")
    assert {item["kind"] for item in items} == {"wrong"}


def test_a_zone_that_is_not_loaded(site: Site) -> None:
    site.names.load({OTHER: site.render(OTHER)["text"]})
    items = found(site, "by REFUSED; load the zone there", f"ns1.{DOMAIN}")
    assert {item["kind"] for item in items} == {"unanswered"}
    assert doctor(site, OTHER) == []


def test_a_missing_delegation(site: Site) -> None:
    site.names.delegate(without=DOMAIN)
    items = found(site, f"have the zone, so its delegation is missing: add NS records for reg.{DOMAIN} to {DOMAIN}")
    assert kinds(items) == {("missing", f"reg.{DOMAIN}", None)}


def test_a_silent_name_server(site: Site) -> None:
    site.names.own.stop()
    begun = time.monotonic()
    items = found(site, f"ns1.{DOMAIN} ({site.names.own_address})", "nothing is answered", "see that it runs")
    assert time.monotonic() - begun < 10
    assert {item["kind"] for item in items} == {"unanswered"}


def test_a_silent_resolver(site: Site) -> None:
    site.names.resolver.stop()
    begun = time.monotonic()
    (item,) = doctor(site)
    assert time.monotonic() - begun < 10
    assert (item["kind"], item["answered"], "nothing is answered" in item["sentence"]) == ("unanswered", None, True)
    site.names.resolver.start()


def test_a_name_server_without_an_address(site: Site) -> None:
    servers = {"name_servers": [f"ns1.{DOMAIN}", f"ns7.{DOMAIN}"]}
    site.service.api.send("PATCH", f"/v1/domains/{DOMAIN}", servers)
    try:
        assert found(site, f"The name server ns7.{DOMAIN} of {DOMAIN} has no address: add its A record")
    finally:
        site.service.api.send("PATCH", f"/v1/domains/{DOMAIN}", {"name_servers": [f"ns1.{DOMAIN}"]})
