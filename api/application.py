"""The Flask application, put together."""

from __future__ import annotations

from typing import Final

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from api import replays, request_ids, services
from api.applying import Applying
from api.audit.routes import audit
from api.auth import authorise
from api.bindings.routes import bindings
from api.blocks.routes import blocks
from api.calls.routes import calls
from api.cdrs.routes import cdrs, cdrs_csv
from api.cores.routes import cores
from api.credentials.files import credentials_csv
from api.credentials.routes import credentials
from api.database import Database
from api.emergency.routes import emergency_numbers
from api.events.routes import events
from api.hashing import PasswordHashes
from api.health import health
from api.imports.routes import imports
from api.keys.routes import keys
from api.numbers.files import numbers_csv
from api.numbers.routes import numbers
from api.openapi.page import page
from api.rates import Rates
from api.regions.routes import regions
from api.rest import add_resources, forbid_caches, refuse_body_of_other_type
from api.sessions.routes import sessions, users_sessions
from api.sessions.service import SignIns
from api.settings import Settings
from api.tenants.files import tenants_csv
from api.tenants.routes import tenants
from api.usage.routes import usage
from api.user_agents.routes import user_agents
from api.users.routes import users

LARGEST_BODY: Final = 64 * 1024
"""Bytes."""


def create_app(settings: Settings) -> Flask:
    """The API of the instance that `settings` describe. It connects to MariaDB when the first request needs it.

    Errors: OSError when the API's database password cannot be read.
    """
    app = Flask("turnpike", static_folder=None)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies)  # type: ignore[method-assign]
    request_ids.install(app)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    services.install(app, _services(settings))
    app.before_request(authorise)
    app.before_request(refuse_body_of_other_type)
    app.after_request(forbid_caches)
    administered = (tenants, credentials, numbers, cores, emergency_numbers, user_agents)
    files = (tenants_csv, credentials_csv, numbers_csv, imports)
    controlled = (keys, users, users_sessions, sessions, audit)
    shown = (regions, bindings, blocks, events, calls, cdrs, cdrs_csv, usage, health)
    replays.install(app)
    app.register_blueprint(page)
    add_resources(app, *administered, *files, *controlled, *shown)
    return app


def _services(settings: Settings) -> services.Services:
    database, hashes, rates = Database(settings.database("api")), PasswordHashes(), Rates(settings.rates)
    regions_served = tuple(sorted(region.name for region in settings.regions))
    return services.Services(
        database,
        Applying(database, regions_served),
        rates,
        hashes,
        SignIns(database, hashes, rates, settings.sign_in),
        settings.realm,
        regions_served,
    )
