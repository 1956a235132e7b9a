"""The service on one machine: its parts, their supervisor, and what to look at before they start."""
