"""What a region carries and refuses is seen within seconds: in its traffic, and in its credentials' use."""

from typing import Any

from tests.calls.carrier import Carrier
from tests.sip.scripts import answers
from tests.sip.waiting import until

Row = dict[str, Any]


def traffic(carrier: Carrier, region: str) -> list[Row]:
    """The last hour of a region."""
    found = carrier.service.api.one("GET", "/v1/traffic")["regions"]
    points: list[Row] = next(each["points"] for each in found if each["region"] == region)
    return points


def total(carrier: Carrier, region: str, name: str) -> int:
    return sum(point[name] for point in traffic(carrier, region))


def refusals(carrier: Carrier, cause: str) -> int:
    found = carrier.service.api.one("GET", "/v1/traffic")["refusals"]
    return sum(row["count"] for row in found if (row["region"], row["cause"]) == ("nw1", cause))


def use(carrier: Carrier, username: str) -> Row:
    """What the credential uses in nw1, as the list has it."""
    (row,) = carrier.service.api.rows("/v1/credentials", username=username, live="true")
    found: Row = next(each for each in row["use"] if each["region"] == "nw1")
    return found


def test_a_refusal_and_a_call_are_seen_within_seconds(carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    pbx, dialled = carrier.pbx(credential=credential), carrier.subscriber(answers())
    started, early = total(carrier, "nw1", "started"), refusals(carrier, "early")
    refused = total(carrier, "nw1", "refused")
    assert pbx.register().status == 200
    assert pbx.register().status == 429
    until(lambda: refusals(carrier, "early") > early, 8, "the refusal is told by its cause")
    assert total(carrier, "nw1", "refused") > refused
    call = pbx.call(dialled)
    call.until_answered()
    until(lambda: use(carrier, credential.username)["channels"] == 1, 8, "the channel is in use")
    until(lambda: total(carrier, "nw1", "started") > started, 8, "the call has started")
    until(lambda: any((point["channels"] or 0) >= 1 for point in traffic(carrier, "nw1")), 8, "a level of channels")
    assert any((point["bindings"] or 0) >= 1 for point in traffic(carrier, "nw1"))
    call.hang_up()
    call.until_gone()
    until(lambda: use(carrier, credential.username)["channels"] == 0, 8, "the channel has come back")


def test_O2_the_pace_of_a_credential_and_its_region_is_seen_and_goes(carrier: Carrier) -> None:
    credential = carrier.service.new_credential()
    pbx = carrier.pbx(credential=credential)
    call = pbx.call(carrier.subscriber(answers(hold=0.1)))
    call.until_answered()
    until(lambda: use(carrier, credential.username)["calls_per_second"] == 0.1, 8, "one call in ten seconds")
    assert carrier.service.api.one("GET", "/v1/regions/nw1")["calls_per_second"] >= 0.1
    until(lambda: use(carrier, credential.username)["calls_per_second"] == 0.0, 15, "ten seconds without one")
    call.until_gone()
