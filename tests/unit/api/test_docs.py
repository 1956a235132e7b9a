"""docs/api.md and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.application import create_app
from api.settings import ROOT, Settings


@pytest.fixture
def operations(tmp_path: Path) -> set[str]:
    """Every method and path that the API serves, which needs no database."""
    (tmp_path / "secrets").mkdir()
    for name in ("mariadb-api", "portal"):
        (tmp_path / "secrets" / f"{name}.key").write_text("unused\n")
    rules = create_app(Settings.load(tmp_path)).url_map.iter_rules()
    return {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in rules
        if rule.rule.startswith("/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_api_page_names_every_request_and_no_other(operations: set[str]) -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    table = text[text.index("| request |") : text.index("Where a filter")]
    assert set(re.findall(r"`([A-Z]+ /\S+)`", table)) == operations


def test_missing_database_password_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"mariadb-api\.key"):
        create_app(Settings.load(tmp_path))
