"""W5 for the phones of these tests."""

from tests.wire.test_w5_neutral import *  # noqa: F403
