"""What the demonstration reads from PJSIP's log."""

from api.demo.pjsip.wire import seen

REFUSAL = """\
RX 470 bytes Response msg 503/INVITE/cseq=24055 (rdata0x122559d8) from UDP 127.0.1.1:5060:
SIP/2.0 503 Later\r
Via: SIP/2.0/UDP 127.9.8.7:57213;rport=57213;branch=z9hG4bKPj\r
Call-ID: S4HkLJVbsJLPrmf2\r
CSeq: 24055 INVITE\r
Retry-After: 1\r
Content-Length: 0\r
\r

--end msg--"""
CALL = """\
TX 900 bytes Request msg INVITE/cseq=7 (tdta0x12259438) to UDP 127.0.1.1:5060:
INVITE sip:+12025550142@registration SIP/2.0\r
Call-ID: abc\r
CSeq: 7 INVITE\r
\r

--end msg--"""


def test_a_response_says_its_code_and_when_to_come_again() -> None:
    assert seen(REFUSAL) == {
        "way": "RX",
        "peer": "127.0.1.1:5060",
        "code": 503,
        "method": "INVITE",
        "uri": None,
        "call": "S4HkLJVbsJLPrmf2",
        "retry_after": 1,
    }


def test_a_request_says_where_it_goes() -> None:
    message = seen(CALL)
    assert message is not None
    assert (message["way"], message["method"], message["uri"]) == ("TX", "INVITE", "sip:+12025550142@registration")
    assert (message["code"], message["retry_after"]) == (None, None)


def test_other_entries_of_the_log_are_none_of_its_business() -> None:
    assert seen("SIP UDP socket reachable at 127.9.8.7:57213") is None
    assert seen("RX 2 bytes Response msg from UDP 127.0.1.1:5060:\nnothing") is None
