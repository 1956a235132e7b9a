"""What is refused never touches the gateway; what fails its trial is taken back. Calls go on in both cases."""

import json

import pytest

from tests.applying.host import Change, Files, Host, replaced, threshold


def facts(**values: object) -> Change:
    """Other facts in region.json."""

    def change(files: Files) -> None:
        files["region.json"] = json.dumps(json.loads(files["region.json"]) | values)

    return change


def file(name: str, text: str = "x") -> Change:
    def change(files: Files) -> None:
        files[name] = text

    return change


def without(name: str) -> Change:
    def change(files: Files) -> None:
        del files[name]

    return change


REFUSED: dict[str, tuple[Change, str]] = {
    "a syntax error": (replaced("kamailio.cfg", "listen=", "lissten="), "parse error in config file kamailio.cfg"),
    "an unknown module": (replaced("modules.cfg", "maxfwd.so", "maxfwdd.so"), "could not find module <maxfwdd>"),
    "an unknown parameter": (replaced("calls.cfg", '"fr_timer"', '"fr_tymer"'), "fr_tymer"),
    "a file that is not there": (without("core.cfg"), "core.cfg"),
    "no kamailio.cfg": (without("kamailio.cfg"), "kamailio.cfg is missing"),
    "no region.json": (without("region.json"), "region.json is missing"),
    "a path for a name": (file("../../host.json"), "'../../host.json' is no name"),
    "a hidden file": (file(".current"), "'.current' is no name"),
    "an endless file": (file("much.cfg", "#" * (1 << 20)), "1048576 bytes may be"),
    "region.json is no JSON": (file("region.json", "{"), "region.json cannot be used here: JSONDecodeError"),
    "a limit that is none": (facts(limits={"patience": 1}), "patience"),
    "another region's": (facts(region="se1"), "its name is se1, and nw1 here"),
    "another address": (facts(address="127.0.99.1"), "its address is 127.0.99.1"),
    "another realm": (facts(realm="elsewhere"), "its realm is elsewhere, and registration here"),
    "another port": (facts(port=5070), "its port is 5070, and 5060 here"),
    "test limits": (facts(test_limits=True), "only a start may bring test limits"),
    "an address that is not the region's": (
        replaced("kamailio.cfg", "listen=udp:", "listen=udp:192.0.2.1:5060\nlisten=udp:"),
        "it listens on udp at 192.0.2.1: only UDP at",
    ),
    "another hard limit": (facts(limits={"interval": 1}), "only a start may bring test limits"),
}


@pytest.mark.usefixtures("talk")
def test_F3_R4_what_cannot_be_used_here_is_refused_and_nothing_happens(host: Host) -> None:
    name, before, boot, reported = host.name, host.folder(), host.pulse()["boot"], host.reported()
    for what, (change, reason) in REFUSED.items():
        row = host.apply(change)
        assert (row["state"], row["restarted"]) == ("refused", 0), what
        assert reason in row["reason"], what
        assert row["began_at"] <= row["ended_at"]
    assert (host.name, host.folder(), host.pulse()["boot"], host.reported()) == (name, before, boot, reported)


def test_F3_a_check_says_what_is_wrong(host: Host) -> None:
    row = host.apply(host.store(host.changed(replaced("kamailio.cfg", "listen=", "listn="))), "check")
    assert (row["state"], row["restarted"]) == ("refused", 0)
    assert "parse error in config file kamailio.cfg, line" in row["reason"]


def test_F3_a_version_that_nobody_stored_is_refused(host: Host) -> None:
    row = host.until(host.ask(999_999))
    assert (row["state"], row["reason"]) == ("refused", "version 999999 is not known")


@pytest.mark.parametrize("text", ["[1, 2]", '{"kamailio.cfg": 7}', "no JSON"])
def test_F3_what_is_no_set_of_files_is_refused(host: Host, text: str) -> None:
    version = 500_000 + len(text)
    values = (host.region, version, f"{len(text):064x}", text)
    host.query(
        "INSERT INTO configuration (region, version, digest, files, actor_kind) VALUES (%s, %s, %s, %s, 'key')", *values
    )
    try:
        row = host.until(host.ask(version))
        assert (row["state"], row["reason"]) == ("refused", "it is no set of texts by file name")
    finally:
        host.query("DELETE FROM configuration WHERE version = %s", version)


def test_F3_files_that_are_not_those_of_the_digest_are_refused(host: Host) -> None:
    version = host.store(host.changed(threshold(flood_requests=1234)))
    host.query(
        "UPDATE configuration SET digest = %s WHERE region = %s AND version = %s", "0" * 64, host.region, version
    )
    row = host.until(host.ask(version))
    host.query("DELETE FROM configuration WHERE region = %s AND version = %s", host.region, version)
    assert (row["state"], row["reason"]) == ("refused", "its files are not those that its digest was taken of")


LATE = "Kamailio did not serve within 15 seconds"
ENDED = ("Kamailio ended as soon as it had started", LATE)
"""That it ended is known when it has been started twice: a slow machine may need longer than it has."""
TAKEN_BACK: dict[str, tuple[Change, str | tuple[str, ...]]] = {
    "it listens elsewhere": (
        replaced("kamailio.cfg", ":5060\n", ":5070\n"),
        "the canary failed while registering: 401 to REGISTER was expected, nothing came within 6 seconds",
    ),
    "everybody is a flood": (
        threshold(flood_requests=0),
        "the canary failed while registering: 200 to REGISTER was expected, SIP/2.0 429 Too Many Requests came",
    ),
    "it knows no numbers": (
        replaced("tables.cfg", '"number=>', '"nomber=>'),
        "the canary failed while calling from the core to the PBX: INVITE at the PBX was expected, SIP/2.0 404",
    ),
    "it knows no calls": (
        replaced("tables.cfg", '"call=>', '"coll=>'),
        "the canary failed while calling from the core to the PBX: INVITE at the PBX was expected, SIP/2.0 503",
    ),
    "no Python": (
        replaced("kamailio.cfg", "TURNPIKE_GATEWAY)", '"/nowhere/gateway.py")'),
        ENDED,
    ),
    "a parameter that its module refuses": (
        replaced("authentication.cfg", '"qop", "auth"', '"qop", "whatever"'),
        tuple(f"{how}: auth [auth_mod.c:327]: mod_init(): Unsupported qop parameter value" for how in ENDED),
    ),
    "its timer never runs": (
        replaced("policy.cfg", 'modparam("rtimer", "exec"', '#!trydef X\n#modparam("rtimer", "exec"'),
        LATE,
    ),
}


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("what", TAKEN_BACK)
def test_F3_what_kamailio_s_check_passes_and_the_trial_does_not_is_taken_back(host: Host, what: str) -> None:
    change, reason = TAKEN_BACK[what]
    name, before, reported = host.name, host.folder(), host.reported()
    row = host.apply(change)
    assert (row["state"], row["restarted"]) == ("rolled-back", 1)
    assert row["reason"].startswith(reason), row["reason"]
    assert (host.name, host.folder(), host.reported()) == (name, before, reported)
