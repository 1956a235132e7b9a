"""The files that a region starts from: what the host says of itself, and the configuration in force."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from api import realm
from api.rendering import TemplateError, included, region_facts, render_region
from api.service.checks import CannotStartError
from api.service.files import private_folder, write_private
from api.service.parts import gateway_command, gateway_name
from api.settings import RegionSettings, Settings
from kemi import application
from kemi.agent.checking import RefusedError, refuse_bad
from kemi.configuration import digest
from kemi.configurations import Configurations

FORMER: Final = ("region.json", "kamailio.cfg")
"""Where the configuration was before there were versions of it."""
OF_THE_HOST: Final = ("region", "address", "port", "realm", "limits", "test_limits")
"""What of region.json a start decides, and no configuration that was brought meanwhile."""


class ConfigurationError(Exception):
    """Kamailio refuses a configuration. The text is Kamailio's first complaint."""


def refuse_other_realm(settings: Settings, region: RegionSettings) -> None:
    """Rule R1, before MariaDB can say so: a gateway that starts from its store would challenge in the wrong realm.

    Only while the service does not run: the agent's process must not see another open or close its store.
    Errors: CannotStartError when the region knows credentials of another realm.
    """
    home = settings.region_home(region.name)
    kept = _facts(home / "current").get("realm") or _facts(home).get("realm")
    if kept not in (None, settings.realm) and _knows_credentials(home / "store.sqlite"):
        raise CannotStartError(realm.refusal(str(kept), settings.realm))


def _facts(folder: Path) -> dict[str, Any]:
    """What its region.json says; nothing when there is none."""
    try:
        facts = json.loads((folder / "region.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _knows_credentials(store: Path) -> bool:
    """A store that is missing or cannot be read knows none; what MariaDB holds is for the setup to judge."""
    try:
        with closing(sqlite3.connect(f"{store.absolute().as_uri()}?mode=ro", uri=True)) as db:
            (known,) = db.execute("SELECT EXISTS (SELECT 1 FROM credential WHERE ha1 IS NOT NULL)").fetchone()
    except sqlite3.Error:
        return False
    return bool(known)


def write(settings: Settings, region: RegionSettings, say: Callable[[str], None]) -> None:
    """What the host says of itself; and what it renders, when that is news here.

    So whatever was brought into force meanwhile, or taken back, stays in force until software or settings change; so it
    does, and `say` is told why, when a template of the state folder is what cannot be used.
    Errors: ConfigurationError, TemplateError, OSError; what was in force then is so still.
    """
    home = settings.region_home(region.name)
    private_folder(home.parent)
    private_folder(home)
    private_folder(home / "journal")
    write_private(home / "host.json", json.dumps(_host(settings, region), indent=1) + "\n")
    application.settle(home, time.time_ns() // 1_000_000)
    try:
        _bring_news(settings, region)
    except (ConfigurationError, TemplateError) as error:
        if not _serves(settings, region):
            raise
        say(f"warning: {error}; {region.name} starts with what was in force")
    for name in FORMER:
        (home / name).unlink(missing_ok=True)


def _host(settings: Settings, region: RegionSettings) -> dict[str, Any]:
    """Docs: architecture.md."""
    return {
        "home": str(settings.region_home(region.name)),
        "database": settings.database(f"region-{region.name}").model_dump(mode="json", exclude_none=True),
        "gateway": gateway_command(settings, region),
        "log": str(settings.home / "log" / f"{gateway_name(region)}.log"),
        "starts": str(settings.home / "run" / f"{gateway_name(region)}.json"),
    }


def _bring_news(settings: Settings, region: RegionSettings) -> None:
    files, configurations = render_region(settings, region), Configurations(settings.region_home(region.name))
    if not _stays(configurations, files):
        _bring(settings, region, files)
    if configurations.is_whole(configurations.in_force() or "", digest(files)):
        configurations.meet(digest(files), alone=True)


def _serves(settings: Settings, region: RegionSettings) -> bool:
    """Whether this software can run what is in force, and the host's own facts are in it (rule F1)."""
    configurations = Configurations(settings.region_home(region.name))
    name = configurations.in_force()
    if name is None or not configurations.is_sound(name):
        return False
    files = configurations.files(name)
    of_the_software = all(files.get(each) == text for each, text in included().items())
    return of_the_software and _is_of(configurations.path(name), region_facts(settings, region))


def _is_of(folder: Path, wanted: dict[str, Any]) -> bool:
    here = _facts(folder)
    return all(here.get(each) == wanted.get(each) for each in OF_THE_HOST)


def _stays(configurations: Configurations, files: dict[str, str]) -> bool:
    """Whether what is in force is what this host renders, or this host has met what it renders before: it was brought,
    and something else since, or it was tried and taken back.
    """
    name, full = configurations.in_force(), digest(files)
    if name is None or not configurations.is_sound(name):
        return False
    if configurations.is_whole(name, full):
        return True
    return configurations.has_met(full) and _is_of(configurations.path(name), json.loads(files["region.json"]))


def _bring(settings: Settings, region: RegionSettings, files: dict[str, str]) -> None:
    """Nothing runs yet: what Kamailio accepts is in force from now on."""
    home = settings.region_home(region.name)
    configurations = Configurations(home)
    name = configurations.add(files)
    try:
        refuse_bad(gateway_command(settings, region), home, configurations.path(name), region.address)
    except RefusedError as error:
        configurations.discard(name)
        raise ConfigurationError(f"region {region.name}: what this host renders: {error}") from error
    before = configurations.in_force()
    configurations.prepare(name)
    configurations.switch()
    configurations.forget()
    configurations.prune(before)
