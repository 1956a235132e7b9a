"""The toolkit itself: what judges the service must be right first."""

import pytest

from tests.sip.digest import Login, ha1, parameters, response
from tests.sip.figures import percentile, rank_auc
from tests.sip.message import Message, NotSipError, answer, parse
from tests.sip.network import Network
from tests.sip.phone import NoAnswerError, same_transaction

ANSWER = (
    b"SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
)
RFC2617 = {"nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093", "realm": "testrealm@host.com", "qop": "auth"}
RFC7616 = {"nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "realm": "http-auth@example.org", "qop": "auth"}


def test_digest_agrees_with_the_vector_of_RFC_2617_section_3_5() -> None:
    secret = ha1("Mufasa", RFC2617["realm"], "Circle Of Life")
    proof = response(secret, "GET", "/dir/index.html", RFC2617, nc="00000001", cnonce="0a4f113b")
    assert proof == "6629fae49393a05397450978507c4ef1"


def test_digest_agrees_with_the_vector_of_RFC_7616_section_3_9_1() -> None:
    secret = ha1("Mufasa", RFC7616["realm"], "Circle of Life")
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    assert response(secret, "GET", "/dir/index.html", RFC7616, nc="00000001", cnonce=cnonce) == (
        "8ca523f5e9506fed4657c9700eebdbec"
    )


def test_authorization_repeats_what_the_challenge_asked() -> None:
    value = Login("a", "b").authorization('Digest realm="r", nonce="n=", qop="auth", opaque="o"', "REGISTER", "sip:d")
    sent = parameters(value)
    assert (sent["nonce"], sent["opaque"], sent["qop"], sent["nc"]) == ("n=", "o", "auth", "00000001")


def test_parse_reads_what_bytes_writes() -> None:
    message = Message("OPTIONS sip:a SIP/2.0", parse(ANSWER).headers, b"")
    assert parse(message.bytes()) == message


@pytest.mark.parametrize(
    "broken",
    [
        ANSWER[:-2],
        ANSWER + b"x",
        ANSWER.replace(b"CSeq: 1 REGISTER\r\n", b""),
        ANSWER.replace(b"Call-ID: c", b"Call-ID c"),
        ANSWER.replace(b"Call-ID: c\r\n", b"Call-ID: c\n"),
        ANSWER.replace(b" 401 ", b" 999 "),
        b"\xff" + ANSWER,
    ],
    ids=["no end", "body", "missing", "no colon", "bare LF", "status", "not UTF-8"],
)
def test_parse_refuses_what_is_no_message(broken: bytes) -> None:
    with pytest.raises(NotSipError):
        parse(broken)


def test_a_header_that_is_there_twice_is_not_one() -> None:
    message = parse(ANSWER.replace(b"Call-ID: c\r\n", b"Call-ID: c\r\nRetry-After: 1\r\nRetry-After: 2\r\n"))
    with pytest.raises(NotSipError):
        message.get("Retry-After")


def test_answer_has_what_section_8_2_6_asks() -> None:
    request = Message("OPTIONS sip:a SIP/2.0", parse(ANSWER).without("To").headers).having("To", "<sip:a@b>")
    reply = answer(request, "200 OK")
    assert (reply.status, reply.one("CSeq"), ";tag=" in reply.one("To")) == (200, "1 REGISTER", True)
    assert same_transaction(request, reply)


def test_two_phones_exchange_a_request(network: Network) -> None:
    server = network.phone(("127.0.0.1", 9), source="127.0.0.1")
    client = network.phone((server.address, server.port))
    client.send(client.request("OPTIONS"))
    assert next(server.arrivals(0.2), None) is None
    assert [request.method for request in server.requests] == ["OPTIONS"]
    assert next(client.arrivals(2.0)).status == 200


def test_exchange_says_when_nobody_answers(network: Network) -> None:
    dead = network.phone(("127.0.0.1", 9), source="127.0.0.1")
    caller = network.phone((dead.address, dead.port))
    with pytest.raises(NoAnswerError):
        caller.exchange(caller.request("OPTIONS"), 0.1)


def test_what_was_heard_is_kept_by_headers_of_one_shape_once() -> None:
    network = Network()
    network.heard(b"SIP/2.0 200 OK\r\nVia:\r\n\tSIP/2.0/UDP 192.0.2.1\r\nMax-Forwards: 70\r\n")
    network.heard(b"SIP/2.0 200 OK\r\nMax-Forwards: 69\r\n")
    assert [*network.lines()] == ["SIP/2.0 200 OK", "Via: SIP/2.0/UDP 192.0.2.1", "Max-Forwards: 70", ""]


def test_rank_auc_of_known_samples() -> None:
    assert rank_auc([1, 2], [3, 4]) == 1.0
    assert rank_auc([3, 4], [1, 2]) == 0.0
    assert rank_auc([1, 2, 3], [1, 2, 3]) == 0.5


def test_percentile_of_known_samples() -> None:
    assert (percentile([3, 1, 2], 0.5), percentile([3, 1, 2], 0.99)) == (2, 3)
