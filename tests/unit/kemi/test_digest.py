"""C4: telling with which password an answer was made, from whatever the header holds."""

from functools import partial

import pytest

from kemi.digest import is_answered_with, read
from tests.sip import digest
from tests.unit.kemi.costs import cost

HA1 = digest.ha1("alice", "registration", "right")
CHALLENGE = 'Digest realm="registration", nonce="n+/=1"'
LOGIN = digest.Login("alice", "right")


@pytest.mark.parametrize("challenge", [CHALLENGE, f'{CHALLENGE}, qop="auth"'])
@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_an_answer_is_told_from_one_with_another_password_or_method(challenge: str, method: str) -> None:
    answer = read(LOGIN.authorization(challenge, method, "sip:reg.example.net"))
    assert answer["realm"] == "registration"
    assert is_answered_with(HA1, method, answer)
    assert not is_answered_with(digest.ha1("alice", "registration", "newer"), method, answer)
    assert not is_answered_with(HA1, "OPTIONS", answer)


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.replace("Digest ", "digest   "),
        lambda text: text.replace(", ", ",\r\n "),
        lambda text: text.replace(", ", ","),
        lambda text: text.replace("=", " = "),
        lambda text: text.replace("qop=auth", 'qop="auth"').replace("nonce", "NONCE"),
        lambda text: text.replace("Digest ", 'Digest odd="a\\"b,nonce=c", '),
    ],
)
def test_every_way_to_write_it_is_read(written) -> None:  # type: ignore[no-untyped-def]
    challenge = 'Digest realm="registration", nonce="n1", qop="auth"'
    assert is_answered_with(HA1, "REGISTER", read(written(LOGIN.authorization(challenge, "REGISTER", "sip:x"))))


@pytest.mark.parametrize("text", ["", "Digest", "Basic QWxhZGRpbg==", 'Digest nonce="', "Digest =,=", "\0", "Digest é"])
def test_what_is_no_answer_matches_nothing(text: str) -> None:
    assert not is_answered_with(HA1, "REGISTER", read(text))


@pytest.mark.parametrize("part", ['\\"a="', 'a="', "a", "a ", "a= ", " ", "=", ",", "\\", '"'])
def test_a_long_header_without_an_end_is_read_quickly(part: str) -> None:
    """F1: as long as a packet can be; a worker that reads it answers nobody else."""
    for beginning in ("Digest ", 'Digest a="', "Digest a", "Digest a="):
        hostile = beginning + part * (60_000 // len(part))
        assert read(hostile) is not None
        assert cost(partial(read, hostile)) < 0.5
