"""Why a PBX is not registered: each fault is staged with real SIP, and the doctor names it first."""

from dataclasses import replace

import pytest

from tests.diagnosis.clinic import Clinic, codes
from tests.sip.phone import NoAnswerError, Phone
from tests.sip.target import Credential
from tests.sip.waiting import until


def test_a_healthy_trunk_has_no_finding(clinic: Clinic, credential: Credential) -> None:
    clinic.pbx(credential, 0, 1, user_agent="FPBX-16.0.40(18.9)")
    found = clinic.finds_nothing(credential)
    assert found["verdict"] == "The trunk works in nw1 and se1."
    assert found["pbx"] == {"kind": "freepbx", "name": "FreePBX", "user_agent": "FPBX-16.0.40(18.9)"}
    assert clinic.service.instance.run("doctor", credential.username).returncode == 0


def test_R1_never_registered(clinic: Clinic, credential: Credential) -> None:
    found = clinic.finds(credential, "never", None)
    clinic.says_so(credential, found)
    assert found["pbx"] is None


def test_R2_a_wrong_password_until_it_is_corrected(clinic: Clinic, credential: Credential) -> None:
    phone = clinic.phone(credential, user_agent="FPBX-16.0.40(18.9)")
    assert phone.wrong().status == 401
    found = clinic.finds(credential, "password")
    assert '"Secret"' in found["findings"][0]["advice"]
    assert found["regions"][0]["refused"]["cause"] == "password"
    assert codes(found) == ["password"]
    clinic.says_so(credential, found)
    told = clinic.told(credential)
    assert told.index("does not work") < told.index("password is wrong") < told.index("se1") < told.index('"Secret"')
    assert phone.register().status == 200
    clinic.finds(credential, "one_region", "se1", works=True)


def test_R4_too_early_and_not_registered_any_more(clinic: Clinic, credential: Credential) -> None:
    phone = clinic.phone(credential)
    assert phone.register().status == 200
    until(lambda: phone.leave() and phone.register().status == 429, 10, "it comes too early", pause=0)
    found = clinic.finds(credential, "early")
    assert "next allowed at" in found["verdict"]


def test_R4_too_early_while_the_registration_stays(clinic: Clinic, credential: Credential) -> None:
    pbx = clinic.pbx(credential, 0, 1)
    until(lambda: pbx.register(clinic.nw1).status == 429, 10, "it comes too early", pause=0)
    clinic.finds(credential, "early", works=True)
    until(lambda: pbx.register(clinic.nw1).status == 200, 10, "R4 lets it register again", 0.5)
    clinic.finds_nothing(credential)


def is_blocked(phone: Phone) -> bool:
    """After it has come once more."""
    phone.register()
    return phone.exchange(phone.registration()).status == 429


def test_R4_blocked_for_coming_too_early(clinic: Clinic, credential: Credential) -> None:
    phone = clinic.phone(credential)
    assert phone.register().status == 200
    until(lambda: is_blocked(phone), 10, "it is blocked for coming too early", pause=0)
    found = clinic.finds(credential, "blocked_early")
    assert "until" in found["verdict"]
    assert found["regions"][0]["blocks"][0]["own"] is True


def test_B2_blocked_for_wrong_passwords(clinic: Clinic, credential: Credential) -> None:
    phone = clinic.phone(credential)
    for _ in range(4):
        phone.wrong()
    found = clinic.finds(credential, "wrong_passwords")
    assert codes(found) == ["wrong_passwords"]
    (block,) = clinic.service.blocks(phone.address)
    clinic.service.lift(block)
    clinic.finds(credential, "password")


def test_R6_a_second_pbx(clinic: Clinic, credential: Credential) -> None:
    first = clinic.pbx(credential, 0, 1)
    second = clinic.phone(credential, user_agent="FreeSWITCH-mod_sofia/1.10.12")
    assert second.register().status == 503
    found = clinic.finds(credential, "second_pbx", works=True)
    assert first.address in found["verdict"]
    assert second.address in found["verdict"]
    clinic.says_so(credential, found)


@pytest.mark.parametrize(("agent", "code"), [("Yealink SIP-T46S 66.85.0.5", "phone"), ("sipvicious", "scanner")])
def test_R3_B6_what_is_no_pbx(clinic: Clinic, credential: Credential, agent: str, code: str) -> None:
    phone = clinic.phone(credential, user_agent=agent)
    if code == "phone":
        assert phone.register().status == 403
    else:
        with pytest.raises(NoAnswerError):
            phone.exchange(phone.registration(), 0.5)
    clinic.finds(credential, code)


