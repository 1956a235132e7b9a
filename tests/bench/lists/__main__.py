"""Every list, filter and page of the API with as many rows as a large deployment has: how long it takes."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

import click
from flask import Flask
from flask.testing import FlaskClient
from rich.console import Console
from rich.progress import Progress, track

from api.application import create_app
from api.first_start import prepare
from api.limits import RateSettings
from api.services import NAME
from api.settings import Settings
from tests.bench.lists import samples
from tests.bench.lists.asking import Timing, cases, measured
from tests.bench.lists.filling import Sizes, fill
from tests.bench.lists.place import FILLING, connected, running, settings_in

REGIONS = ("nw1", "se1")
MOST = 50.0
"""Milliseconds at the median that no list may take."""
FILLED = "filled.json"


def filled(settings: Settings, sizes: Sizes) -> None:
    """Make the rows, unless the folder holds just those."""
    mark = settings.home / FILLED
    if mark.exists() and json.loads(mark.read_text()) == asdict(sizes):
        return
    mark.unlink(missing_ok=True)
    shutil.rmtree(settings.home / "mariadb", ignore_errors=True)
    with running(settings, *FILLING):
        prepare(settings)
        with connected(settings) as cursor, Progress(console=Console(stderr=True)) as progress:
            fill(cursor, sizes, progress)
    mark.write_text(json.dumps(asdict(sizes)))


def measure(settings: Settings, times: int, only: str) -> list[Timing]:
    """All cases whose text holds `only`, the slowest first."""
    app = create_app(settings.model_copy(update={"rates": RateSettings(requests=10**9, strangers=10**9)}))
    try:
        clients = _clients(app, settings)
        document = clients[None].get("/openapi.json").get_json()
        asked = [case for bound in (False, True) for case in cases(document, bound) if only in str(case)]
        with connected(settings) as cursor:
            cursor.execute("UPDATE binding SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 DAY")
            found = [
                measured(clients[case.tenant], cursor, case, times)
                for case in track(asked, "asking", console=Console(stderr=True))
            ]
    finally:
        app.extensions[NAME].database.close()
    return sorted(found, key=lambda timing: -timing.median)


def _clients(app: Flask, settings: Settings) -> dict[str | None, FlaskClient]:
    """An administrator's, and one for each tenant that asks."""
    clients: dict[str | None, FlaskClient] = {}
    key = (settings.home / "secrets" / "admin.key").read_text().strip()
    for tenant in (None, *samples.TENANTS):
        clients[tenant] = app.test_client()
        clients[tenant].environ_base["HTTP_AUTHORIZATION"] = (
            f"Bearer {key if tenant is None else _key(clients, tenant)}"
        )
    return clients


def _key(clients: Mapping[str | None, FlaskClient], tenant: str) -> str:
    made = clients[None].post("/v1/keys", json={"label": "measuring", "scope": "read", "tenant": tenant}).get_json()
    return str(made["key"])


def report(timings: Sequence[Timing], rows: int | None) -> None:
    """A table in Markdown: the slowest `rows`, or all."""
    click.echo("| ms at the median | p95 | rows | request | as | index |\n|---|---|---|---|---|---|")
    for each in timings[:rows]:
        who = each.case.tenant or ""
        click.echo(f"| {each.median:.1f} | {each.p95:.1f} | {each.rows} | `{each.case}` | {who} | {each.index} |")
    click.echo("\n| list | requests | slowest, ms at the median | half take less than |\n|---|---|---|---|")
    for path in sorted({each.case.path for each in timings}):
        own = [each.median for each in timings if each.case.path == path]
        click.echo(f"| `{path}` | {len(own)} | {max(own):.1f} | {median(own):.1f} |")
    slow = sum(each.median >= MOST for each in timings)
    click.echo(f"\n{len(timings)} requests, {slow} of them slower than {MOST:.0f} ms at the median")


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="keep the filled folder here, or use it again")
@click.option("--tenants", default=2_000, show_default=True)
@click.option("--credentials", default=100_000, show_default=True)
@click.option("--numbers", default=100_000, show_default=True)
@click.option("--bindings", default=100_000, show_default=True)
@click.option("--blocks", default=20_000, show_default=True)
@click.option("--audit", default=100_000, show_default=True)
@click.option("--events", default=1_000_000, show_default=True)
@click.option("--cdrs", default=5_000_000, show_default=True)
@click.option("--live", default=200, show_default=True, help="calls in progress, among those")
@click.option("--times", default=15, show_default=True, help="how often each request is sent")
@click.option("--only", default="", help="only requests whose text holds this")
@click.option("--rows", type=int, help="how many rows the table has; all unless told")
def main(home: Path | None, times: int, only: str, rows: int | None, **sizes: int) -> None:
    """Fill a MariaDB of its own, ask every list, and fail when one takes 50 ms or more."""
    with tempfile.TemporaryDirectory(prefix="tp-lists-") as folder:
        settings = settings_in(home or Path(folder), REGIONS)
        filled(settings, Sizes(**sizes))
        with running(settings):
            prepare(settings)
            timings = measure(settings, times, only)
    report(timings, rows)
    if not timings or timings[0].median >= MOST:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
