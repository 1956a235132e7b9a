"""The kinds of PBX: what diagnosis and settings call things by."""

import pytest

from api.pbxs.kinds import KINDS, PLAIN, TOPICS, recognise


@pytest.mark.parametrize(
    ("user_agent", "key"),
    [
        ("Asterisk PBX 22.10.1~dfsg+~cs6.17", "asterisk"),
        ("asterisk pbx", "asterisk"),
        ("FPBX-16.0.40.7(18.19.0)", "freepbx"),
        ("FreeSWITCH-mod_sofia/1.10.12-release~64bit", "freeswitch"),
        ("FreeSWITCH", "freeswitch"),
        ("kamailio (5.6.3 (x86_64/linux))", "kamailio"),
        ("3CXPhoneSystem 20.0.3.884 (884)", "3cx"),
        ("Grandstream UCM6302 1.0.27.10", "grandstream-ucm"),
        ("  Asterisk PBX 16\r\n", "asterisk"),
    ],
)
def test_a_pbx_is_recognised_by_its_user_agent(user_agent: str, key: str) -> None:
    found = recognise(user_agent)
    assert found is KINDS[key]


@pytest.mark.parametrize("user_agent", [None, "", " ", "Grandstream GXP2170", "3CXPhone 6", "pjsua", "Not Asterisk"])
def test_others_are_not(user_agent: str | None) -> None:
    assert recognise(user_agent) is None


def test_every_kind_names_what_no_trunk_can_do_without() -> None:
    for key, kind in KINDS.items():
        assert kind.key == key
        assert {"username", "password", "server", "expiry", "from_user"} <= kind.fields.keys() <= set(TOPICS)
        assert kind.fields.keys() == kind.menus.keys()
        assert all(kind.fields.values())
        assert kind is PLAIN or all(kind.menus.values())


def test_a_setting_is_named_with_its_place() -> None:
    assert KINDS["freepbx"].named("password") == '"Secret" (Connectivity, Trunks, the trunk, pjsip Settings, General)'
    assert PLAIN.named("expiry") == '"registration expiry"'
    assert KINDS["3cx"].named("calls_per_second") is None