def test_R2_disabled_and_enabled_again(clinic: Clinic, credential: Credential) -> None:
    pbx = clinic.pbx(credential, 0)
    clinic.service.disable(credential)
    assert pbx.register().status == 503
    found = clinic.finds(credential, "disabled", None)
    assert codes(found) == ["disabled"]
    clinic.service.enable(credential)
    clinic.finds(credential, "was_disabled")
    until(lambda: pbx.register().status == 200, 10, "R4 lets it register again", 0.5)
    clinic.finds(credential, "one_region", "se1", works=True)


def test_D1_registered_in_one_region_only(clinic: Clinic, credential: Credential) -> None:
    clinic.pbx(credential, 1)
    found = clinic.finds(credential, "one_region", "nw1", works=True)
    assert found["regions"][1]["works"] is True


def test_C4_a_new_password_that_the_pbx_does_not_have(clinic: Clinic, credential: Credential) -> None:
    pbx = clinic.pbx(credential, 0)
    new = clinic.service.rotate(credential)
    clinic.finds(credential, "rotated")
    assert pbx.register().status == 401
    clinic.finds(credential, "rotated", has=lambda found: "still uses an old one" in found["verdict"])
    until(lambda: pbx.register(login=new.login).status == 200, 10, "R4 lets it register again", 0.5)
    clinic.finds(credential, "one_region", "se1", works=True)


def test_C4_the_old_password_is_still_in_use(clinic: Clinic, credential: Credential) -> None:
    pbx = clinic.pbx(credential, 0, 1)
    new = clinic.service.rotate(credential, grace=3600)
    found = clinic.finds(credential, "old_password", None, works=True)
    assert (found["password"]["version"], found["password"]["in_use"]) == (2, 1)
    for gateway in (clinic.nw1, clinic.se1):
        until(lambda to=gateway: pbx.register(to, login=new.login).status == 200, 10, "R4 lets it register", 0.5)  # type: ignore[misc]
    clinic.finds_nothing(credential)


def test_R2_from_and_to_name_others(clinic: Clinic, credential: Credential) -> None:
    other = f"<sip:somebody@reg.example.net>;tag={'x' * 8}"
    phone = clinic.phone(credential)
    first = phone.registration(From=other)
    assert phone.finish(first.having("From", other), phone.exchange(first.having("From", other))).status == 403
    clinic.finds(credential, "mismatch")


@pytest.mark.last
def test_R5_expired_and_silent_since(clinic: Clinic, left_alone: Credential) -> None:
    until(lambda: not clinic.service.bindings(left_alone), 60, "the registration expires", 0.5)
    found = clinic.finds(left_alone, "expired")
    assert found["regions"][0]["registration"]["state"] == "expired"
    assert codes(found) == ["expired"]


def test_the_pbx_left(clinic: Clinic, credential: Credential) -> None:
    pbx = clinic.pbx(credential, 0)
    pbx.leave()
    clinic.finds(credential, "left")


def test_R6_an_administrator_removed_it(clinic: Clinic, credential: Credential) -> None:
    clinic.pbx(credential, 0)
    (binding,) = until(lambda: clinic.service.bindings(credential), 5, "the binding is shown")
    clinic.service.remove(binding)
    clinic.finds(credential, "removed")


def test_R6_the_pbx_stopped_answering_keep_alives(clinic: Clinic, credential: Credential) -> None:
    pbx = clinic.pbx(credential, 0)
    until(lambda: (clinic.ask(credential)["regions"][0]["registration"] or {}).get("keepalive"), 10, "it answers", 0.2)
    pbx.silence()
    clinic.finds(credential, "silent")


def test_R7_nat(clinic: Clinic, credential: Credential) -> None:
    pbx = clinic.pbx(credential, 1)
    phone = clinic.phone(credential, pbx.address)
    assert phone.register(contact="<sip:trunk@10.0.0.9:5060>").status == 200
    found = clinic.finds(credential, "nat", works=True)
    assert found["verdict"] == "The trunk works in nw1 and se1."


def test_strangers_do_a_trunk_no_harm(clinic: Clinic, credential: Credential) -> None:
    clinic.pbx(credential, 0, 1)
    attacker = clinic.phone(replace(credential, password="guessed"))
    for _ in range(4):
        assert attacker.register().status in (401, 429)
    found = clinic.finds(credential, "strangers", None, works=True, has=lambda found: found["regions"][0]["blocks"])
    assert codes(found) == ["strangers"]
    assert found["regions"][0]["blocks"][0]["own"] is False
