"""PBX software that nobody here wrote, registering unchanged."""
