"""The fake behaves as Kamailio was measured to, and refuses to guess."""

import pytest

from kemi.ksr import Ksr
from tests.sip import digest
from tests.sip.message import Message
from tests.unit.kemi.fake_ksr import Clock, FakeKsr, LockMisuseError, Source, UnscriptedError

HERE = Source("127.0.17.20", 5062)
SECRET = digest.ha1("alice", "r", "right")


def _message(method: str = "REGISTER", *headers: tuple[str, str]) -> Message:
    return Message(f"{method} sip:h SIP/2.0", (("CSeq", f"7 {method}"), ("To", "<sip:alice@h>"), *headers))


def _answer(ksr: FakeKsr, word: str = "right") -> Message:
    ksr.receive(_message(), HERE)
    ksr.auth.auth_challenge("r", 1)
    challenge = ksr.replies[-1].get("WWW-Authenticate") or ""
    value = digest.Login("alice", word).authorization(challenge, "REGISTER", "sip:h")
    return _message("REGISTER", ("Authorization", value))


def _check(ksr: FakeKsr, message: Message, source: Source = HERE) -> int:
    ksr.receive(message, source)
    return ksr.auth.pv_auth_check("r", SECRET, 1, 0)


def test_it_is_what_the_protocols_describe(ksr: FakeKsr) -> None:
    as_described: Ksr = ksr
    assert as_described is ksr


def test_a_nonce_answers_once(ksr: FakeKsr) -> None:
    answer = _answer(ksr)
    assert [_check(ksr, answer), _check(ksr, answer)] == [1, -6]


def test_a_wrong_password_uses_the_nonce_up(ksr: FakeKsr) -> None:
    answer = _answer(ksr, "wrong")
    assert [_check(ksr, answer), _check(ksr, answer)] == [-2, -6]


def test_a_nonce_is_good_for_its_address_only(ksr: FakeKsr) -> None:
    assert _check(ksr, _answer(ksr), Source("127.0.17.66", 5062)) == -4


def test_a_nonce_expires(ksr: FakeKsr, clock: Clock) -> None:
    answer = _answer(ksr)
    clock.advance(300.001)
    assert _check(ksr, answer) == -4


def test_a_made_up_nonce_is_broken(ksr: FakeKsr) -> None:
    answer = _answer(ksr)
    made_up = answer.having("Authorization", answer.one("Authorization").replace("n000000", "n999999"))
    assert _check(ksr, made_up) == -1


@pytest.mark.parametrize("name", ["X-Other", "Proxy-Authorization"])
def test_no_authorization_is_no_answer(ksr: FakeKsr, name: str) -> None:
    answer = _answer(ksr)
    moved = _message("REGISTER", (name, answer.one("Authorization")))
    assert _check(ksr, moved) == -5


def test_a_challenge_says_stale_only_when_asked(ksr: FakeKsr) -> None:
    ksr.receive(_message("INVITE"), HERE)
    ksr.auth.auth_challenge("r", 17)
    assert ksr.replies[-1].code == 407
    assert "stale=true" in (ksr.replies[-1].get("Proxy-Authenticate") or "")
    with pytest.raises(UnscriptedError):
        ksr.auth.auth_challenge("r", 2)


def test_counters_start_at_nothing_in_both_directions(ksr: FakeKsr) -> None:
    assert (ksr.htable.sht_inc("flood", "a"), ksr.htable.sht_dec("flood", "b")) == (1, -1)
    assert (ksr.htable.sht_inc("flood", "a"), ksr.htable.sht_get("flood", "a")) == (2, 2)


def test_without_an_initial_value_nothing_is_counted(ksr: FakeKsr) -> None:
    assert (ksr.htable.sht_inc("answer", "a"), ksr.htable.sht_get("answer", "a")) == (-255, None)
    assert (ksr.htable.sht_get("flood", "a"), ksr.htable.sht_get("state", "a")) == (0, None)


def test_cells_expire_after_their_last_write(ksr: FakeKsr, clock: Clock) -> None:
    ksr.htable.sht_inc("pace", "a")
    clock.advance(2.9)
    ksr.htable.sht_inc("pace", "a")
    clock.advance(2.999)
    assert ksr.htable.sht_get("pace", "a") == 2
    clock.advance(0.001)
    assert ksr.htable.sht_get("pace", "a") == 0


