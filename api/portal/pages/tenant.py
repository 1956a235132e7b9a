"""One tenant: whom to ask, what it has, what it used, and its call records as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from flask import request
from flask.typing import ResponseReturnValue

from api.portal.asking import Query, RefusedError, ask, download
from api.portal.charts import usage_charts
from api.portal.forms import Form
from api.portal.pages.tenants import tenants
from api.portal.periods import WrongPeriodError, last_months, period_of
from api.portal.showing import show

__all__ = ("tenants",)
DAYS: Final = 30
"""Of usage, today included."""
FEW: Final = 6
"""Credentials and numbers on the page; the rest is in their lists."""


@tenants.get("/<account_id>")
def one(account_id: str) -> ResponseReturnValue:
    """Its page."""
    return _page(account_id, Form())


@tenants.get("/<account_id>/calls.csv")
def records(account_id: str) -> ResponseReturnValue:
    """Its call records of a month, or from a day to a day (both included), as a file."""
    return _file(
        account_id, "calls", "cdrs.csv", lambda first, end: {"since": f"{first}T00:00:00Z", "until": f"{end}T00:00:00Z"}
    )


@tenants.get("/<account_id>/usage.csv")
def usage(account_id: str) -> ResponseReturnValue:
    """What they add up to by day and direction, as a file."""
    return _file(
        account_id, "usage", "usage.csv", lambda first, end: {"since": first, "until": end - timedelta(days=1)}
    )


def _file(account_id: str, name: str, path: str, span: Callable[[date, date], Query]) -> ResponseReturnValue:
    """The API's file of the days that were chosen; `span` asks for them by the first, and the one after the last."""
    form = Form(**{name: request.args.get(name, "").strip() for name in ("month", "since", "until")})
    try:
        first, end = period_of(form["month"], form["since"], form["until"])
    except WrongPeriodError as error:
        return _page(account_id, form.refused(RefusedError(422, error.problem)), 422)
    tenant, last = ask("GET", "tenants", account_id)["account_id"], end - timedelta(days=1)
    response = download(path, query={"tenant": tenant, **span(first, end)})
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}-{tenant}-{first}-to-{last}.csv")
    return response


def _page(account_id: str, form: Form, status: int = 200) -> ResponseReturnValue:
    tenant = ask("GET", "tenants", account_id)
    own = {"tenant": tenant["account_id"]}
    today = datetime.now(UTC).date()
    first = today - timedelta(days=DAYS - 1)
    usage = ask("GET", "usage", query=own | {"since": first, "until": today, "limit": 500})["items"]
    return show(
        "tenants/one.html",
        status=status,
        tenant=tenant,
        credentials=ask("GET", "credentials", query=own | {"limit": FEW})["items"],
        numbers=ask("GET", "numbers", query=own | {"limit": FEW})["items"],
        charts=usage_charts(usage, first, DAYS),
        totals=_totals(usage),
        form=form,
        months=_months(today),
    )


def _months(today: date) -> list[tuple[str, str]]:
    return [(day.strftime("%Y-%m"), day.strftime("%B %Y")) for day in last_months(today)]


def _totals(usage: list[dict[str, Any]]) -> Mapping[str, Any]:
    """What the days add up to; `share` of the attempts that were answered, in percent, None without any."""
    calls, answered = (sum(row[name] for row in usage) for name in ("calls", "answered"))
    return {
        "calls": calls,
        "answered": answered,
        "share": round(100 * answered / calls) if calls else None,
        "minutes": round(sum(row["seconds"] for row in usage) / 60),
    }
