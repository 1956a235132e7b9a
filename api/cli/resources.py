"""The commands that administer the service through its API."""

from __future__ import annotations

import click

from api.cli.access import key, user_agent
from api.cli.audit import audit
from api.cli.calls import call, cdr, usage
from api.cli.cores import core, emergency
from api.cli.credentials import credential
from api.cli.doctor import doctor
from api.cli.domains import dns, domain
from api.cli.numbers import number
from api.cli.regions import region
from api.cli.tenants import tenant
from api.cli.traffic import binding, block, event
from api.cli.users import user, whoami


def commands() -> list[click.Command]:
    """One command group a resource."""
    traffic = [binding, block, event, call, cdr, usage]
    access = [user, key, whoami, audit]
    carrier = [number, core, emergency, domain, dns]
    return [doctor, tenant, credential, *carrier, *traffic, region, user_agent, *access]
