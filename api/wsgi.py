"""Entry point for a WSGI server: `gunicorn 'api.wsgi:application()'`."""

from __future__ import annotations

from flask import Flask

from api.application import create_app
from api.settings import Settings


def application() -> Flask:
    """The application of the state folder that TURNPIKE_VAR names. Errors: SettingsError, OSError."""
    return create_app(Settings.load())
