"""The files that a region starts from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from api.rendering import render_region
from api.service.files import private_folder, write_private
from api.service.parts import gateway_environment, kamailio
from api.settings import RegionSettings, Settings


class ConfigurationError(Exception):
    """Kamailio refuses a configuration. The text is Kamailio's first complaint."""


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
