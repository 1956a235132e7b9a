"""Every list, filter and page of the API with as many rows as a large deployment has: how long it takes."""

from __future__ import annotations
