"""W1, W3, W4: what the gateway listens to, and for whom it works."""

import socket

import pytest

from tests.sip.message import Message
from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Target
from tests.wire.conftest import Pbx

OTHER_METHODS = ["SUBSCRIBE", "PUBLISH", "MESSAGE", "NOTIFY", "INFO", "UPDATE", "REFER", "PRACK", "FOO"]


@pytest.mark.parametrize("region", [0, 1])
def test_W1_tcp_is_off(target: Target, region: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(target.regions[region % len(target.regions)], timeout=2).close()


@pytest.mark.parametrize("port", [5061, 5062, 5080])
def test_W1_no_other_port_speaks_sip(target: Target, network: Network, port: int) -> None:
    phone = network.phone((target.regions[0][0], port))
    assert phone.silent(phone.request("OPTIONS"), 0.5)


def test_W3_options_is_answered_200(stranger: Phone) -> None:
    assert stranger.options().status == 200


def test_W3_options_of_a_pbx_at_its_own_user_is_answered_200(pbx: Pbx) -> None:
    phone = pbx()
    assert phone.exchange(phone.request("OPTIONS", f"sip:{phone.login.username}@{phone.domain}")).status == 200


@pytest.mark.parametrize("method", OTHER_METHODS)
def test_W3_any_other_method_is_405_with_allow(stranger: Phone, method: str) -> None:
    response = stranger.exchange(stranger.request(method))
    allowed = {name.strip() for name in response.one("Allow").split(",")}
    assert response.status == 405
    assert allowed >= {"REGISTER", "INVITE", "CANCEL", "ACK", "OPTIONS"}
    assert method not in allowed


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "INVITE"])
def test_W3_max_forwards_0_is_483(stranger: Phone, method: str) -> None:
    assert stranger.exchange(stranger.request(method, max_forwards="0")).status == 483


def test_W3_a_stray_ack_gets_silence(stranger: Phone) -> None:
    assert stranger.silent(stranger.request("ACK", to="<sip:x@y>;tag=unknown"))


def routed(phone: Phone, third: Phone, method: str) -> Message:
    return phone.request(method, route=f"<sip:{third.address}:{third.port};lr>")


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "INVITE"])
def test_W4_a_route_to_a_third_party_is_refused_and_reaches_nobody(pbx: Pbx, network: Network, method: str) -> None:
    phone = pbx()
    third = network.phone(phone.gateway)
    message = routed(phone, third, method)
    response = phone.finish(message, phone.exchange(message))
    assert 400 <= response.status < 600
    assert list(third.arrivals(0.3)) == []
    assert third.requests == []


def test_W4_a_request_uri_at_a_third_party_reaches_nobody(pbx: Pbx, network: Network) -> None:
    phone = pbx()
    third = network.phone(phone.gateway)
    message = phone.request("INVITE", f"sip:x@{third.address}:{third.port}")
    phone.finish(message, phone.exchange(message))
    assert list(third.arrivals(0.3)) == []
    assert third.requests == []


@pytest.mark.parametrize("method", ["BYE", "INVITE", "INFO", "UPDATE"])
def test_W4_a_request_of_an_unknown_dialog_goes_nowhere(pbx: Pbx, network: Network, method: str) -> None:
    phone = pbx()
    third = network.phone(phone.gateway)
    uri = f"sip:x@{third.address}:{third.port}"
    response = phone.exchange(phone.request(method, uri, to=f"<{uri}>;tag=unknown"))
    assert 400 <= response.status < 500
    assert list(third.arrivals(0.3)) == []
    assert third.requests == []


def test_W4_a_via_does_not_send_answers_elsewhere(pbx: Pbx, network: Network) -> None:
    phone = pbx()
    third = network.phone(phone.gateway)
    via = f"SIP/2.0/UDP {third.address}:{third.port};rport;branch=z9hG4bKelsewhere"
    assert not phone.silent(phone.request("OPTIONS", via=via), 10.0)
    assert list(third.arrivals(0.5)) == []
