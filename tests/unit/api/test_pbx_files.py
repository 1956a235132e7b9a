"""The files of every kind of PBX, for any number of regions, with and without a domain."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from jinja2 import UndefinedError

from api.pbxs.kinds import KINDS, Kind
from api.pbxs.rendering import render
from api.pbxs.trunk import PLACEHOLDER, Place, Trunk, trunk

USERNAME, PASSWORD = "k3v8n2mq7x4t", "b7TqZk4mWx9RfHn3vCs8YpLd"
NAMES = ("se1", "nw1", "eu-3", "ap--1")
SHEETS = [kind for kind in KINDS.values() if not kind.ready]
ROW = re.compile(r"  (\S(?:.*?\S)?) {2,}(\S.*)")
GATEWAY = {
    "username": USERNAME,  # R2: authentication user, To and From are one name
    "password": PASSWORD,
    "from-user": USERNAME,  # R2: else FreeSWITCH may take another
    "register": "true",
    "register-transport": "udp",  # W1: TCP is off
    "expire-seconds": "300",  # R5; with 60 it would come every 47 seconds, and meet 429 each time (R4)
    "retry-seconds": "30",  # R4: less would only meet the same refusal
    "ping": "30",  # a region that is silent gets no calls meanwhile
    "caller-id-in-from": "true",  # O1: From is the caller's, and passes
    "extension": "auto_to_user",  # I4: the number that was called, not the username
    "extension-in-contact": "false",  # its Contact would have auto_to_user for a user
    "context": "public",
}


def regions(count: int) -> list[dict[str, str]]:
    """So many in service, one that is draining and one that is out."""
    states = [*((name, "in-service") for name in NAMES[:count]), ("aa9", "draining"), ("zz9", "out")]
    return [{"name": name, "address": f"192.0.2.{n}", "state": state} for n, (name, state) in enumerate(states, 1)]


def made(count: int = 2, domain: str | None = "example.net", password: str | None = PASSWORD) -> Trunk:
    return trunk(USERNAME, password, domain, regions(count))


def texts(kind: Kind, wanted: Trunk) -> dict[str, str]:
    return {file.name: file.text for file in render(kind, wanted)}


every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
every_size = pytest.mark.parametrize("count", [1, 2, 3, 4])
any_domain = pytest.mark.parametrize("domain", ["example.net", None])


@every_kind
@every_size
@any_domain
def test_D1_a_pbx_finds_every_region_in_service_and_no_other(kind: Kind, count: int, domain: str | None) -> None:
    files = texts(kind, made(count, domain))
    text = "".join(files.values())
    for row in regions(count):
        found = f"{row['name']}.reg.example.net" if domain else row["address"]
        served = row["state"] == "in-service" and (kind.several or not domain)
        assert (re.search(rf"(?<![\w.-]){re.escape(found)}(?![\w.-]*\w)", text) is not None) == served
    assert ("reg.example.net" in text) == bool(domain)
    assert not domain or "192.0.2." not in text
    assert tuple(files) == kind.files


@every_kind
@any_domain
def test_the_same_trunk_gives_the_same_files(kind: Kind, domain: str | None) -> None:
    again = trunk(USERNAME, PASSWORD, domain, list(reversed(regions(3))))
    assert render(kind, made(3, domain)) == render(kind, again)


@every_kind
@any_domain
def test_C2_a_password_that_is_not_known_has_its_place_marked(kind: Kind, domain: str | None) -> None:
    told, untold = "".join(texts(kind, made(2, domain)).values()), "".join(texts(kind, made(2, domain, None)).values())
    assert PASSWORD in told
    assert PLACEHOLDER not in told
    assert "shown once" not in told
    assert PLACEHOLDER in untold
    assert "shown once: enter it in" in untold
    assert told.count(PASSWORD) == untold.count(PLACEHOLDER) - 1, "once more, where it says what to do"


@every_kind
@every_size
@any_domain
def test_W5_no_file_tells_what_the_service_runs(kind: Kind, count: int, domain: str | None) -> None:
    text = "".join(texts(kind, made(count, domain)).values()).lower()
    assert "turnpike" not in text
    assert kind.key == "kamailio" or "kamailio" not in text


@every_kind
@every_size
@any_domain
def test_files_are_tidy(kind: Kind, count: int, domain: str | None) -> None:
    for text in texts(kind, made(count, domain)).values():
        assert text.endswith("\n")
        assert "\n\n\n" not in text
        assert not re.search(r"[ \t]\n|[\x00-\x09\x0b-\x1f\x7f]|{{|}}|{%|None|Undefined", text)


@pytest.mark.parametrize("kind", SHEETS, ids=[kind.key for kind in SHEETS])
@every_size
@any_domain
def test_every_field_of_a_sheet_has_a_label_and_a_value(kind: Kind, count: int, domain: str | None) -> None:
    (text,) = texts(kind, made(count, domain)).values()
    rows = [ROW.fullmatch(line) for line in text.splitlines() if line.startswith(" ")]
    assert all(rows), text
    fields = [(row[1], row[2]) for row in rows if row]
    assert len(fields) > 10
    labels = {label for label, _ in fields}
    wanted = {label for topic, label in kind.fields.items() if topic != "from_user"}
    if kind.key != "plain":
        assert wanted <= labels
    assert {USERNAME, PASSWORD} <= {value for _, value in fields}


def gateways(wanted: Trunk) -> Iterator[tuple[str, dict[str, str]]]:
    (text,) = texts(KINDS["freeswitch"], wanted).values()
    root = ElementTree.fromstring(text)  # noqa: S314 -- of our own making
    assert root.tag == "include"
    for gateway in root:
        assert gateway.tag == "gateway"
        parameters = [(each.attrib["name"], each.attrib["value"]) for each in gateway]
        assert {each.tag for each in gateway} == {"param"}
        assert len(dict(parameters)) == len(parameters)
        yield gateway.attrib["name"], dict(parameters)


@every_size
@any_domain
def test_R4_freeswitch_has_every_parameter_that_it_needs(count: int, domain: str | None) -> None:
    wanted = made(count, domain)
    found = list(gateways(wanted))
    assert [name for name, _ in found] == [f"trunk-{place.name}" for place in wanted.places]
    for (_, parameters), place in zip(found, wanted.places, strict=True):
        own = {"proxy": f"{place.host}:5060", "from-domain": "reg.example.net" if domain else place.host}
        assert parameters == GATEWAY | own


def sections(text: str) -> list[tuple[str, dict[str, str]]]:
    """Those of pjsip.conf, where several have one name and differ in their type."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if line.startswith("["):
            found.append((line.strip("[]"), {}))
        elif line and not line.startswith(";"):
            key, _, value = line.partition("=")
            assert key not in found[-1][1]
            found[-1][1][key] = value
    return found


@every_size
@any_domain
def test_R8_asterisk_registers_in_each_region_and_never_gives_up(count: int, domain: str | None) -> None:
    wanted = made(count, domain)
    (text,) = texts(KINDS["asterisk"], wanted).values()
    found = sections(text)
    assert len({(name, section["type"]) for name, section in found}) == len(found)
    registrations = [section for _, section in found if section["type"] == "registration"]
    assert [each["server_uri"] for each in registrations] == [f"sip:{place.host}:5060" for place in wanted.places]
    tolerant = {
        "fatal_retry_interval": "30",
        "forbidden_retry_interval": "30",
        "retry_interval": "30",
        "expiration": "300",
    }
    for each in registrations:
        assert each.items() >= (tolerant | {"max_retries": "10000", "auth_rejection_permanent": "no"}).items()
        assert (each["endpoint"], "endpoint") in [(name, section["type"]) for name, section in found]


def test_D1_asterisk_calls_by_SRV_without_a_port() -> None:
    (text,) = texts(KINDS["asterisk"], made(3)).values()
    found = sections(text)
    assert [section["contact"] for _, section in found if section["type"] == "aor"] == ["sip:reg.example.net"]
    matched = [section["match"] for _, section in found if section["type"] == "identify"]
    assert matched == ["eu-3.reg.example.net,nw1.reg.example.net,se1.reg.example.net"]


@pytest.mark.parametrize("text", ["a\nb", "a b", "a;b", 'a"b', "a<b", "a&b", "a]b", "a:b", "a{{b", "", "é"])
def test_what_could_be_more_than_a_name_is_in_no_file(text: str) -> None:
    place = Place("nw1", "192.0.2.1")
    for wrong in (
        {"username": text},
        {"password": text},
        {"domain": text},
        {"server": text},
        {"places": (Place(text, "192.0.2.1"),)},
        {"places": (Place("nw1", text),)},
    ):
        values = {
            "username": USERNAME,
            "password": PASSWORD,
            "domain": None,
            "server": None,
            "places": (place,),
        } | wrong
        with pytest.raises(ValueError, match="cannot stand in the settings"):
            Trunk(**values)  # type: ignore[arg-type]


def test_a_name_that_a_template_misspells_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Trunk, "known")
    with pytest.raises(UndefinedError):
        render(KINDS["plain"], made())
