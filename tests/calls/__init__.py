"""Calls on the wire: a PBX, the gateway, a core that counts for itself (rules O, I, W, F)."""
