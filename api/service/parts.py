"""The parts of one instance: what each is started as, and in which order they stop."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from shutil import which
from typing import Final

from api.service import mariadb
from api.settings import RegionSettings, Settings
from kemi.region import CHOSEN, HOME

PYTHON: Final = sys.executable
SEARCH_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ALLOCATOR: Final = "fm"
"""Kamailio's fast allocator: a quarter less CPU for each registration than the packaged default."""
API: Final = "api"
HOUSEKEEPER: Final = "housekeeper"
KEEP_ALIVE: Final = "75"
"""Seconds; a client that asks every few seconds must not meet a connection that is being closed."""
ACCESS_LOG: Final = "%(t)s %(h)s %(m)s %(U)s %(s)s %(M)s ms %({x-request-id}o)s"
"""No query: what was sent there by mistake may be a secret."""
SHARED_MEMORY: Final = "512"
"""Megabytes that a gateway may fill with credentials and bindings; taken from the machine only as they are used."""
PRIVATE_MEMORY: Final = "16"
"""Megabytes of each of a gateway's processes."""


class MissingProgramError(Exception):
    """A program is not installed. The text says which package brings it."""


@dataclass(frozen=True)
class Part:
    """A process that the supervisor keeps alive.

    `rank` orders the stop: the highest first. `grace` is how many seconds a part gets to end by itself.
    """

    name: str
    command: list[str]
    rank: int
    grace: int
    environment: dict[str, str] = field(default_factory=dict)
    at_once: bool = True
    forever: bool = True
    link: str = ""
    """A symbolic link in command and environment, which stands for what it names when the part starts."""


def parts(settings: Settings) -> list[Part]:
    """All parts of the instance. Errors: MissingProgramError."""
    regions = [part for region in settings.regions for part in (_gateway(settings, region), _agent(settings, region))]
    if not settings.control:
        return regions
    database = [_mariadb(settings)] if settings.mariadb.private else []
    return [*database, *regions, _setup(), _api(settings), _housekeeper()]


def program(name: str, package: str) -> str:
    """The path of an installed program."""
    path = which(name, path=SEARCH_PATH)
    if path is None:
        raise MissingProgramError(
            f"{name} is missing: run ./turnpike as root, it installs the Debian package {package}"
        )
    return path


def gateway_environment(settings: Settings, region: RegionSettings) -> dict[str, str]:
    """What the Python inside Kamailio, and the agent, need to find their files."""
    return {"PYTHONPATH": str(settings.code), HOME: str(settings.region_home(region.name))}


def gateway_command(settings: Settings, region: RegionSettings) -> list[str]:
    """Kamailio as this host starts it, but for the configuration. Errors: MissingProgramError."""
    places = {
        "TURNPIKE_GATEWAY": settings.code / "kemi" / "gateway.py",
        "TURNPIKE_DISPATCHER": settings.region_home(region.name) / "dispatcher.list",
    }
    defines = [part for name, place in places.items() for part in ("-A", f'{name}="{place}"')]
    memory = ["-x", ALLOCATOR, "-X", ALLOCATOR, "-m", SHARED_MEMORY, "-M", PRIVATE_MEMORY]
    return [kamailio(), "-E", *memory, "-n", str(settings.workers), *defines]


def kamailio() -> str:
    """Kamailio's path. Errors: MissingProgramError."""
    return program("kamailio", "kamailio")


def _mariadb(settings: Settings) -> Part:
    return Part("mariadb", [program("mariadbd", "mariadb-server"), *mariadb.options(settings)], rank=10, grace=25)


def _gateway(settings: Settings, region: RegionSettings) -> Part:
    current = str(settings.region_home(region.name) / "current")
    return Part(
        gateway_name(region),
        [*gateway_command(settings, region), "-DD", "-f", f"{current}/kamailio.cfg"],
        rank=30,
        grace=0,
        environment={**gateway_environment(settings, region), CHOSEN: current},
        link=current,
    )


def gateway_name(region: RegionSettings) -> str:
    """The part's."""
    return f"{region.name}-gateway"


def _agent(settings: Settings, region: RegionSettings) -> Part:
    """Waits for its database account at an instance's first start; afterwards it runs whether MariaDB does or not."""
    return Part(
        f"{region.name}-agent",
        [PYTHON, "-P", "-m", "kemi.agent"],
        rank=20,
        grace=10,
        environment=gateway_environment(settings, region),
        at_once=settings.database(f"region-{region.name}").password_file.exists(),
    )


def _setup() -> Part:
    return Part("setup", [PYTHON, "-m", "api.service.setup"], rank=50, grace=2, forever=False)


def _housekeeper() -> Part:
    return Part(HOUSEKEEPER, [PYTHON, "-m", "api.housekeeping"], rank=40, grace=10, at_once=False)


def _api(settings: Settings) -> Part:
    command = [
        PYTHON,
        "-m",
        "gunicorn",
        "--worker-class",
        "gthread",
        "--workers",
        "2",
        "--threads",
        "8",
        "--keep-alive",
        KEEP_ALIVE,
        "--no-control-socket",
        "--access-logfile",
        "-",
        "--access-logformat",
        ACCESS_LOG,
    ]
    bind = ["--bind", f"{settings.api_address}:{settings.api_port}", "--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return Part(API, [*command, *bind, "api.wsgi:application()"], rank=40, grace=10, at_once=False)
