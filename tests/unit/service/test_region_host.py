"""A host that runs regions only: its settings, parts and state."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from api.limits import LimitSettings, ThresholdSettings
from api.service import enrolment
from api.service.checks import CannotStartError, check_accounts
from api.service.enrolment import EnrolmentError, place, state_files
from api.service.parts import parts
from api.service.status import Heard, Status, hear
from api.settings import DatabaseSettings, Settings

EU1 = {"name": "eu1", "address": "127.0.3.1"}
TEXT = """control = false
[mariadb]
host = "127.0.15.98"
port = 3307
[[regions]]
name = "eu1"
address = "127.0.3.1"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "settings.toml").write_text(TEXT)
    return Settings.load(tmp_path)


def written(control: Settings, tmp_path: Path, way: dict[str, Any]) -> Settings:
    """What a new host makes of the folder."""
    account = control.database("region-eu1").model_copy(update=way)
    home = tmp_path / "eu1"
    home.mkdir()
    for name, text in state_files(control, EU1, account).items():
        (home / name).write_text(text)
    return Settings.load(home)


def test_it_has_gateways_and_agents_and_nothing_else(settings: Settings) -> None:
    assert [part.name for part in parts(settings)] == ["eu1-gateway", "eu1-agent"]


def test_its_regions_reach_the_control_hosts_mariadb(settings: Settings) -> None:
    account = settings.database("region-eu1")
    assert (account.host, account.port, account.unix_socket, account.user) == ("127.0.15.98", 3307, None, "region_eu1")


def test_a_socket_is_a_way_to_a_mariadb_that_is_not_private(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[mariadb]\nsocket = '/run/mysqld/mysqld.sock'\n")
    settings = Settings.load(tmp_path)
    assert settings.database("api").unix_socket == Path("/run/mysqld/mysqld.sock")
    assert "mariadb" not in [part.name for part in parts(settings)]


def test_without_its_account_it_does_not_start(settings: Settings) -> None:
    with pytest.raises(CannotStartError, match=r"eu1: .*mariadb-region-eu1\.key is missing: ./turnpike region enrol"):
        check_accounts(settings)


def test_F1_an_agent_that_does_not_reach_mariadb_is_named(settings: Settings) -> None:
    assert hear(settings) == Heard(None, {"eu1": False})


def test_it_is_ready_without_an_API() -> None:
    assert Status("/state", True, False, None, None).problems == []


def test_a_new_host_is_told_what_differs_from_the_defaults(tmp_path: Path) -> None:
    control = Settings.load(tmp_path).model_copy(
        update={"realm": "trunks", "thresholds": ThresholdSettings(wrong_passwords=7), "api_port": 9999}
    )
    host = written(control, tmp_path, {"unix_socket": None, "host": "192.0.2.9", "port": 3306})
    assert (host.control, host.realm, host.thresholds.wrong_passwords) == (False, "trunks", 7)
    assert [region.model_dump() for region in host.regions] == [EU1]
    assert (host.mariadb.host, host.mariadb.port, host.test_limits) == ("192.0.2.9", 3306, False)
    table = tomllib.loads((host.home / "settings.toml").read_text())
    assert table["thresholds"] == {"wrong_passwords": 7}
    assert table.keys() == {"control", "realm", "mariadb", "thresholds", "regions"}


def test_a_test_instances_host_has_the_same_limits(tmp_path: Path) -> None:
    limits = LimitSettings(interval=2, channels=3)
    control = Settings.load(tmp_path).model_copy(update={"test_limits": True, "limits": limits})
    host = written(control, tmp_path, {"unix_socket": Path('/odd "place"/s')})
    assert (host.test_limits, host.limits, host.mariadb.socket) == (True, limits, Path('/odd "place"/s'))


@pytest.mark.parametrize(
    ("text", "found"), [(None, None), ("db", ("db", 3306)), ("192.0.2.9:3307", ("192.0.2.9", 3307))]
)
def test_where_a_new_host_reaches_mariadb(text: str | None, found: tuple[str, int] | None) -> None:
    assert place(text) == found


@pytest.mark.parametrize("text", ["", ":3306", "db:", "db:0", "db:65536", "db:x", "2001:db8::1"])
def test_what_is_no_place_of_mariadb(text: str) -> None:
    with pytest.raises(EnrolmentError, match="HOST:PORT"):
        place(text)


def test_a_host_of_regions_enrols_none(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(EnrolmentError, match="on the control host"):
        enrolment.enrol(settings, "eu2", tmp_path / "new", None)
    assert not (tmp_path / "new").exists()
    assert enrolment.withdraw(settings, "eu2") == "this is not the control host"


def test_no_file_of_a_new_host_names_another_account(tmp_path: Path) -> None:
    account = DatabaseSettings(
        unix_socket=None, host="db", port=1, name="turnpike", user="region_eu1", password_file=tmp_path / "key"
    )
    text = "".join(state_files(Settings.load(tmp_path), EU1, account).values())
    assert "root" not in text
    assert "key" not in text
