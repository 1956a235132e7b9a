"""Importing the handler where there is no Kamailio."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from unittest.mock import patch

import kemi


@contextmanager
def imported_handler() -> Iterator[ModuleType]:
    """`kemi.gateway`, imported afresh around a stub of the module that Kamailio provides."""
    with patch.dict(sys.modules, KSR=ModuleType("KSR")):
        sys.modules.pop("kemi.gateway", None)
        try:
            yield importlib.import_module("kemi.gateway")
        finally:
            vars(kemi).pop("gateway", None)
