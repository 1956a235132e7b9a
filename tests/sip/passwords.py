"""Which password a gateway takes, asked without registering (RFC 3261 section 10.2.3)."""

from time import time

from tests.sip.phone import Phone
from tests.sip.waiting import until


def asks(phone: Phone) -> int:
    """The status: 200, or 401 for a password that does not count."""
    return phone.register(expires=None, contact=None).status


def last_accepted(phone: Phone, seconds: float) -> float:
    """When the last question was sent whose password worked: a moment of `time.time()`, 0 for none."""
    last = 0.0

    def is_over() -> bool:
        nonlocal last
        sent = time()
        if asks(phone) == 401:
            return True
        last = sent
        return False

    until(is_over, seconds, "the old password has ended")
    return last
