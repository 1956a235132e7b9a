"""A configuration comes into force and is taken back; calls and registrations do not notice."""

import json

import pytest

from kemi.configuration import digest
from tests.applying.host import Files, Host, replaced, threshold
from tests.applying.talk import Talk
from tests.calls.carrier import Carrier
from tests.sip.figures import Figures


def test_F3_a_configuration_comes_into_force_and_calls_go_on(host: Host, talk: Talk, figures: Figures) -> None:
    before, boot = host.reported(), host.pulse()["boot"]
    row = host.apply(threshold(flood_requests=4321))
    assert (row["state"], row["restarted"], row["reason"], row["previous"]) == ("in-force", 1, None, before[0])
    assert host.pulse()["boot"] > boot
    assert host.reported() == (row["version"], digest(host.files()))
    assert json.loads(host.files()["region.json"])["thresholds"]["flood_requests"] == 4321
    assert talk.pbxs[0].options().until_final().status == 200
    seconds = (row["ended_at"] - row["began_at"]).total_seconds()
    figures.measured("F3 seconds from the beginning of an application until it is in force", f"{seconds:.2f}")


def test_F3_kamailio_s_own_tables_may_change(host: Host, talk: Talk) -> None:
    row = host.apply(replaced("tables.cfg", '"answer=>size=14;autoexpire=32"', '"answer=>size=13;autoexpire=32"'))
    assert row["state"] == "in-force"
    assert talk.pbxs[1].options().until_final().status == 200


@pytest.mark.usefixtures("talk")
def test_F3_a_rollback_brings_back_byte_for_byte_what_was_in_force(host: Host) -> None:
    name, before, version = host.name, host.folder(), host.reported()[0]
    changed = host.apply(threshold(flood_requests=3210))
    assert host.folder() != before
    row = host.apply(version, "rollback")
    assert (row["state"], row["previous"]) == ("in-force", changed["version"])
    assert (host.name, host.folder(), host.reported()[0]) == (name, before, version)


def test_F3_what_is_in_force_already_needs_no_restart(host: Host) -> None:
    boot = host.pulse()["boot"]
    row = host.apply(host.reported()[0])
    assert (row["state"], row["restarted"]) == ("in-force", 0)
    assert host.pulse()["boot"] == boot


def test_F3_a_text_is_kept_as_it_is(host: Host) -> None:
    """Ends of lines and letters that are not ASCII included."""

    def change(files: Files) -> None:
        files["notes.txt"] = "naïve\r\nline\rend\n\n"

    assert host.apply(change)["state"] == "in-force"
    assert host.folder()["notes.txt"] == "naïve\r\nline\rend\n\n".encode()


def test_F3_a_new_PBX_registers_and_calls_after_a_change(carrier: Carrier, host: Host) -> None:
    assert host.apply(threshold(flood_requests=2345))["state"] == "in-force"
    Talk(carrier).goes_on()


def test_F3_a_check_changes_nothing(host: Host) -> None:
    name, boot = host.name, host.pulse()["boot"]
    version = host.store(host.changed(threshold(flood_requests=1999)))
    row = host.apply(version, "check")
    assert (row["state"], row["restarted"], row["reason"]) == ("checked", 0, None)
    assert (host.name, host.pulse()["boot"]) == (name, boot)


def test_F3_the_last_five_configurations_stay_beside_what_is_in_force(host: Host) -> None:
    for number in range(7):
        assert host.apply(threshold(flood_requests=6000 + number))["state"] == "in-force"
    kept = [json.loads((each / "region.json").read_text()) for each in (host.home / "configurations").iterdir()]
    found = sorted(facts["thresholds"]["flood_requests"] for facts in kept)
    assert found[-6:] == [6001, 6002, 6003, 6004, 6005, 6006]
    assert len(found) <= 7


@pytest.mark.parametrize("times", [3])
def test_F3_applications_that_wait_are_carried_out_in_turn(host: Host, times: int) -> None:
    versions = [host.store(host.changed(threshold(flood_requests=7000 + number))) for number in range(times)]
    numbers = [host.ask(version) for version in versions]
    rows = [host.until(number) for number in numbers]
    assert [row["state"] for row in rows] == ["in-force"] * times
    assert [row["previous"] for row in rows[1:]] == versions[:-1]
