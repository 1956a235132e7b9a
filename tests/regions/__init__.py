"""Regions that come and go while the service runs."""
