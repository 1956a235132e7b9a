"""How the service is: what each part, each region and the API say of themselves at this moment."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

import pymysql

from api.database import connection_arguments
from api.regions.store import OUT, read_region
from api.service import sip
from api.service.supervisor import State, Supervisor
from api.settings import RegionSettings, Settings

FRESH: Final = 5.0
"""Seconds. A gateway's pulse that is older says that it stands still."""


class KeyRefusedError(Exception):
    """There is no key to ask the API with. The text is one line that says what to do."""


@dataclass(frozen=True)
class Region:
    """One region. `options` is the SIP status that its gateway answers.

    `agent` says whether the API hears its agent; None when there is no key to ask with.
    """

    name: str
    address: str
    options: int | None
    pulse: dict[str, Any] | None
    snapshot: bool
    agent: bool | None

    @property
    def serves(self) -> bool:
        """Whether PBXs can register: the gateway answers and knows the credentials."""
        return self.options == 200 and self.snapshot


@dataclass(frozen=True)
class Heard:
    """What the API says: `api` whether it answers, `agents` whether each region is ready, None when unasked.

    A host of regions only has no API: MariaDB tells how its agents are.
    """

    api: bool | None
    agents: dict[str, bool] | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Status:
    """The whole instance."""

    home: str
    running: bool
    test_limits: bool
    api: str | None
    api_answers: bool | None
    parts: list[State] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What somebody should put right although everything works."""

    @property
    def problems(self) -> list[str]:
        """What is missing until all is ready, a line each."""
        if not self.running:
            return ["not running: start it with ./turnpike up"]
        return [
            *(
                f"{each.name} is {each.state.lower()}: see ./turnpike logs {each.name}"
                for each in self.parts
                if _ill(each)
            ),
            *(problem for region in self.regions for problem in _problems(region)),
            *(
                []
                if self.api is None or self.api_answers
                else [f"the API does not answer at {self.api}: see ./turnpike logs api"]
            ),
        ]

    @property
    def ready(self) -> bool:
        """Whether everything works."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"ready": self.ready, "problems": self.problems, **asdict(self)}


def _ill(part: State) -> bool:
    return part.state != "RUNNING" and not part.done


def _problems(region: Region) -> list[str]:
    wrong = []
    if region.options != 200:
        wrong.append(f"{region.name}'s gateway does not answer: see ./turnpike logs {region.name}-gateway")
    elif not region.snapshot:
        wrong.append(f"{region.name} knows no credentials yet: see ./turnpike logs {region.name}-agent")
    if region.agent is False:
        wrong.append(f"{region.name}'s agent does not reach MariaDB: see ./turnpike logs {region.name}-agent")
    return wrong


def gather(settings: Settings) -> Status:
    """Asks everybody at the same time; takes about a second when a gateway is silent."""
    url = f"http://{settings.api_address}:{settings.api_port}" if settings.control else None
    with ThreadPoolExecutor() as pool:
        hearing = pool.submit(hear, settings)
        codes = list(pool.map(lambda region: sip.options(region.address), settings.regions))
        heard = hearing.result()
    regions = [_region(settings, *each, heard) for each in zip(settings.regions, codes, strict=True)]
    states = _states(settings)
    return Status(
        str(settings.home),
        bool(states),
        settings.test_limits,
        url,
        heard.api,
        states,
        regions if states else [],
        heard.notes if states else [],
    )


def _states(settings: Settings) -> list[State]:
    try:
        return Supervisor(settings.home).states()
    except ConnectionError:
        return []


def _region(settings: Settings, region: RegionSettings, code: int | None, heard: Heard) -> Region:
    pulse = _pulse(settings, region)
    snapshot = bool(pulse and pulse.get("snapshot"))
    agent = None if heard.agents is None else heard.agents.get(region.name, False)
    return Region(region.name, region.address, code, pulse, snapshot, agent)


def _pulse(settings: Settings, region: RegionSettings) -> dict[str, Any] | None:
    """What the gateway's timer process wrote last, unless that is too long ago."""
    try:
        pulse = json.loads((settings.region_home(region.name) / "pulse.json").read_text())
    except (OSError, ValueError):
        return None
    return pulse if isinstance(pulse, dict) and time.time() - pulse.get("at", 0) / 1000 < FRESH else None


def hear(settings: Settings) -> Heard:
    """Without a usable key the API's health is all there is to know."""
    if not settings.control:
        return Heard(None, {region.name: _is_ready(settings, region.name) for region in settings.regions})
    try:
        _get(settings, "/v1/health", None)
        return _heard(settings)
    except KeyRefusedError as error:
        return Heard(True, None, [str(error)])
    except (OSError, ValueError, KeyError, TypeError, HTTPException):
        return Heard(False, {})


def _is_ready(settings: Settings, name: str) -> bool:
    """What MariaDB says, asked as the region's own account."""
    account = settings.database(f"region-{name}")
    try:
        with (
            pymysql.connect(database=account.name, **connection_arguments(account)) as connection,
            connection.cursor() as cursor,
        ):
            found = read_region(cursor, name)
    except (pymysql.MySQLError, OSError):
        return False
    return found is not None and bool(found["ready"])


def _heard(settings: Settings) -> Heard:
    file = settings.home / "secrets" / "admin.key"
    try:
        key = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise KeyRefusedError(f"{file} cannot be read ({error.strerror}): put a usable key there") from error
    regions = _get(settings, "/v1/regions", key)["items"]
    own = {region.name for region in settings.regions}
    away = [each["name"] for each in regions if not each["ready"] and each["name"] not in own and each["state"] != OUT]
    notes = [f"region {name}, which another host runs, is not ready: see ./turnpike status there" for name in away]
    return Heard(True, {each["name"]: bool(each["ready"]) for each in regions}, notes)


def _get(settings: Settings, path: str, key: str | None) -> Any:
    """The API's answer. Errors: KeyRefusedError (401); OSError, HTTPException or ValueError when it is not 200."""
    with closing(HTTPConnection(settings.api_address, settings.api_port, timeout=3)) as wire:
        wire.request("GET", path, headers={} if key is None else {"Authorization": f"Bearer {key}"})
        answer = wire.getresponse()
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise KeyRefusedError("the key in secrets/admin.key is revoked: put a usable one there")
        if answer.status != HTTPStatus.OK:
            raise ValueError(answer.reason)
        return json.loads(answer.read())
