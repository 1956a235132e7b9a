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
from api.configurations.applications import applications
from api.configurations.routes import configurations
from api.cores.routes import cores
from api.credentials.files import credentials_csv
from api.credentials.routes import credentials
from api.database import Database
from api.diagnosis.routes import diagnosis
from api.dns.routes import dns
from api.domains.routes import domains
from api.domains.zone_routes import zones
from api.emergency.routes import emergency_numbers
from api.events.routes import events
from api.hard_limits import limits
from api.hashing import PasswordHashes
from api.health import health
from api.imports.routes import imports
from api.keys.routes import keys
from api.numbers.files import numbers_csv
from api.numbers.routes import numbers
from api.openapi.page import page
from api.pbxs.routes import pbxs
from api.portal import blueprint as portal
from api.rates import Rates
from api.regions.routes import regions
from api.rest import add_resources, forbid_caches, refuse_body_of_other_type
from api.sessions.routes import sessions, users_sessions
from api.sessions.service import SignIns
from api.settings import Settings
from api.tenants.files import tenants_csv
from api.tenants.routes import tenants
from api.timeline.routes import timeline
from api.traffic.routes import traffic
from api.usage.routes import usage, usage_csv
from api.user_agents.routes import user_agents
from api.users.routes import users

LARGEST_BODY: Final = 64 * 1024
"""Bytes."""


def create_app(settings: Settings) -> Flask:
    """API and portal of the instance that `settings` describe. They connect to MariaDB when a request needs it.

    Errors: OSError when the API's database password, or the portal's key, cannot be read.
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
    rendered = (configurations, applications)
    controlled = (keys, users, users_sessions, sessions, audit)
    recorded = (events, calls, cdrs, cdrs_csv, usage, usage_csv, traffic, timeline)
    shown = (regions, bindings, blocks, health, limits, pbxs, diagnosis)
    named = (domains, zones, dns)
    replays.install(app)
    app.register_blueprint(page)
    portal.install(app, settings.portal_key_file.read_text(encoding="ascii").strip())
    add_resources(app, *administered, *files, *rendered, *controlled, *recorded, *shown, *named)
    return app


def _services(settings: Settings) -> services.Services:
    database, hashes, rates = Database(settings.database("api")), PasswordHashes(), Rates(settings.rates)
    own_regions = sorted(region.name for region in settings.regions)
    return services.Services(
        database,
        Applying(database, own_regions),
        rates,
        hashes,
        SignIns(database, hashes, rates, settings.sign_in),
        settings.realm,
        settings,
    )
