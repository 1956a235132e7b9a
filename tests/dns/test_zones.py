"""Zones that the service renders, in a real name server (rules D1 and D2)."""

from pathlib import Path

import dns.query
import dns.zone

from tests.dns.site import DOMAINS, Site


def served(site: Site, domain: str) -> dns.zone.Zone:
    """All of a zone, by AXFR (RFC 5936)."""
    zone = dns.zone.Zone(f"reg.{domain}.")
    dns.query.inbound_xfr("127.0.0.1", zone, port=site.names.own.port, lifetime=20)
    return zone


def test_D1_a_name_server_serves_exactly_what_was_rendered(site: Site) -> None:
    """The command line writes its files, as on a name server's host, and it reloads them."""
    site.set_state("nw1", "out")
    site.publish()
    site.set_state("nw1", "in-service")
    for domain in DOMAINS:
        file = site.names.own.file(f"reg.{domain}")
        site.service.instance.run("dns", "render", domain, "--output", str(file))
        assert file.stat().st_mode & 0o777 == 0o644
    site.names.own.reload()
    site.until_in("nw1", "se1")
    for domain in DOMAINS:
        text = site.render(domain)["text"]
        assert served(site, domain) == dns.zone.from_text(text, origin=f"reg.{domain}.", check_origin=False)
        assert site.names.own.ask(f"_sip._udp.reg.{domain}", "SRV") == site.service_in("nw1", "se1")[domain]
        for region, address in site.regions.items():
            assert site.names.own.ask(f"{region}.reg.{domain}", "A") == [address]


def test_D2_every_domain_gets_the_same_records(site: Site) -> None:
    first, second = (
        [line for line in site.render(domain)["text"].replace(domain, "…").splitlines() if "serial" not in line]
        for domain in DOMAINS
    )
    assert first == second


def test_D2_draining_takes_a_region_out_of_srv_and_leaves_its_address(site: Site) -> None:
    site.set_state("nw1", "draining")
    site.publish()
    for domain in DOMAINS:
        assert site.names.own.ask(f"_sip._udp.reg.{domain}", "SRV") == site.service_in("se1")[domain]
        assert site.names.own.ask(f"nw1.reg.{domain}", "A") == [site.regions["nw1"]]


def test_D1_what_is_out_of_service_is_nowhere(site: Site) -> None:
    site.set_state("nw1", "out")
    site.publish()
    for domain in DOMAINS:
        assert site.names.own.ask(f"_sip._udp.reg.{domain}", "SRV") == site.service_in("se1")[domain]
        assert site.names.own.code(f"nw1.reg.{domain}", "A") == "NXDOMAIN"


def test_D1_without_a_region_in_service_the_zone_loads_and_the_operator_is_warned(site: Site) -> None:
    for region in site.regions:
        site.set_state(region, "draining")
    done = site.service.instance.run("dns", "check")
    assert done.stderr.count("No region is in service") == len(DOMAINS)
    site.publish()
    assert site.names.own.ask(f"_sip._udp.reg.{DOMAINS[0]}", "SRV") == []
    assert site.names.own.ask(f"se1.reg.{DOMAINS[0]}", "A") == [site.regions["se1"]]


def test_D1_the_records_work_in_the_domain_s_own_zone(site: Site, tmp_path: Path) -> None:
    """No zone of its own and no delegation: the parent's includes them, and the doctor finds nothing wrong."""
    domain = DOMAINS[0]
    records = tmp_path / "records"
    site.service.instance.run("dns", "render", domain, "--records", "--output", str(records))
    site.names.load({})
    site.service.api.send("PATCH", f"/v1/domains/{domain}", {"name_servers": [f"ns0.{domain}"]})
    try:
        site.names.delegate(without=domain, more={domain: f'$INCLUDE "{records}" {domain}.\n'})
        site.names.until_answered(f"_sip._udp.reg.{domain}", "SRV", site.service_in("nw1", "se1")[domain])
        done = site.service.instance.run("dns", "doctor", domain)
        assert f"{domain}: all is right" in done.stdout
    finally:
        site.service.api.send("PATCH", f"/v1/domains/{domain}", {"name_servers": [f"ns1.{domain}"]})


def test_D1_a_serial_grows_only_when_something_changed(site: Site) -> None:
    domain = DOMAINS[0]
    before = site.render(domain)
    assert site.render(domain) == before | {"stored": False, "checked": []}
    site.set_state("se1", "draining")
    after = site.render(domain)
    assert (after["version"], after["stored"]) == (before["version"] + 1, True)
    assert after["serial"] > before["serial"]
    assert any("loaded serial" in line for line in after["checked"])
    difference = site.service.instance.run("dns", "diff", domain, "--version", str(before["version"]), check=False)
    assert difference.returncode == 1
    assert f"-_sip._udp IN SRV 10 10 5060 se1.reg.{domain}." in difference.stdout
    assert f"\n-se1 IN A {site.regions['se1']}" not in difference.stdout
