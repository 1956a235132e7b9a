"""The rival under the tests of tests/wire/test_w_wire.py."""

from tests.wire.test_w_wire import *  # noqa: F403
