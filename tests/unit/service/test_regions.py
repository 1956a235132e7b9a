"""What a start brings into force, and what it leaves as it is (F3). Kamailio's check is the real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.rendering import MAIN, TEMPLATES, TemplateError, render_region
from api.service import regions
from api.service.regions import ConfigurationError
from api.settings import Settings
from kemi import application
from kemi.application import TRYING, Application
from kemi.configuration import digest
from kemi.configurations import Configurations

Files = dict[str, str]


class Home:
    """Region nw1's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = self.settings.region_home("nw1")
        self.configurations = Configurations(self.path)

    @property
    def settings(self) -> Settings:
        return Settings.load(self.folder)

    def start(self) -> list[str]:
        """What it says."""
        said: list[str] = []
        regions.write(self.settings, self.settings.regions[0], said.append)
        return said

    def own_template(self, more: str) -> None:
        """The shipped one with another line, in the state folder."""
        own = self.folder / "templates" / MAIN
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text((TEMPLATES / MAIN).read_text() + more)

    def rendered(self) -> Files:
        return render_region(self.settings, self.settings.regions[0])

    def in_force(self) -> Files:
        name = self.configurations.in_force()
        assert name
        return self.configurations.files(name)

    def bring(self, flood: int, **facts: object) -> Files:
        """As the agent does: another configuration than the host renders."""
        files = self.rendered()
        changed = json.loads(files["region.json"])
        changed["thresholds"]["flood_requests"] = flood
        files["region.json"] = json.dumps(changed | facts)
        self.configurations.prepare(self.configurations.add(files))
        self.configurations.switch()
        self.configurations.forget()
        return files

    def set(self, flood: int) -> None:
        (self.folder / "settings.toml").write_text(f"[thresholds]\nflood_requests = {flood}\n")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.start()
    return home


def test_F3_the_first_start_brings_what_the_host_renders(home: Home) -> None:
    assert home.in_force() == home.rendered()
    assert home.configurations.in_force() == digest(home.rendered())[:16]
    assert [each.name for each in home.configurations.folder.iterdir()] == [home.configurations.in_force()]
    assert home.configurations.folder.stat().st_mode & 0o077 == 0


def test_F3_the_host_s_facts_are_beside_it(home: Home) -> None:
    host = json.loads((home.path / "host.json").read_text())
    assert host["home"] == str(home.path)
    assert host["database"] == {
        "unix_socket": str(home.folder / "mariadb" / "mariadb.sock"),
        "user": "region_nw1",
        "name": "turnpike",
        "password_file": str(home.folder / "secrets" / "mariadb-region-nw1.key"),
    }
    assert f'TURNPIKE_DISPATCHER="{home.path}/dispatcher.list"' in host["gateway"]


def test_F3_a_start_keeps_what_was_brought_or_taken_back(home: Home) -> None:
    brought = home.bring(1234)
    home.start()
    assert home.in_force() == brought
    home.start()
    assert home.in_force() == brought


def test_F3_new_settings_come_into_force_at_a_start(home: Home) -> None:
    home.bring(1234)
    home.set(4321)
    home.start()
    assert home.in_force() == home.rendered()
    assert json.loads(home.in_force()["region.json"])["thresholds"]["flood_requests"] == 4321


def test_F3_settings_that_were_applied_and_taken_back_stay_so(home: Home) -> None:
    before = home.in_force()
    home.set(4321)
    home.configurations.meet(digest(home.rendered()))  # as the agent does, whatever becomes of it
    home.start()
    assert home.in_force() == before
    home.set(4322)
    home.start()
    assert home.in_force() == home.rendered() != before
    home.set(4321)
    home.start()
    assert home.in_force() == home.rendered()


def test_F3_a_start_mends_what_is_in_force(home: Home) -> None:
    (home.path / "current" / "kamailio.cfg").write_text("")
    home.start()
    assert home.in_force() == home.rendered()
    home.bring(1234)
    (home.path / "current" / "kamailio.cfg").unlink()
    home.start()
    assert home.in_force() == home.rendered()


