"""The rival under the tests of tests/calls/test_dialogs.py."""

from tests.calls.test_dialogs import *  # noqa: F403
