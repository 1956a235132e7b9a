"""A region that knows credentials of one realm is not started with another one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from api.service import regions
from api.service.checks import CannotStartError
from api.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of an instance whose region nw1 ran with the realm `before`; now it is `registration`."""
    settings = Settings.load(tmp_path)
    home = settings.region_home("nw1")
    home.mkdir(parents=True)
    (home / "current").mkdir()
    (home / "current" / "region.json").write_text(json.dumps({"realm": "before"}))
    return settings


def keep(settings: Settings, ha1: str | None) -> None:
    with closing(sqlite3.connect(settings.region_home("nw1") / "store.sqlite")) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE credential (username TEXT PRIMARY KEY, ha1 TEXT)")
        db.execute("INSERT INTO credential VALUES ('x', ?)", (ha1,))
        db.commit()


def test_R1_another_realm_is_refused_while_the_region_knows_a_credential(settings: Settings) -> None:
    keep(settings, "0" * 32)
    with pytest.raises(CannotStartError, match=r"realm is before .* set realm back from registration to before"):
        regions.refuse_other_realm(settings, settings.regions[0])
    assert json.loads((settings.region_home("nw1") / "current" / "region.json").read_text()) == {"realm": "before"}


def test_R1_the_same_realm_is_accepted(settings: Settings) -> None:
    keep(settings, "0" * 32)
    regions.refuse_other_realm(settings.model_copy(update={"realm": "before"}), settings.regions[0])


def test_R1_another_realm_is_accepted_when_all_credentials_are_deleted(settings: Settings) -> None:
    keep(settings, None)
    regions.refuse_other_realm(settings, settings.regions[0])


def test_R1_another_realm_is_accepted_where_nothing_is_known(settings: Settings) -> None:
    for region in settings.regions:
        regions.refuse_other_realm(settings, region)
    assert not (settings.region_home("nw1") / "store.sqlite").exists()
