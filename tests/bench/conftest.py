"""The yardstick's own tests."""

from pathlib import Path

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """These tests are about the yardstick, so they run when they are asked for: by name, or with --long."""
    named = any("bench" in argument for argument in config.invocation_params.args)
    if named or config.getoption("--long"):
        return
    here = Path(__file__).parent
    unwanted = [item for item in items if item.path.is_relative_to(here)]
    config.hook.pytest_deselected(items=unwanted)
    items[:] = [item for item in items if item not in unwanted]
