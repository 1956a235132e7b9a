"""A region's side: what Kamailio runs, and the agent beside it.

Kamailio loads `gateway`; everything that it imports uses the standard library only.
"""
