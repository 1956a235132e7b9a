"""Faults of the service itself, as a trunk meets them."""

from tests.diagnosis.clinic import SECONDS, Clinic, codes
from tests.sip.target import Credential
from tests.sip.waiting import until

DOMAIN = "example.net"


def test_D1_dns_lacks_a_region(clinic: Clinic, credential: Credential) -> None:
    clinic.pbx(credential, 0, 1)
    with clinic.service.api.domain(DOMAIN, ttl=300):
        clinic.names.publish(DOMAIN, {"se1": clinic.se1})
        found = clinic.finds(credential, "dns", "nw1", works=True)
        assert "_sip._udp.reg.example.net" in found["verdict"]
        clinic.names.publish(DOMAIN, {"nw1": clinic.nw1, "se1": clinic.se1})
        until(lambda: "dns" not in codes(clinic.ask(credential)), SECONDS, "DNS is right", 0.2)


def test_D1_a_resolver_that_says_nothing_is_no_fault_of_the_trunk(clinic: Clinic, credential: Credential) -> None:
    clinic.pbx(credential, 0, 1)
    with clinic.service.api.domain(DOMAIN, ttl=300):
        clinic.names.silence()
        try:
            found = clinic.finds(credential, "dns_unanswered", None, works=True)
            assert found["verdict"] == "The trunk works in nw1 and se1."
            clinic.says_so(credential, found)
        finally:
            clinic.names.speak()


def test_F1_a_gateway_is_down(clinic: Clinic, credential: Credential) -> None:
    pbx = clinic.pbx(credential, 0, 1)
    with clinic.outages.stopped("nw1-gateway"):
        found = clinic.finds(credential, "gateway_down", works=True)
        assert [region["works"] for region in found["regions"]] == [False, True]
        assert pbx.register(clinic.se1).status in (200, 429)


def test_F1_a_region_that_says_nothing_is_unknown(clinic: Clinic, credential: Credential) -> None:
    """MariaDB knows no better: what was registered there may still be, or not."""
    clinic.pbx(credential, 0)
    until(lambda: clinic.ask(credential)["regions"][0]["works"], 5, "it is registered")
    with clinic.outages.stopped("nw1-agent"):
        found = clinic.finds(credential, "stale", works=None)
        clinic.says_so(credential, found)
        assert found["verdict"].startswith("It is not known whether the trunk works.")
        assert found["regions"][0]["registration"] is not None


def test_F1_without_mariadb_the_doctor_says_so(clinic: Clinic, credential: Credential) -> None:
    with clinic.outages.stopped("mariadb"):
        done = clinic.service.instance.run("doctor", credential.username, check=False)
        assert done.returncode == 1
        assert "database" in done.stderr


def test_a_username_that_nobody_has(clinic: Clinic) -> None:
    done = clinic.service.instance.run("doctor", "nobody", check=False)
    assert (done.returncode, "there is no credential nobody" in done.stderr) == (1, True)
    assert clinic.service.instance.run("doctor", check=False).returncode == 2
