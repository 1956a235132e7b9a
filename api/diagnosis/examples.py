"""The example of a diagnosis: a FreePBX with a wrong password."""

from __future__ import annotations

from typing import Any, Final

SENTENCE: Final = (
    'The username k3v8n2mq7x4t or its password is wrong, from 192.0.2.7 ("FPBX-16.0.40(18.9)").'
    " Enter both again in the PBX exactly as they were shown."
)
VERDICT: Final = f"Refused in nw1 at 14:03:20 UTC: {SENTENCE}"
AT: Final = "2026-01-31T14:03:20.123Z"
NOW: Final = "2026-01-31T14:03:31.000Z"
CALLS: Final = {
    "channels": 0,
    "channels_most": 100,
    "last_minute": 0,
    "refused_rate": 0,
    "refused_channels": 0,
}
CORES: Final = {"listed": 2, "enabled": 2, "dead": 0, "dead_places": []}


def _region(name: str, address: str, verdict: str, refused: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "region": name,
        "verdict": verdict,
        "works": False,
        "state": "in-service",
        "address": address,
        "heartbeat_at": NOW,
        "gateway_at": NOW,
        "behind_since": None,
        "registration": None,
        "refused": refused,
        "blocks": [],
        "calls": CALLS,
        "cores": CORES,
    }


EXAMPLE: Final[dict[str, Any]] = {
    "credential": "cr-x7k2m9p4q8wz",
    "username": "k3v8n2mq7x4t",
    "at": NOW,
    "verdict": VERDICT,
    "works": False,
    "pbx": {"kind": "freepbx", "name": "FreePBX", "user_agent": "FPBX-16.0.40(18.9)"},
    "findings": [
        {
            "code": "password",
            "severity": "down",
            "region": "nw1",
            "rule": "R2",
            "sentence": VERDICT,
            "advice": 'Enter username and password again in FreePBX: "Username" (Connectivity, Trunks, the trunk, pjsip'
            ' Settings, General); "Secret" (Connectivity, Trunks, the trunk, pjsip Settings, General). If the password'
            " is lost, rotate the credential.",
        }
    ],
    "regions": [
        _region(
            "nw1",
            "192.0.2.1",
            VERDICT,
            {
                "at": AT,
                "rule": "R2",
                "cause": "password",
                "code": 401,
                "retry_after": None,
                "address": "192.0.2.7",
                "user_agent": "FPBX-16.0.40(18.9)",
                "proven": False,
                "count": 1,
                "sentence": SENTENCE,
            },
        ),
        _region("se1", "192.0.2.2", "Not registered here.", None),
    ],
    "enabled": True,
    "password": {"version": 1, "in_use": None, "rotated_at": None, "old_until": None, "seen_at": None},
    "numbers": {"routed": ["+14155550100"], "routed_count": 1, "unrouted": [], "unrouted_count": 0},
    "domains": ["example.net"],
    "dns": [],
}
