"""A domain's zone: as it should be now, as it was stored, and what DNS answers (rules D1 and D2)."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from api.configurations.differing import differences
from api.portal.asking import RefusedError, ask
from api.portal.diffs import read_files
from api.portal.forms import Form, query
from api.portal.showing import done, show

Row = dict[str, Any]
LATEST: Final = 5
"""Versions on the domain's page; another has all."""
zones: Final = Blueprint("zones", __name__, url_prefix="/domains/<domain>")


def zone_of(domain: str) -> Row:
    """What the domain's page shows of its zone: `zone`, how it differs from the newest version, the latest versions."""
    zone = ask("GET", "domains", domain, "zone")
    latest = ask("GET", "domains", domain, "zones", query={"limit": LATEST})
    return {"zone": zone, "files": _difference(zone), "latest": latest, "form": Form()}


@zones.get("/dns")
def dns(domain: str) -> ResponseReturnValue:
    """What resolvers and name servers answer, against what should be. It takes two seconds when one is silent."""
    form = Form(resolver=request.args.get("resolver", "").strip())
    try:
        answer = ask("GET", "domains", domain, "dns", query=query("resolver"))
    except RefusedError as error:
        if not error.fields:
            raise
        return show("domains/dns.html", "dns", domain=domain, form=form.refused(error), answer=None, status=422)
    return show("domains/dns.html", "dns", domain=domain, form=form, answer=answer)


@zones.get("/check")
def check(domain: str) -> ResponseReturnValue:
    """What named-checkzone says of the zone of now."""
    return show("domains/check.html", domain=domain, checked=ask("GET", "domains", domain, "zone", "check"))


@zones.get("/versions")
def versions(domain: str) -> ResponseReturnValue:
    """All stored versions, newest first."""
    answer = ask("GET", "domains", domain, "zones", query=query("after") | {"limit": 50})
    return show("domains/versions.html", domain=domain, answer=answer)


@zones.get("/versions/new")
def asking_to_store(domain: str) -> ResponseReturnValue:
    """What would be stored."""
    return _dialog(domain, Form())


@zones.post("/versions")
def store(domain: str) -> ResponseReturnValue:
    """Store it, once named-checkzone agrees."""
    form = Form.sent()
    try:
        newest = ask("POST", "domains", domain, "zones", key=form.key)
    except RefusedError as error:
        return _dialog(domain, form.refused(error))
    said = "was stored: load it into the name servers" if newest["stored"] else "says all this: nothing was stored"
    return done(f"Version {newest['version']} {said}.", ".version", domain=domain, version=newest["version"])


@zones.get("/versions/<version>")
def version(domain: str, version: str) -> ResponseReturnValue:
    """A stored version, to be copied or downloaded, and how it differs from now."""
    found = ask("GET", "domains", domain, "zones", version)
    zone = ask("GET", "domains", domain, "zone")
    return show("domains/version.html", domain=domain, version=found, files=_compared(found, zone), zone=zone)


@zones.get("/versions/<version>/file")
def file(domain: str, version: str) -> ResponseReturnValue:
    """The same as a file for a name server."""
    found = ask("GET", "domains", domain, "zones", version)
    response = Response(found["text"], content_type="text/plain; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"reg.{found['domain']}.zone")
    return response


def _dialog(domain: str, form: Form) -> ResponseReturnValue:
    zone = ask("GET", "domains", domain, "zone")
    status = form.problem.status if form.problem else 200
    return show("domains/store.html", domain=domain, zone=zone, files=_difference(zone), form=form, status=status)


def _difference(zone: Row) -> list[Row]:
    """From the newest stored version, if there is one, to the zone of now."""
    if zone["version"] is None or not zone["changed"]:
        return []
    return _compared(ask("GET", "domains", zone["domain"], "zones", str(zone["version"])), zone)


def _compared(stored: Row, zone: Row) -> list[Row]:
    name = f"reg.{zone['domain']}.zone"
    texts = ({name: stored["text"]}, {name: zone["text"]})
    return read_files(differences(*texts, (f"version {stored['version']}", "now")))
