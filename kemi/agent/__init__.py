"""The agent: the one process of a region that talks to MariaDB.

It keeps the region store equal to what MariaDB says, ships the journals to MariaDB exactly once, and folds them into
the store, so that Kamailio needs neither of the two to start.
"""
