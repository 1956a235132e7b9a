"""The rival under the tests of tests/wire/test_r1_digest.py."""

from tests.wire.test_r1_digest import *  # noqa: F403
