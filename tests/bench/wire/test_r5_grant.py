"""The rival under the tests of tests/wire/test_r5_grant.py."""

from tests.wire.test_r5_grant import *  # noqa: F403
