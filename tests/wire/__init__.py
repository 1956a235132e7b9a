"""The rules, tested from outside with SIP messages on real UDP sockets."""
