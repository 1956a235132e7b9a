"""A private MariaDB a session, prepared as by a first start, and the application on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.first_start import prepare
from api.settings import Settings
from tests.integration.api.played_agent import PlayedAgent, played
from tests.integration.api.server import MariaDB, Reporter, connected, running_app

RATES = "rates = { requests = 1000000, strangers = 1000000 }\n"
Template = Callable[[str], None]
REGIONS = '[[regions]]\nname = "nw1"\naddress = "127.0.11.1"\n\n[[regions]]\nname = "se1"\naddress = "127.0.11.2"\n'


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    with MariaDB.running() as server:
        (server.home / "settings.toml").write_text(RATES + REGIONS)
        yield server


@pytest.fixture(scope="session")
def settings(mariadb: MariaDB) -> Settings:
    settings = Settings.load(mariadb.home)
    prepare(settings)
    return settings


@pytest.fixture(scope="session")
def admin_key(settings: Settings) -> str:
    return (settings.home / "secrets" / "admin.key").read_text().strip()


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    with running_app(settings) as app:
        yield app


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client(app: Flask, admin_key: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {admin_key}"
    return client


@pytest.fixture
def root(settings: Settings) -> Iterator[DictCursor]:
    with connected(settings, "root") as cursor:
        yield cursor


@pytest.fixture
def no_domains(root: DictCursor) -> None:
    """Commands about all zones find none."""
    root.execute("DELETE FROM domain")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API waits for regions that apply a change, however slow the machine is."""
    monkeypatch.setattr("api.applying.PATIENCE", 20)


@pytest.fixture
def regions(settings: Settings, patient: None) -> Iterator[None]:
    """Both regions are alive and apply every change at once."""
    del patient
    with ExitStack() as stack:
        for region in settings.regions:
            stack.enter_context(Reporter(settings, region.name))
        yield


@pytest.fixture
def credential(client: FlaskClient) -> dict[str, Any]:
    made: dict[str, Any] = client.post("/v1/credentials", json={"label": "a PBX"}).get_json()
    return made


@pytest.fixture
def agent(settings: Settings) -> Iterator[PlayedAgent]:
    """Region nw1's, which does what the test says."""
    with played(settings, "nw1") as agent:
        yield agent


@pytest.fixture
def template(settings: Settings) -> Iterator[Template]:
    """Writes a template of kamailio.cfg into the state folder."""
    folder = settings.home / "templates" / "kamailio"
    folder.mkdir(parents=True)

    def write(text: str) -> None:
        (folder / "region.cfg.j2").write_text(text)

    yield write
    shutil.rmtree(folder.parent)


@pytest.fixture
def changed_settings(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Adds lines to settings.toml."""
    file = settings.home / "settings.toml"
    before = file.read_text()

    def add(lines: str) -> None:
        file.write_text(lines + before)

    yield add
    file.write_text(before)
