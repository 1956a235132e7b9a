"""What request handlers share: made once by `create_app`, handed out here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app

from api.applying import Applying
from api.database import Database
from api.hashing import PasswordHashes
from api.rates import Rates
from api.sessions.service import SignIns
from api.settings import Settings

NAME: Final = "turnpike"


@dataclass(frozen=True)
class Services:
    """The parts that handlers work with."""

    database: Database
    applying: Applying
    rates: Rates
    hashes: PasswordHashes
    sign_ins: SignIns
    realm: str
    settings: Settings


def install(app: Flask, services: Services) -> None:
    """Make `services` the ones of `app`."""
    app.extensions[NAME] = services


def services() -> Services:
    """The services of the application that handles this request."""
    found: Services = current_app.extensions[NAME]
    return found
