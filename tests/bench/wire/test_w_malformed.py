"""The rival under the tests of tests/wire/test_w_malformed.py."""

from tests.wire.test_w_malformed import *  # noqa: F403
