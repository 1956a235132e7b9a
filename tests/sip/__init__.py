"""A small SIP user agent for tests: it can say anything, right or wrong, and reads answers strictly."""
