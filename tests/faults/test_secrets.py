"""C2: after it was shown once, a password is nowhere, and HA1 only where it must be."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pymysql

from api.pbxs.kinds import KINDS
from api.settings import Settings
from tests.sip.digest import ha1
from tests.sip.network import Network
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

MISTAKEN = "WhatSomebodyTyped7"


def files(home: Path) -> Iterator[Path]:
    return (path for path in home.rglob("*") if path.is_file() and not path.is_socket())


def holders(paths: Iterator[Path], needles: list[str]) -> set[Path]:
    """The files that hold any of these texts, as bytes."""
    return {path for path in paths if _holds(path, needles)}


def _holds(path: Path, needles: list[str]) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return any(needle.encode() in data for needle in needles)


def process_texts() -> Iterator[Path]:
    """Command lines and environments of all processes of the machine."""
    return (path for name in ("cmdline", "environ") for path in Path("/proc").glob(f"[0-9]*/{name}"))


def used_credentials(service: Turnpike, network: Network) -> list[Credential]:
    """A credential and its rotation, after both were used, rightly and wrongly; a PBX had settings with each.

    They were made under an Idempotency-Key by which what was answered is kept.
    """
    made = with_key(service, "/v1/credentials", {"label": "a PBX", "pbx": "all"})
    service.settled()
    phone = network.phone(service.regions[0], made.login)
    phone.register()
    phone.wrong()
    rotated = with_key(service, f"/v1/credentials/{made.id}/rotate", {"pbx": "kamailio"})
    service.settled()
    phone.register()
    phone.login = rotated.login
    phone.register()
    until(lambda: service.events(made), 8, "events are recorded")
    return [made, rotated]


def with_key(service: Turnpike, path: str, body: dict[str, str]) -> Credential:
    """What was made; its settings hold the password."""
    headers = {"Authorization": f"Bearer {service.instance.admin_key}", "Idempotency-Key": path.replace("/", ".")}
    row = httpx.post(f"{service.instance.url}{path}", json=body, headers=headers, timeout=20, trust_env=False).json()
    assert any(row["password"] in file["text"] for file in row["settings"]["files"])
    return Credential(row["id"], row["username"], row["password"])


def tables(service: Turnpike) -> dict[str, str]:
    """All rows of all tables of MariaDB, as text."""
    place = Settings.load(service.instance.home).database("root")
    with (
        pymysql.connect(
            unix_socket=str(place.unix_socket), user=place.user, password=place.password(), database=place.name
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SHOW TABLES")
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f"SELECT * FROM `{name}`")  # noqa: S608
            found[name] = str(cursor.fetchall())
        return found


def answers(service: Turnpike, credential: Credential) -> str:
    """All that the API says of it afterwards."""
    paths = ["/v1/credentials", f"/v1/credentials/{credential.id}", "/v1/bindings", "/v1/events", "/v1/blocks"]
    paths += [
        "/v1/audit",
        f"/v1/credentials/{credential.id}/timeline",
        *(f"/v1/credentials/{credential.id}/settings?pbx={kind}" for kind in KINDS),
    ]
    return json.dumps([service.api.one("GET", path) for path in paths])


def test_C2_a_password_is_nowhere_and_ha1_only_where_it_must_be(service: Turnpike, network: Network) -> None:
    home = service.instance.home
    used = used_credentials(service, network)
    passwords = [each.password for each in used]
    proofs = [ha1(each.username, service.realm, each.password) for each in used]
    assert holders(files(home), passwords) == set()
    assert holders(process_texts(), passwords + proofs) == set()
    told = answers(service, used[0])
    assert [secret for secret in passwords + proofs if secret in told] == []
    rows = tables(service)
    assert [name for name, text in rows.items() if any(password in text for password in passwords)] == []
    assert {name for name, text in rows.items() if any(proof in text for proof in proofs)} == {"credential"}
    kept = holders(files(home), proofs)
    assert kept, "the search finds nothing at all: is this the right folder?"
    assert {path for path in kept if path.parent.name in ("log", "journal")} == set()
    assert {path for path in kept if readable_by_others(path, home)} == set()


def mistaken_requests(service: Turnpike) -> Iterator[httpx.Response]:
    """Every request of the API with a password where somebody might think that it belongs."""
    headers = {"Authorization": f"Bearer {service.instance.admin_key}"}
    with httpx.Client(base_url=service.instance.url, headers=headers, timeout=20) as client:
        for path, methods in client.get("/openapi.json").json()["paths"].items():
            place = re.sub(r"{\w+}", "none", path)
            for method, operation in methods.items():
                if "security" not in operation:  # parameters that are the path's
                    continue
                for media_type in [None, *operation.get("requestBody", {}).get("content", {})]:
                    yield client.request(method, place, **mistaken(media_type))


def mistaken(media_type: str | None) -> dict[str, Any]:
    """A password in the query, or in a body of that type."""
    if media_type is None:
        return {"params": {"password": MISTAKEN}}
    body = f'{{"password": "{MISTAKEN}"}}' if "json" in media_type else f"password\r\n{MISTAKEN}\r\n"
    return {"content": body, "headers": {"Content-Type": media_type}}


def test_C2_a_password_in_any_request_is_refused_and_kept_nowhere(service: Turnpike) -> None:
    answers = list(mistaken_requests(service))
    assert len(answers) > 60
    refused = [answer for answer in answers if answer.status_code in (415, 422)]
    assert [(answer.request.method, answer.url.path) for answer in answers if answer not in refused] == []
    assert [answer.url.path for answer in answers if MISTAKEN in answer.text] == []
    log = service.instance.home / "log" / "api.log"
    until(lambda: answers[-1].headers["X-Request-ID"] in log.read_text(), 5, "the last request is in the log")
    assert holders(files(service.instance.home), [MISTAKEN]) == set()
    assert [name for name, text in tables(service).items() if MISTAKEN in text] == []


def readable_by_others(path: Path, home: Path) -> bool:
    """Whether neither the file nor a folder between it and the state folder keeps others out."""
    within = [path, *[parent for parent in path.parents if parent.is_relative_to(home) and parent != home]]
    return all(each.stat().st_mode & (0o004 if each == path else 0o001) for each in within)
