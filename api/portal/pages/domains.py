"""Domains: the names that PBXs register with."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, read, save
from api.portal.forms import Form
from api.portal.pages.zones import zone_of
from api.portal.showing import done, show

Row = dict[str, Any]
FIELDS: Final = ("label", "name_servers", "hostmaster", "ttl")
USUAL_TTL: Final = 60
"""Seconds, as the API's."""
domains: Final = Blueprint("domains", __name__, url_prefix="/domains")


@domains.get("/")
def index() -> ResponseReturnValue:
    """The list, by name."""
    return show("domains/index.html", rows=ask("GET", "domains")["items"])


@domains.get("/_new")
def new() -> ResponseReturnValue:
    """The form for another one. No domain can have this page's name."""
    return show("domains/new.html", form=Form(ttl=USUAL_TTL))


@domains.post("")
def create() -> ResponseReturnValue:
    """Add one."""
    form = Form.sent("name", *FIELDS)
    body = {"name": form["name"]} | form.filled("hostmaster") | _body(form)
    try:
        made = ask("POST", "domains", body=body, key=form.key)
    except RefusedError as error:
        return show("domains/new.html", form=form.refused(error), status=error.status)
    said = f"Domain {made['name']} was added: store its zone, and load it into its name servers."
    return done(said, ".one", domain=made["name"])


@domains.get("/<domain>")
def one(domain: str) -> ResponseReturnValue:
    """The names that PBXs use, the zone as it should be, and its versions. What DNS answers follows by itself."""
    found = ask("GET", "domains", domain)
    regions = ask("GET", "regions")["items"] if g.principal.tenant is None else []
    return show("domains/one.html", domain=found, regions=regions, **zone_of(found["name"]))


@domains.get("/<domain>/edit")
def edit(domain: str) -> ResponseReturnValue:
    """The form for its label, and for what its zone says of itself."""
    found, tag = read("domains", domain)
    values = {name: found[name] for name in FIELDS} | {"name_servers": "\n".join(found["name_servers"])}
    return show("domains/edit.html", domain=domain, form=Form(tag, **values))


@domains.post("/<domain>/edit")
def change(domain: str) -> ResponseReturnValue:
    """Change them."""
    form = Form.sent(*FIELDS)
    try:
        save("domains", domain, body={"hostmaster": form["hostmaster"]} | _body(form), tag=form.tag)
    except RefusedError as error:
        return show("domains/edit.html", domain=domain, form=form.refused(error), status=error.status)
    return done(f"Domain {domain} was changed.", ".one", domain=domain)


@domains.get("/<domain>/remove")
def asking_to_remove(domain: str) -> ResponseReturnValue:
    """What will happen when it is removed."""
    ask("GET", "domains", domain)
    return show("domains/remove.html", domain=domain, form=Form())


@domains.post("/<domain>/remove")
def remove(domain: str) -> ResponseReturnValue:
    """Remove it."""
    ask("DELETE", "domains", domain)
    return done(f"Domain {domain} was removed: take its zone out of its name servers.", ".index")


def _body(form: Form) -> Row:
    """What the API is told, but for the hostmaster."""
    servers = [each for each in re.split(r"[\s,]+", form["name_servers"]) if each]
    return {**form.or_none("label"), "ttl": form.whole("ttl"), "name_servers": servers}
