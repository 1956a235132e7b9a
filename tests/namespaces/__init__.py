"""Hosts of their own on one machine: cut cables, cut paths, and a NAT router that forgets."""
