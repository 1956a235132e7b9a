"""F3 where a region has a network address: the canary has loopback ones, which the gateway reaches all the same."""

from tests.applying.host import Host, replaced, threshold
from tests.namespaces.place import Place


def test_F3_a_configuration_comes_into_force_and_another_is_taken_back(place: Place) -> None:
    host = Host(place.service)
    assert not place.addresses["nw1"].startswith("127.")
    pbx = place.carrier.pbx()
    assert pbx.register().status == 200
    call = pbx.call(place.carrier.subscriber())
    call.until_answered()
    assert host.apply(threshold(flood_requests=4999))["state"] == "in-force"
    row = host.apply(replaced("tables.cfg", '"number=>', '"nomber=>'))
    assert row["state"] == "rolled-back"
    assert "calling from the core to the PBX" in row["reason"]
    assert call.in_progress
    call.hang_up()
    call.until_gone()
    assert call.bye_code == 200
