"""One credential: whether its trunk works and why not, what it has registered, what came of it, its calls."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask
from api.portal.drawing.happenings import Happening, happenings, moment, summary
from api.portal.drawing.shapes import NARROW, WIDE, Picture
from api.portal.drawing.timeline import draw
from api.portal.showing import show

Row = dict[str, Any]
WINDOWS: Final = {"10min": ("10 min", 600), "1h": ("1 h", 3600), "3h": ("3 h", 10_800)}
"""What the picture shows: words and seconds, by the name in the page's address."""
FIRST_WINDOW: Final = "1h"
MOST_HAPPENINGS: Final = 40
RECENT: Final = 10
RECENT_EVENTS: Final = 6
"""Rows of a list whose rest is another page's."""
MOST_LIVE: Final = 25

credential: Final = Blueprint("credential", __name__, url_prefix="/credentials")


class Seen:
    """What the API knows of a credential; a part of the page asks for what it shows, and for nothing else."""

    def __init__(self, credential_id: str, window: str) -> None:
        self.id = credential_id
        self.window = window if window in WINDOWS else FIRST_WINDOW
        self.seconds = WINDOWS[self.window][1]

    @cached_property
    def credential(self) -> Row:
        """With its bindings, and what it uses of its limits in each region."""
        return self._ask("credentials", self.id)

    @cached_property
    def regions(self) -> list[Row]:
        """Each with its use, and its binding or None."""
        bindings = {each["region"]: each for each in self.credential["bindings"]}
        return [each | {"binding": bindings.get(each["region"])} for each in self.credential["use"]]

    @cached_property
    def limits(self) -> Row:
        """The hard limits."""
        return self._ask("limits")

    @cached_property
    def blocks(self) -> Any:
        """Those in force that name it."""
        return self._list("blocks", RECENT)["items"]

    @cached_property
    def calls(self) -> Row:
        """Calls in progress."""
        return self._list("calls", MOST_LIVE)

    @cached_property
    def cdrs(self) -> Any:
        """The newest records of its calls."""
        return self._list("cdrs", RECENT)["items"]

    @cached_property
    def events(self) -> Any:
        """The newest events."""
        return self._list("events", RECENT_EVENTS)["items"]

    @cached_property
    def numbers(self) -> Row:
        """Those that ring its PBX."""
        return self._list("numbers", RECENT)

    @cached_property
    def timeline(self) -> Row:
        """Of the hours that the window needs."""
        return self._ask("credentials", self.id, "timeline", query={"hours": -(-self.seconds // 3600)})

    @property
    def pictures(self) -> list[Picture]:
        """For wide and for narrow screens: text that is scaled down cannot be read."""
        return [draw(self.timeline, self.seconds, size) for size in (WIDE, NARROW)]

    @cached_property
    def happenings(self) -> list[Happening]:
        """What the picture shows, in sentences, newest first."""
        return happenings(self.timeline, self._since)

    @property
    def summary(self) -> str:
        """The picture in words."""
        return summary(self.timeline, self._since)

    @property
    def _since(self) -> Any:
        return moment(self.timeline["until"]) - timedelta(seconds=self.seconds)

    def _list(self, name: str, limit: int) -> Row:
        return self._ask(name, query={"credential": self.id, "limit": limit})

    def _ask(self, *path: str, query: Row | None = None) -> Row:
        answer: Row = ask("GET", *path, query=query)
        return answer


@credential.get("/<credential_id>")
def one(credential_id: str) -> ResponseReturnValue:
    """A credential's page; of its parts, each is shown anew by itself."""
    seen = Seen(credential_id, request.args.get("window", FIRST_WINDOW))
    values: Row = {"windows": WINDOWS, "most": MOST_HAPPENINGS, "way": way}
    return show("credential/one.html", "standing", "now", "timeline", "past", seen=seen, **values)


@credential.get("/<credential_id>/diagnosis")
def diagnosis(credential_id: str) -> ResponseReturnValue:
    """Why the trunk is down. It asks resolvers, which may take a second: so the page loads it when it is there."""
    found = ask("GET", "credentials", credential_id, "diagnosis")
    return show("credential/diagnosis.html", "diagnosis", found=found)


@credential.get("/<credential_id>/settings")
def settings(credential_id: str) -> ResponseReturnValue:
    """What to enter in each kind of PBX, without the password; or why there are none."""
    domain = request.args.get("domain") or None
    names = {each["key"]: each["name"] for each in ask("GET", "pbxs")["items"]}
    domains = [each["name"] for each in ask("GET", "domains")["items"]]
    values: Row = {"names": names, "domains": domains, "credential_id": credential_id}
    try:
        found = ask("GET", "credentials", credential_id, "settings", query={"pbx": "all", "domain": domain})
    except RefusedError as error:
        if error.status != 409:
            raise
        return show("credential/settings.html", "settings", found=None, problem=error.detail, **values)
    return show("credential/settings.html", "settings", found=found, problem=None, **values)


def way(endpoint: str, **parts: Any) -> str | None:
    """The address of another page, None as long as the portal has none of that name."""
    return url_for(endpoint, **parts) if endpoint in current_app.view_functions else None