def test_cells_of_tables_without_expiry_stay(ksr: FakeKsr, clock: Clock) -> None:
    ksr.htable.sht_sets("state", "a", "x")
    clock.advance(10**7)
    assert ksr.htable.sht_get("state", "a") == "x"
    ksr.htable.sht_rm("state", "a")
    assert ksr.htable.sht_get("state", "a") is None


def test_what_Kamailio_would_not_do_raises(ksr: FakeKsr) -> None:
    ksr.htable.sht_sets("state", "a", "x")
    with pytest.raises(UnscriptedError, match="32 bits"):
        ksr.htable.sht_seti("meta", "moment", 1_764_000_000_000)
    with pytest.raises(UnscriptedError, match="counting in a text"):
        ksr.htable.sht_inc("state", "a")
    with pytest.raises(UnscriptedError, match="no such table"):
        ksr.htable.sht_get("nowhere", "a")


def test_named_locks_are_held_once_and_given_back_once(ksr: FakeKsr) -> None:
    ksr.cfgutils.lock("a")
    with pytest.raises(LockMisuseError):
        ksr.cfgutils.lock("a")
    ksr.cfgutils.unlock("a")
    with pytest.raises(LockMisuseError):
        ksr.cfgutils.unlock("a")


def test_cell_locks_are_held_once_and_given_back_once(ksr: FakeKsr) -> None:
    ksr.htable.sht_lock("block", "a")
    with pytest.raises(LockMisuseError):
        ksr.htable.sht_lock("block", "a")
    ksr.htable.sht_unlock("block", "a")
    with pytest.raises(LockMisuseError):
        ksr.htable.sht_unlock("block", "a")


def test_a_lock_left_behind_is_found_at_the_next_message(ksr: FakeKsr) -> None:
    ksr.cfgutils.lock("a")
    with pytest.raises(LockMisuseError, match="still locked"):
        ksr.receive(_message(), HERE)


def test_a_message_must_be_there_to_be_asked_about(ksr: FakeKsr) -> None:
    with pytest.raises(UnscriptedError, match="no message"):
        ksr.kx.get_method()


def test_pseudo_variables_that_nobody_scripted_raise(ksr: FakeKsr) -> None:
    ksr.receive(_message(), HERE)
    assert ksr.pv.get("$cs") == "7"
    with pytest.raises(UnscriptedError, match="ru"):
        ksr.pv.get("$ru")


def test_replies_are_kept_whole(ksr: FakeKsr) -> None:
    ksr.receive(_message(), HERE)
    ksr.hdr.append_to_reply("Retry-After: 5\r\n")
    ksr.sl.send_reply(503, "Service Unavailable")
    ksr.sl.send_reply(200, "OK")
    first, second = ksr.replies
    assert (first.code, first.reason, first.lines, first.to) == (503, "Service Unavailable", ("Retry-After: 5",), HERE)
    assert second.lines == ()


@pytest.mark.parametrize("line", ["Retry-After: 5", "A: 1\r\nB: 2\r\n"])
def test_a_header_that_is_not_one_line_raises(ksr: FakeKsr, line: str) -> None:
    ksr.receive(_message(), HERE)
    with pytest.raises(UnscriptedError):
        ksr.hdr.append_to_reply(line)


def test_an_ACK_is_never_answered(ksr: FakeKsr) -> None:
    ksr.receive(_message("ACK"), HERE)
    ksr.sl.send_reply(403, "Forbidden")
    assert ksr.replies == []


def test_calls_are_logged_in_their_order(ksr: FakeKsr) -> None:
    ksr.htable.sht_get("state", "a")
    ksr.cfgutils.lock("a")
    assert ksr.calls == [("htable.sht_get", ("state", "a")), ("cfgutils.lock", ("a",))]


def test_what_is_not_UTF_8_raises_as_in_Kamailio(ksr: FakeKsr) -> None:
    ksr.receive(_message("REGISTER", ("User-Agent", "PBX \udce9")), HERE)
    with pytest.raises(UnicodeDecodeError):
        ksr.kx.get_ua()
