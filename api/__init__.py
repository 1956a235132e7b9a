"""The control plane: the REST API, the command line, and the service on one machine.

`api.application.create_app(settings)` makes the Flask application. It is not imported here, so that the command line
starts fast.
"""

__version__ = "0.1.0"
"""As in pyproject.toml: the service runs from its folder and is not installed."""
