"""The setup tries again while MariaDB is away, and gives up with one line when trying is of no use."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pymysql
import pytest
from pymysql.err import InterfaceError, OperationalError

from api import first_start
from api.database import LOST
from api.first_start import DatabaseLostError, FirstStartError
from api.migrations import MigrationError
from api.service import mariadb, setup
from api.settings import Settings

Connect = Callable[..., object]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "mariadb-root.key").write_text("x\n")
    monkeypatch.setenv("TURNPIKE_VAR", str(tmp_path))
    return Settings.load(tmp_path)


def failing(error: Exception) -> Connect:
    def connect(**_: object) -> object:
        raise error

    return connect


def run(monkeypatch: pytest.MonkeyPatch, *ends: Exception | None) -> list[object]:
    """Runs the setup with a MariaDB that answers, while the preparation ends like this; what was started after it."""
    left, started = list(ends), list[object]()

    def prepare(_: Settings) -> None:
        end = left.pop(0)
        if end is not None:
            raise end

    monkeypatch.setattr(mariadb, "answers", lambda _: True)
    monkeypatch.setattr(first_start, "prepare", prepare)
    monkeypatch.setattr(setup, "_start_the_rest", started.append)
    status = setup.main()
    assert not left
    return [status, *started]


def test_F1_mariadb_that_goes_away_meanwhile_is_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = DatabaseLostError("away")
    assert run(monkeypatch, away, away, None) == [0, settings]
    assert caplog.text.count("trying again") == 2


def test_what_will_not_mend_itself_ends_the_setup(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert settings.home.exists()
    assert run(monkeypatch, FirstStartError("correct\nit")) == [setup.REFUSED]
    assert "the database cannot be prepared: correct it" in caplog.text


@pytest.mark.parametrize("error", [OperationalError(code, "gone") for code in sorted(LOST)] + [InterfaceError(0, "")])
def test_a_lost_connection_is_told_from_a_refusal(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(pymysql, "connect", failing(error))
    with pytest.raises(DatabaseLostError):
        first_start.prepare(settings)


@pytest.mark.parametrize("code", [1045, 1044, 1064])
def test_a_refusal_is_told_from_a_lost_connection(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(pymysql, "connect", failing(OperationalError(code, "no")))
    with pytest.raises(FirstStartError) as refused:
        first_start.prepare(settings)
    assert not isinstance(refused.value, DatabaseLostError)


@pytest.mark.parametrize(("code", "kind"), [(2013, DatabaseLostError), (1064, FirstStartError)])
def test_a_migration_that_lost_its_connection_is_tried_again(code: int, kind: type[Exception]) -> None:
    error = MigrationError("failed")
    error.__cause__ = OperationalError(code, "x")
    assert first_start._failure(error.__cause__) is kind


@pytest.mark.parametrize("code", [2002, 2003, 2006, 2013, 1040])
def test_mariadb_that_is_away_or_full_is_awaited(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(pymysql, "connect", failing(OperationalError(code, "away")))
    assert not mariadb.answers(settings)


def test_a_wrong_root_password_ends_the_setup_with_what_to_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pymysql, "connect", failing(OperationalError(1045, "Access denied")))
    assert setup.main() == setup.REFUSED
    said = caplog.messages[-1]
    assert f"write the one of its user root to {settings.home}/secrets/mariadb-root.key" in said
    assert "\n" not in said


def test_a_missing_root_password_ends_the_setup_with_what_to_do(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (settings.home / "secrets" / "mariadb-root.key").unlink()
    with caplog.at_level(logging.ERROR):
        assert setup.main() == setup.REFUSED
    assert "mariadb-root.key cannot be read (No such file or directory): write" in caplog.messages[-1]
