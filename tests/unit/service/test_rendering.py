"""What a region runs is rendered from settings and rows, and from nothing else."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.limits import LimitSettings, ThresholdSettings
from api.rendering import INCLUDED, TemplateError, render_cores, render_region
from api.settings import ROOT, RegionSettings, Settings
from kemi.configuration import digest

NW1 = RegionSettings(name="nw1", address="192.0.2.7")
CORES = [
    {"id": "co-2", "address": "192.0.2.9", "port": 5080, "label": "Softswitch B", "enabled": 0},
    {"id": "co-1", "address": "192.0.2.9", "port": 5060, "label": None, "enabled": 1},
    {"id": "co-3", "address": "192.0.2.10", "port": 5060, "label": "Softswitch A", "enabled": 1},
]
Template = Callable[[str], Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(tmp_path)


@pytest.fixture
def template(tmp_path: Path) -> Template:
    """Writes a deployment's own template of kamailio.cfg."""

    def write(text: str) -> Path:
        file = tmp_path / "templates" / "kamailio" / "region.cfg.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


thresholds = some.builds(
    ThresholdSettings,
    wrong_window=some.integers(1, 600),
    nonce_lifetime=some.integers(1, 3600),
    flood_requests=some.integers(1),
)
limits = some.builds(LimitSettings, interval=some.integers(1), channels=some.integers(1))


@given(realm=some.from_regex(r"\A[A-Za-z0-9.-]{1,64}\Z"), thresholds=thresholds, limits=limits, changed=some.booleans())
def test_F3_the_same_data_gives_the_same_text_and_every_setting_is_in_it(
    realm: str, thresholds: ThresholdSettings, limits: LimitSettings, changed: bool
) -> None:
    values: dict[str, Any] = {"realm": realm, "thresholds": thresholds, "limits": limits, "test_limits": changed}
    first, second = (
        Settings(home=Path(f"/srv/{host}"), workers=workers, **values) for host, workers in (("one", 1), ("two", 8))
    )
    files = render_region(first, NW1)
    assert files == render_region(second, NW1), "a host's own facts make no difference"
    assert list(files) == sorted(files)
    facts = json.loads(files["region.json"])
    assert facts == {
        "region": "nw1",
        "address": "192.0.2.7",
        "port": 5060,
        "realm": realm,
        "thresholds": thresholds.model_dump(),
        "limits": limits.model_dump(),
        "test_limits": changed,
    }
    assert f'"nonce_expire", {thresholds.nonce_lifetime})' in files["kamailio.cfg"]
    assert ("TEST LIMITS" in files["kamailio.cfg"]) is changed


@pytest.mark.parametrize(
    "change", [{"realm": "other"}, {"thresholds": ThresholdSettings(guess_block=7)}, {"limits": LimitSettings(block=7)}]
)
def test_F3_another_setting_is_another_configuration(settings: Settings, change: dict[str, Any]) -> None:
    other = settings.model_copy(update=change)
    assert digest(render_region(settings, NW1)) != digest(render_region(other, NW1))


def test_F3_a_configuration_holds_everything_that_it_includes_and_no_path_of_a_host(settings: Settings) -> None:
    files = render_region(settings, NW1)
    included = re.findall(r'^include_file "([^"]*)"', "".join(files.values()), flags=re.MULTILINE)
    assert set(included) == {file.name for file in INCLUDED.iterdir()}
    assert set(files) == {*included, "kamailio.cfg", "region.json"}
    everything = "".join(files.values())
    assert str(settings.home) not in everything
    assert str(ROOT) not in everything
    assert re.search(r"/(home|opt|root|run|srv|tmp|usr|var|work)/", everything) is None


def test_a_region_s_configuration_does_not_depend_on_the_others(settings: Settings) -> None:
    third = RegionSettings(name="ne1", address="192.0.2.9")
    more = settings.model_copy(update={"regions": (*settings.regions, third)})
    assert render_region(settings, NW1) == render_region(more, NW1)


def test_C2_no_rendered_file_holds_a_password(settings: Settings) -> None:
    account = settings.database("region-nw1")
    account.password_file.parent.mkdir()
    account.password_file.write_text("not-to-be-seen")
    assert "not-to-be-seen" not in "".join(render_region(settings, settings.regions[0]).values())


def test_W1_a_gateway_listens_on_its_region_s_address_only(settings: Settings) -> None:
    lines = "".join(render_region(settings, NW1).values()).splitlines()
    assert [line for line in lines if line.startswith("listen")] == ["listen=udp:192.0.2.7:5060"]


def test_a_deployment_s_own_template_is_taken(settings: Settings, template: Template) -> None:
    template("# {{ region }} at {{ address }}\n")
    assert render_region(settings, NW1)["kamailio.cfg"] == "# nw1 at 192.0.2.7\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("one\n{{ workers }}\n", "kamailio/region.cfg.j2, line 2: 'workers' is undefined"),
        ("one\ntwo\n{{ thresholds.none }}\n", "kamailio/region.cfg.j2, line 3: 'dict object' has no attribute 'none'"),
        ("{% if region %}\n", "kamailio/region.cfg.j2, line 1: Unexpected end of template."),
        ("\n{{ region }\n", "kamailio/region.cfg.j2, line 2: unexpected '}'"),
        ('{{ "\\ud800" }}\n', "kamailio/region.cfg.j2: 'utf-8' codec can't encode"),
        ("{{ 'x' * 1000001 }}\n", "kamailio/region.cfg.j2: what it renders is longer than 1000000 characters"),
        ("\n{{ port // 0 }}\n", "kamailio/region.cfg.j2, line 2: integer division or modulo by zero"),
        (
            '{% include "kamailio/other.j2" %}\n',
            "kamailio/region.cfg.j2, line 1: there is no template kamailio/other.j2",
        ),
        ('{% include "kamailio/part.j2" %}\n', "kamailio/part.j2, line 3: 'nothing' is undefined"),
    ],
)
def test_F3_a_broken_template_is_named_with_its_line_and_the_cause(
    settings: Settings, template: Template, text: str, complaint: str
) -> None:
    (template(text).parent / "part.j2").write_text("\n\n{{ nothing }}\n")
    with pytest.raises(TemplateError) as raised:
        render_region(settings, NW1)
    assert str(raised.value).startswith(complaint)
    assert "\n" not in str(raised.value)


def test_O6_a_core_set_has_a_line_for_each_core_in_the_same_order_always() -> None:
    assert render_cores(CORES) == render_cores(reversed(CORES))
    assert render_cores(CORES).splitlines() == [
        "192.0.2.10:5060 enabled co-3 Softswitch A",
        "192.0.2.9:5060 enabled co-1",
        "192.0.2.9:5080 disabled co-2 Softswitch B",
    ]
    assert render_cores([]) == ""