def test_F3_settings_that_say_what_is_in_force_change_nothing(home: Home) -> None:
    home.set(4321)
    brought = home.rendered()
    home.configurations.prepare(home.configurations.add(brought))
    home.configurations.switch()
    before = (home.path / "current").lstat().st_mtime_ns
    home.start()
    assert (home.path / "current").lstat().st_mtime_ns == before


@pytest.mark.parametrize("facts", [{"test_limits": True}, {"limits": {"interval": 1}}, {"realm": "x"}, {"port": 1}])
def test_F3_what_only_a_start_decides_is_never_kept(home: Home, facts: dict[str, object]) -> None:
    """Test limits do not outlive their file, wherever the configuration came from."""
    home.bring(1234, **facts)
    home.start()
    assert home.in_force() == home.rendered()


def test_F3_what_kamailio_refuses_does_not_come_into_force(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = home.in_force()
    broken = home.rendered() | {"core.cfg": "}"}
    monkeypatch.setattr(regions, "render_region", lambda *_: broken)
    monkeypatch.setattr(regions, "included", lambda: {"core.cfg": "}"})
    with pytest.raises(ConfigurationError, match=r"^region nw1: .*Kamailio refuses it: .*core\.cfg, line 1"):
        home.start()
    assert home.in_force() == before
    assert len(list(home.configurations.folder.iterdir())) == 1
    monkeypatch.undo()
    home.start()
    assert home.in_force() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("{{ nowhere }}\n", "'nowhere' is undefined"),
        ("nonsense 1\n", "Kamailio refuses it"),
        ("listen=udp:0.0.0.0:5060\n", "it listens on "),
    ],
)
def test_F1_F3_a_template_that_cannot_be_used_takes_no_region_down(home: Home, more: str, said: str) -> None:
    before = home.in_force()
    home.own_template(more)
    for _ in range(2):
        (warning,) = home.start()
        assert said in warning
        assert warning.endswith("nw1 starts with what was in force")
        assert home.in_force() == before
    home.own_template("# mended\n")
    assert home.start() == []
    assert home.in_force() == home.rendered() != before


def test_F3_a_template_that_cannot_be_used_keeps_nothing_that_a_start_decides(home: Home) -> None:
    """Test limits do not outlive their file in this way either."""
    home.bring(1234, test_limits=True)
    home.own_template("{{ nowhere }}\n")
    with pytest.raises(TemplateError, match="'nowhere' is undefined"):
        home.start()


@pytest.mark.parametrize("more", ["listen=udp:0.0.0.0:5060", "listen=udp:127.0.1.2:5060", "disable_tcp=no"])
def test_W1_no_template_listens_elsewhere(tmp_path: Path, more: str) -> None:
    """Nor do test limits get to a public address in this way."""
    home = Home(tmp_path)
    home.own_template(f"\n{more}\nlisten=tcp:127.0.1.1:5060\n")
    with pytest.raises(ConfigurationError, match=r"it listens on .*: only UDP at 127\.0\.1\.1 may be"):
        home.start()


def test_F3_a_start_goes_back_from_what_was_being_tried(home: Home) -> None:
    before = home.in_force()
    origin = home.configurations.in_force()
    home.bring(1234)
    target = home.configurations.in_force()
    assert origin
    assert target
    application.write(home.path, Application(7, 2, 1, origin, target, TRYING))
    home.start()
    assert home.in_force() == before
    found = application.read(home.path)
    assert found
    assert found.outcome
    assert (found.id, found.outcome.state, found.outcome.restarted) == (7, "rolled-back", True)
    assert "what was in force before is in force again" in str(found.outcome.reason)


def test_F3_a_home_of_the_former_layout_starts(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.path.mkdir(parents=True)
    (home.path / "region.json").write_text(json.dumps({"realm": "registration"}))
    (home.path / "kamailio.cfg").write_text("as it was")
    (home.path / "store.sqlite").write_text("stays")
    home.start()
    assert home.in_force() == home.rendered()
    assert sorted(each.name for each in home.path.iterdir()) == [
        "configurations", "current", "host.json", "journal", "rendered.sha256", "store.sqlite",
    ]  # fmt: skip
