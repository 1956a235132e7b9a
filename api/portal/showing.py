"""How pages are put together, and how values are written on them. All times are UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import SplitResult, urlencode, urlsplit

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block
from markupsafe import Markup, escape

from api import __version__
from api.portal.assets import asset_url, icon
from api.portal.navigation import links
from api.portal.plain import plain
from api.principal import Principal, Scope

NOTHING: Final = "\u2013"
UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def show(template: str, *live: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    """The page; or only that of its blocks named in `live` whose element the page asks for anew."""
    block = request.headers.get("HX-Target")
    if block in live:
        return render_block(template, block, **values), status
    return render_template(template, **values), status


def done(message: str, endpoint: str, **parts: Any) -> ResponseReturnValue:
    """What was asked for is done: go to another page, which says so."""
    flash(message)
    address = url_for(endpoint, **parts)
    if is_part():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def page_at(after: str | None) -> str:
    """The address of the list at hand from `after` on. `url_for` would obey a `_scheme` that somebody asks for."""
    wanted = [each for each in request.args.items(multi=True) if each[0] != "after"]
    asked = urlencode(wanted + ([("after", after)] if after else []))
    address = url_for(str(request.endpoint), **(request.view_args or {}))
    return f"{address}?{asked}" if asked else address


def is_part() -> bool:
    """Whether the answer goes into a page that is shown already."""
    return "HX-Request" in request.headers


def shown_page() -> SplitResult:
    """The page that the browser shows while it asks for a part. Its header may be anything."""
    try:
        return urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return urlsplit("")


def may(scope: str) -> bool:
    """Whether the person may do what needs `scope`; what may not be done is not shown."""
    who: Principal | None = g.get("principal")
    return who is not None and who.scope.covers(Scope(scope))


def moment(value: str | datetime | None) -> Markup:
    """A time, to the second; the whole of it for programs."""
    if value is None:
        return Markup(NOTHING)  # noqa: S704
    at = read_moment(value)
    text = at.strftime("%Y-%m-%d %H:%M:%S")
    return Markup('<time datetime="{}Z">{}</time>').format(at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3], text)


def clock(value: str | datetime | None) -> Markup:
    """A time of today without its day; of another day, with it."""
    if value is None or read_moment(value).date() != datetime.now(UTC).date():
        return moment(value)
    at = read_moment(value)
    return Markup('<time datetime="{}Z" title="{} UTC">{}</time>').format(
        at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3], at.strftime("%Y-%m-%d %H:%M:%S"), at.strftime("%H:%M:%S")
    )


def ago(value: str | datetime | None) -> str:
    """How long since, in words: 4 min."""
    return NOTHING if value is None else duration((datetime.now(UTC) - read_moment(value)).total_seconds())


def duration(seconds: float | None) -> str:
    """Seconds in at most two units: 1 h 5 min."""
    if seconds is None:
        return NOTHING
    left = max(0, int(seconds))
    said: list[str] = []
    for size, unit in UNITS:
        count, left = divmod(left, size)
        if count or (unit == "s" and not said):
            said.append(f"{count} {unit}")
        elif said:
            break
    return " ".join(said[:2])


def number(value: float | None) -> str:
    """With thin spaces between thousands."""
    return NOTHING if value is None else f"{value:,}".replace(",", "\u202f")


def or_nothing(value: Any) -> Any:
    """A dash for what is not there."""
    return NOTHING if value in (None, "") else value


def read_moment(value: str | datetime) -> datetime:
    """A time of the API's answers."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def lines(value: str) -> Markup:
    """A text with its line breaks."""
    return Markup("<br>").join(escape(line) for line in value.splitlines())


def install(portal: Blueprint) -> None:
    """What every template of `portal` knows."""
    filters = (moment, clock, ago, duration, number, or_nothing, lines, plain)

    def values() -> dict[str, Any]:
        known = {"who": g.get("principal"), "is_part": is_part(), "links": links, "may": may, "version": __version__}
        known |= {"asset": asset_url, "icon": icon, "page_at": page_at}
        return known | {"ui": current_app.jinja_env.get_template("macros.html").make_module(known)}

    portal.app_context_processor(values)
    for each in filters:
        portal.add_app_template_filter(each, each.__name__)
