"""Calls whose results must be the same in Kamailio and in the fake. Kamailio loads this too."""

from typing import Any


def results(ksr: Any) -> list[Any]:
    """What each call returned, in its order."""
    table = ksr.htable
    return [
        table.sht_get("flood", "none"),
        table.sht_inc("flood", "counter"),
        table.sht_inc("flood", "counter"),
        table.sht_get("flood", "counter"),
        table.sht_dec("flood", "counter"),
        table.sht_dec("flood", "below"),
        table.sht_dec("flood", "below"),
        table.sht_get("flood", "below"),
        table.sht_inc("answer", "no initial value"),
        table.sht_get("answer", "no initial value"),
        table.sht_sets("state", "text", "Jörg|7\n"),
        table.sht_get("state", "text"),
        table.sht_sets("state", "digits", "12"),
        table.sht_get("state", "digits"),
        table.sht_seti("meta", "number", -5),
        table.sht_get("meta", "number"),
        table.sht_rm("meta", "number"),
        table.sht_get("meta", "number"),
        table.sht_lock("block", "a"),
        table.sht_sets("block", "a", "within the lock"),
        table.sht_get("block", "a"),
        table.sht_unlock("block", "a"),
        ksr.cfgutils.lock("a"),
        ksr.cfgutils.unlock("a"),
        ksr.is_myself("sip:127.0.17.9"),
        ksr.is_myself("sip:127.0.17.99"),
    ]
