"""The files that a region starts from."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from api import realm
from api.rendering import render_region
from api.service.checks import CannotStartError
from api.service.files import private_folder, write_private
from api.service.parts import gateway_environment, kamailio
from api.settings import RegionSettings, Settings


class ConfigurationError(Exception):
    """Kamailio refuses a configuration. The text is Kamailio's first complaint."""


def refuse_other_realm(settings: Settings, region: RegionSettings) -> None:
    """Rule R1, before MariaDB can say so: a gateway that starts from its store would challenge in the wrong realm.

    Only while the service does not run: the agent's process must not see another open or close its store.
    Errors: CannotStartError when the region knows credentials of another realm.
    """
    home = settings.region_home(region.name)
    kept = _kept_realm(home / "region.json")
    if kept not in (None, settings.realm) and _knows_credentials(home / "store.sqlite"):
        raise CannotStartError(realm.refusal(str(kept), settings.realm))


def _kept_realm(file: Path) -> str | None:
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts.get("realm") if isinstance(facts, dict) else None


def _knows_credentials(store: Path) -> bool:
    """A store that is missing or cannot be read knows none; what MariaDB holds is for the setup to judge."""
    try:
        with closing(sqlite3.connect(f"{store.absolute().as_uri()}?mode=ro", uri=True)) as db:
            (known,) = db.execute("SELECT EXISTS (SELECT 1 FROM credential WHERE ha1 IS NOT NULL)").fetchone()
    except sqlite3.Error:
        return False
    return bool(known)


def write(settings: Settings, region: RegionSettings) -> None:
    """Renders the region's files into its folder, and lets Kamailio check them first.

    Errors: ConfigurationError, OSError; the files of before are then unchanged, but for `region.json`.
    """
    home = settings.region_home(region.name)
    private_folder(home.parent)
    private_folder(home)
    private_folder(home / "journal")
    files = render_region(settings, region)
    write_private(home / "region.json", files["region.json"])
    candidate = home / "kamailio.cfg.new"
    write_private(candidate, files["kamailio.cfg"])
    check(candidate, settings, region)
    candidate.rename(home / "kamailio.cfg")


def check(configuration: Path, settings: Settings, region: RegionSettings) -> None:
    """Errors: ConfigurationError unless Kamailio accepts the configuration."""
    environment = {**os.environ, **gateway_environment(settings, region)}
    command = [kamailio(), "-c", "-E", "-f", str(configuration)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
        wrong = [line for line in said if "ERROR" in line or "CRITICAL" in line] or said or ["no reason given"]
        raise ConfigurationError(f"Kamailio refuses {configuration}: {wrong[0]}")
