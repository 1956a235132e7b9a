"""The rival under the tests of tests/wire/test_w5_neutral.py."""

from tests.wire.test_w5_neutral import *  # noqa: F403
