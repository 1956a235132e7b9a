"""Settings: what a deployment may choose, and what it is told when it chooses wrongly."""

from pathlib import Path

import pytest

from api import settings as module
from api.limits import LimitSettings
from api.settings import Settings, SettingsError


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TURNPIKE_VAR", "TURNPIKE_API_PORT", "TURNPIKE_REGIONS", "TURNPIKE_REALM", "TURNPIKE_LIMITS"):
        monkeypatch.delenv(name, raising=False)


def wrong(home: Path, text: str, file: str = "settings.toml") -> str:
    """What the administrator reads after writing `text`: always one line."""
    (home / file).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings.load(home)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_a_file_the_regions_are_on_loopback(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    assert [(each.name, each.address) for each in settings.regions] == [("nw1", "127.0.1.1"), ("se1", "127.0.2.1")]
    assert (settings.api_address, settings.api_port) == ("127.0.0.1", 8080)
    assert not settings.test_limits


def test_W5_the_default_realm_names_no_brand_or_software(tmp_path: Path) -> None:
    assert Settings.load(tmp_path).realm == "registration"


def test_shipped_limits_are_those_of_the_rules() -> None:
    shipped = LimitSettings()
    assert (shipped.interval, shipped.granted, shipped.block) == (100, 300, 15 * 60)
    assert (shipped.early_strikes, shipped.early_window, shipped.streak) == (10, 600, 20)
    assert shipped.keepalive_interval * shipped.keepalive_missed == 60


def test_the_state_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNPIKE_VAR", str(tmp_path))
    assert Settings.load().home == tmp_path


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.toml").write_text("api_port = 8081\nworkers = 2\n")
    monkeypatch.setenv("TURNPIKE_API_PORT", "8082")
    assert (Settings.load(tmp_path).api_port, Settings.load(tmp_path).workers) == (8082, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("api_prot = 80", "api_prot"),
        ("api_port = 70000", "api_port"),
        ("api_port = 'x'", "api_port"),
        ("realm = 'two words'", "realm"),
        ("regions = []", "regions"),
        ("regions = [{name = 'NW 1', address = '127.0.0.1'}]", "regions.0.name"),
        ("regions = [{name = 'nw1', address = 'localhost'}]", "regions.0.address"),
        ("regions = [{name = 'nw1', address = '0.0.0.0'}]", "not the address of one host"),
        ("[thresholds]\nflood_requests = 0", "thresholds.flood_requests"),
        ("[thresholds]\nflood = 1", "thresholds.flood"),
        ("[thresholds]\nwrong_window = 601", "thresholds.wrong_window: Input should be less than or equal to 600"),
        ("[thresholds]\nguess_window = 601", "thresholds.guess_window: Input should be less than or equal to 600"),
        ("[thresholds]\nflood_window = 31", "thresholds.flood_window: Input should be less than or equal to 30"),
        ("[thresholds]\nflood_block = 86001", "thresholds.flood_block: Input should be less than or equal to 86000"),
        ("[thresholds]\nwrong_block = 86001", "thresholds.wrong_block: Input should be less than or equal to 86000"),
        ("[thresholds]\nguess_block = 86001", "thresholds.guess_block: Input should be less than or equal to 86000"),
        (
            "[thresholds]\nnonce_lifetime = 3601",
            "thresholds.nonce_lifetime: Input should be less than or equal to 3600",
        ),
        ("[sign_in]\nfailures = 0", "sign_in.failures"),
        ("[sign_in]\nwindow = 86401", "sign_in.window"),
        ("[sign_in]\nidle = 60", "sign_in.idle"),
        ("[sign_in]\nidle = 31622401", "sign_in.idle"),
        ("[sign_in]\nlongest = 31622401", "sign_in.longest"),
        ("home = '/'", "home"),
        ("resolvers = ['dns.example']", "resolvers.0"),
        ("resolvers = ['192.0.2.53#70000']", "resolvers.0"),
        ("resolvers = ['192.0.2.53#']", "resolvers.0"),
        ("[mariadb]\nname = 'mysql'", "mariadb.name"),
        ("[mariadb]\nhost = 'db'\nsocket = '/run/s'", "mariadb: Value error, name host or socket, not both"),
        ("control = false\nregions = [{name = 'eu1', address = '127.0.0.1'}]", "name the MariaDB of the control host"),
        ("control = false\n[mariadb]\nhost = 'db'", "name the regions that this host runs"),
        ("regions = [{name = 'eu-', address = '127.0.0.1'}]", "regions.0.name"),
        ("not toml", "TOML"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in wrong(tmp_path, text)


def test_B2_the_longest_windows_and_blocks_that_the_gateway_keeps_are_accepted(tmp_path: Path) -> None:
    longest = {
        "wrong_window": 600,
        "guess_window": 600,
        "flood_window": 30,
        "flood_block": 86000,
        "nonce_lifetime": 3600,
    }
    (tmp_path / "settings.toml").write_text("[thresholds]\n" + "".join(f"{k} = {v}\n" for k, v in longest.items()))
    assert longest.items() <= Settings.load(tmp_path).thresholds.model_dump().items()


def test_resolvers_are_addresses_that_may_have_a_port(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("resolvers = ['192.0.2.53', '192.0.2.54#5353']\n")
    assert Settings.load(tmp_path).resolvers == ("192.0.2.53", "192.0.2.54#5353")


@pytest.mark.parametrize("key", ["name", "address"])
def test_two_regions_differ(tmp_path: Path, key: str) -> None:
    second = {"name": "se1", "address": "127.0.0.2"} | ({"name": "nw1"} if key == "name" else {"address": "127.0.0.1"})
    text = "[[regions]]\nname = 'nw1'\naddress = '127.0.0.1'\n[[regions]]\n"
    text += f"name = '{second['name']}'\naddress = '{second['address']}'\n"
    assert f"same {key}" in wrong(tmp_path, text)


def test_a_wrong_variable_is_named_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNPIKE_API_PORT", "many")
    assert "api_port" in wrong(tmp_path, "")
    monkeypatch.setenv("TURNPIKE_REGIONS", "no json")
    assert "regions" in wrong(tmp_path, "")


def test_hard_limits_are_no_settings(tmp_path: Path) -> None:
    assert "rules.md" in wrong(tmp_path, "[limits]\ninterval = 1\n")


def test_hard_limits_do_not_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNPIKE_LIMITS", '{"interval": 1}')
    assert Settings.load(tmp_path).limits == LimitSettings()


def test_a_test_instance_on_loopback_may_change_a_hard_limit(tmp_path: Path) -> None:
    (tmp_path / "limits.toml").write_text("interval = 2\n")
    settings = Settings.load(tmp_path)
    assert (settings.limits.interval, settings.limits.granted, settings.test_limits) == (2, 300, True)


def test_an_unknown_limit_is_named(tmp_path: Path) -> None:
    assert "intervall" in wrong(tmp_path, "intervall = 2\n", "limits.toml")


@pytest.mark.parametrize("public", ["api_address = '192.0.2.1'", "regions = [{name = 'nw1', address = '192.0.2.1'}]"])
def test_test_limits_are_refused_where_an_address_is_public(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public: str
) -> None:
    monkeypatch.setattr(module, "in_own_network", lambda: False)
    (tmp_path / "settings.toml").write_text(public)
    assert "192.0.2.1 is no loopback address" in wrong(tmp_path, "interval = 2\n", "limits.toml")


def test_test_limits_are_accepted_in_a_namespace_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "in_own_network", lambda: True)
    (tmp_path / "settings.toml").write_text("api_address = '192.0.2.1'")
    (tmp_path / "limits.toml").write_text("interval = 2\n")
    assert Settings.load(tmp_path).test_limits


def test_a_region_has_a_database_account_of_its_own(tmp_path: Path) -> None:
    account = Settings.load(tmp_path).database("region-nw1")
    assert (account.user, account.unix_socket) == ("region_nw1", tmp_path / "mariadb" / "mariadb.sock")
    assert account.password_file == tmp_path / "secrets" / "mariadb-region-nw1.key"


def test_mariadb_may_be_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[mariadb]\nhost = 'db.example'\n")
    account = Settings.load(tmp_path).database("api")
    assert (account.host, account.port, account.unix_socket) == ("db.example", 3306, None)
