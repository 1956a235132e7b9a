"""Tests: what the service promises, seen from outside."""
