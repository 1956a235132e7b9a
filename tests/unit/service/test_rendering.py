"""What a region starts from is rendered from the settings, and from nothing else."""

import json
from pathlib import Path

import pytest

from api.limits import LimitSettings, ThresholdSettings
from api.rendering import render_region
from api.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(tmp_path)


def test_the_same_settings_give_the_same_text(settings: Settings) -> None:
    region = settings.regions[0]
    assert render_region(settings, region) == render_region(settings, region)


def test_region_json_holds_what_both_halves_of_a_region_need(settings: Settings, tmp_path: Path) -> None:
    facts = json.loads(render_region(settings, settings.regions[1])["region.json"])
    assert (facts["region"], facts["address"], facts["port"]) == ("se1", "127.0.2.1", 5060)
    assert facts["home"] == str(tmp_path / "region" / "se1")
    assert facts["limits"] == LimitSettings().model_dump()
    assert facts["thresholds"] == ThresholdSettings().model_dump()
    assert facts["database"] == {
        "unix_socket": str(tmp_path / "mariadb" / "mariadb.sock"),
        "user": "region_se1",
        "name": "turnpike",
        "password_file": str(tmp_path / "secrets" / "mariadb-region-se1.key"),
    }


def test_C2_no_rendered_file_holds_a_password(settings: Settings) -> None:
    account = settings.database("region-nw1")
    account.password_file.parent.mkdir()
    account.password_file.write_text("not-to-be-seen")
    assert "not-to-be-seen" not in "".join(render_region(settings, settings.regions[0]).values())


def test_W1_a_gateway_listens_on_its_region_s_address_only(settings: Settings) -> None:
    lines = render_region(settings, settings.regions[1])["kamailio.cfg"].splitlines()
    assert [line for line in lines if line.startswith("listen")] == ["listen=udp:127.0.2.1:5060"]


def test_test_limits_are_said_in_both_files(tmp_path: Path) -> None:
    (tmp_path / "limits.toml").write_text("interval = 2\n")
    settings = Settings.load(tmp_path)
    files = render_region(settings, settings.regions[0])
    assert json.loads(files["region.json"])["test_limits"] is True
    assert "TEST LIMITS" in files["kamailio.cfg"]
