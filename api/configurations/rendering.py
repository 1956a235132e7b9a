"""What a region would run now: rendered from its row, the settings as they are now, and the templates."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from pymysql.cursors import DictCursor

from api import realm
from api.configurations import store
from api.cores.store import read_cores
from api.principal import current
from api.problems import Refusal
from api.rendering import Files, TemplateError, render_cores, render_region
from api.services import services
from api.settings import RegionSettings, Settings, SettingsError
from api.work import Work
from kemi.configuration import digest
from kemi.region import in_own_network

Row = dict[str, Any]


def rendered(region: Mapping[str, Any]) -> Files:
    """The files of `region` (its `name` and `address`).

    Errors: Refusal (409) when a setting or a template cannot be used.
    """
    settings = _settings(region)
    try:
        return render_region(settings, RegionSettings(name=region["name"], address=region["address"]))
    except TemplateError as error:
        raise Refusal(409, "template-broken", f"{error}: correct the template, and render again.") from error


def core_set(cursor: DictCursor, region: str) -> str:
    """A region's cores for people. They are data, and no part of its configuration (docs/decisions/0012)."""
    return render_cores(read_cores(cursor, region))


def stored(unit: Work, region: Mapping[str, Any]) -> tuple[Row, bool]:
    """The version that holds what `region`, whose row is locked, would run now; and whether it is a new one.

    Errors: Refusal (409).
    """
    files = rendered(region)
    found = store.find_configuration(unit.cursor, region["name"], digest(files))
    if found:
        return found, False
    version = (store.newest_version(unit.cursor, region["name"]) or 0) + 1
    facts = {"region": region["name"], "version": version, "digest": digest(files)}
    store.insert_configuration(unit.cursor, facts | author() | {"files": files})
    unit.record("create", "configuration", f"{region['name']}/{version}", after=facts)
    return store.find_configuration(unit.cursor, region["name"], digest(files)) or facts, True


def author() -> Row:
    """Who asks, as the stores keep it."""
    who = current()
    return {"kind": who.kind, "id": who.id, "name": who.name}


def _settings(region: Mapping[str, Any]) -> Settings:
    """As they are in the state folder now: what was changed there comes into force by being applied."""
    try:
        settings = Settings.load(services().settings.home)
    except SettingsError as error:
        raise Refusal(409, "setting-wrong", f"{error}.") from error
    if settings.realm != services().realm:
        raise Refusal(409, "realm-fixed", f"{realm.refusal(services().realm, settings.realm)}.")
    if settings.test_limits and not (IPv4Address(region["address"]).is_loopback or in_own_network()):
        detail = f"limits.toml: {region['address']} is not a test address: hard limits cannot be changed (rules.md)."
        raise Refusal(409, "limits-fixed", detail)
    return settings
