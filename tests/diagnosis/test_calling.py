"""Why calls fail although the PBX is registered."""

from collections.abc import Iterator

import pytest

from tests.diagnosis.clinic import SECONDS, Clinic, Row
from tests.sip.caller import Pbx, codes, until_decided
from tests.sip.scripts import answers
from tests.sip.target import Credential
from tests.sip.waiting import until


@pytest.fixture
def pbx(clinic: Clinic, credential: Credential) -> Iterator[Pbx]:
    """A healthy trunk."""
    pbx = clinic.pbx(credential, 0, 1)
    clinic.finds_nothing(credential)
    yield pbx
    pbx.hang_up_all()


def calls_of(found: Row) -> Row:
    """Of nw1."""
    calls: Row = found["regions"][0]["calls"]
    return calls


def test_O2_calls_are_made_too_fast(clinic: Clinic, credential: Credential, pbx: Pbx) -> None:
    dialled = clinic.carrier.subscriber(answers(hold=0.2))
    calls = pbx.call_many([dialled] * 5)
    until_decided(calls, 5, 10)
    refused = codes(calls)[503]
    assert refused >= 1
    clinic.finds(credential, "rate", works=True, has=lambda found: calls_of(found)["refused_rate"] == refused)


def test_O3_all_channels_are_in_use(clinic: Clinic, credential: Credential, pbx: Pbx) -> None:
    dialled = clinic.carrier.subscriber(answers())
    calls = pbx.call_in_turn([dialled] * 3, 1.3)
    until_decided(calls, 3, 15)
    assert codes(calls) == {200: 2, 503: 1}
    found = clinic.finds(credential, "channels", works=True, has=lambda found: calls_of(found)["channels"] == 2)
    assert "All 2 channels are in use in nw1" in found["verdict"]


def test_O1_a_call_from_another_address(clinic: Clinic, credential: Credential, pbx: Pbx) -> None:
    other = clinic.pbx(credential)
    call = other.call(clinic.carrier.subscriber())
    until(lambda: call.code == 403, 5, "the call is refused")
    found = clinic.finds(credential, "elsewhere", works=True)
    assert other.address in found["verdict"]
    assert pbx.address in found["verdict"]


def test_O6_the_core_is_down(clinic: Clinic, credential: Credential, pbx: Pbx) -> None:
    """Known from its probes: nobody has called."""
    core = clinic.carrier.cores["nw1"]
    core.fail_probes()
    try:
        until(lambda: clinic.ask(credential)["regions"][0]["cores"]["dead"] == 1, 30, "the core is dead", 0.2)
        until(lambda: pbx.register(clinic.nw1).status == 200, 10, "it refreshes", 0.5)
        until(lambda: pbx.register(clinic.se1).status == 200, 10, "it refreshes", 0.5)
        found = clinic.finds(credential, "cores_dead", works=True)
        assert [region["works"] for region in found["regions"]] == [False, True]
        assert f"{core.address}:{core.port}" in found["verdict"]
    finally:
        core.outside.pop("OPTIONS")
    until(lambda: clinic.ask(credential)["regions"][0]["cores"]["dead"] == 0, 30, "the core lives", 0.2)


@pytest.mark.parametrize("way", ["PATCH", "DELETE"])
@pytest.mark.usefixtures("pbx")
def test_O6_there_is_no_core(clinic: Clinic, credential: Credential, way: str) -> None:
    api = clinic.service.api
    (row,) = api.rows("/v1/cores", region="se1")
    api.send(way, f"/v1/cores/{row['id']}", {"enabled": False} if way == "PATCH" else None)
    clinic.service.settled()
    try:
        clinic.finds(credential, "cores_disabled" if way == "PATCH" else "cores_missing", "se1", works=True)
    finally:
        if way == "PATCH":
            api.send("PATCH", f"/v1/cores/{row['id']}", {"enabled": True})
        else:
            clinic.carrier.replaced("se1")
        clinic.service.settled()


@pytest.mark.usefixtures("pbx")
def test_I2_a_number_without_a_route(clinic: Clinic, credential: Credential) -> None:
    tenant = f"t-{credential.username}"
    clinic.service.api.send("POST", "/v1/tenants", {"account_id": tenant, "name": "x"})
    clinic.service.api.send("PATCH", f"/v1/credentials/{credential.id}", {"tenant": tenant})
    number = clinic.carrier.number(None, tenant=tenant)
    call = clinic.carrier.cores["nw1"].call(clinic.nw1, number)
    until(lambda: call.code == 480, 5, "the call is refused")
    found = clinic.finds(credential, "no_route", None, works=True)
    assert number in found["verdict"]
    clinic.service.api.send("PATCH", f"/v1/numbers/{number}", {"credential": credential.id})
    clinic.finds_nothing(credential)


def test_I3_the_pbx_does_not_answer_calls(clinic: Clinic, pbx: Pbx, credential: Credential) -> None:
    number = clinic.carrier.number(credential.username)
    pbx.silence()
    core = clinic.carrier.cores["nw1"]
    calls = [core.call(clinic.nw1, number) for _ in range(2)]
    until(lambda: all(call.code for call in calls), 30, "the calls are given up")
    pbx.speak()
    until(lambda: pbx.register(clinic.nw1).status in (200, 429), 5, "it is registered")
    until(lambda: "no_answer" in str(clinic.ask(credential)["findings"]), SECONDS, "it is found", 0.2)
