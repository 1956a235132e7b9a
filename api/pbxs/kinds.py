"""The kinds of PBX that settings are written for, as data: what each is called, and what it calls things itself.

Names are those of the PBXs' own pages and files: FreePBX 16 and 17 (trunks, pjsip Settings), FusionPBX 5 (gateways),
3CX 18 and 20 (SIP trunks), Grandstream UCM6200 and UCM6300 (VoIP trunks), Asterisk's pjsip.conf, FreeSWITCH's gateways,
Kamailio's module uac. What a PBX has no setting for is not among its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kemi.user_agents import matcher

TOPICS: Final = (
    "username",
    "password",
    "server",
    "expiry",
    "retry",
    "from_user",
    "qualify",
    "calls_per_second",
    "concurrent_calls",
)


@dataclass(frozen=True)
class Kind:
    """One kind of PBX. `ready`: its `files` are loaded as they are; else it is a sheet that a person copies from.

    `hasty`: it refreshes sooner than rule R4 lets it, and no setting changes that (docs/pbx-owners.md).
    `several`: it registers one credential in every region at the same time. `srv`: it finds servers by SRV records (RFC
    3263). `fields` has the PBX's own name of a topic (TOPICS), `menus` where that is found.
    """

    key: str
    name: str
    user_agents: tuple[str, ...]
    files: tuple[str, ...]
    media_type: str
    ready: bool
    several: bool
    srv: bool
    hasty: bool
    fields: Mapping[str, str]
    menus: Mapping[str, str]
    recognises: Callable[[str], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "recognises", matcher(self.user_agents))

    def named(self, topic: str) -> str | None:
        """How a person finds the setting, such as `"Secret" (pjsip Settings, General)`; None when there is none."""
        if topic not in self.fields:
            return None
        menu = self.menus.get(topic)
        return f'"{self.fields[topic]}"' + (f" ({menu})" if menu else "")


TEXT: Final = "text/plain"


def _kind(
    key: str,
    name: str,
    user_agents: tuple[str, ...],
    fields: Mapping[str, tuple[str, str]],
    *,
    files: tuple[str, ...] = (),
    media_type: str = TEXT,
    several: bool = True,
    srv: bool = True,
    hasty: bool = False,
) -> Kind:
    """`fields`: name and menu by topic; without `files` it is a sheet."""
    names = MappingProxyType({topic: label for topic, (label, _) in fields.items()})
    menus = MappingProxyType({topic: menu for topic, (_, menu) in fields.items()})
    sheet = (f"{key}.txt",)
    return Kind(key, name, user_agents, files or sheet, media_type, bool(files), several, srv, hasty, names, menus)


_PJSIP = "pjsip.conf"
_TRUNK = "Connectivity, Trunks, the trunk"
_GATEWAY = "Accounts, Gateways, the gateway"
_3CX = "Voice & Chat, the SIP trunk"
_UCM = "Extension/Trunk, VoIP Trunks, the trunk"

_ALL: Final = (
    _kind(
        "asterisk",
        "Asterisk (chan_pjsip)",
        ("Asterisk*",),
        {
            "username": ("username", f"{_PJSIP}, section of type auth"),
            "password": ("password", f"{_PJSIP}, section of type auth"),
            "server": ("server_uri", f"{_PJSIP}, sections of type registration"),
            "expiry": ("expiration", f"{_PJSIP}, sections of type registration"),
            "retry": ("retry_interval", f"{_PJSIP}, sections of type registration"),
            "from_user": ("client_uri", f"{_PJSIP}, sections of type registration"),
            "qualify": ("qualify_frequency", f"{_PJSIP}, sections of type aor"),
            "concurrent_calls": ("GROUP_COUNT()", "extensions.conf, where calls go out"),
        },
        files=("pjsip_trunk.conf",),
    ),
    _kind(
        "freeswitch",
        "FreeSWITCH",
        ("FreeSWITCH*",),
        {
            "username": ("username", "the gateway's file"),
            "password": ("password", "the gateway's file"),
            "server": ("proxy", "the gateway's file"),
            "expiry": ("expire-seconds", "the gateway's file"),
            "retry": ("retry-seconds", "the gateway's file"),
            "from_user": ("from-user", "the gateway's file"),
            "qualify": ("ping", "the gateway's file"),
            "calls_per_second": ("limit", "dial plan, application limit with a rate such as 1/1"),
            "concurrent_calls": ("limit", "dial plan, application limit"),
        },
        files=("trunk.xml",),
        media_type="application/xml",
        hasty=True,
    ),
    _kind(
        "kamailio",
        "Kamailio (uac)",
        ("kamailio*", "OpenSER*"),
        {
            "username": ("l_username, r_username, auth_username", "table uacreg"),
            "password": ("auth_password", "table uacreg"),
            "server": ("auth_proxy", "table uacreg"),
            "expiry": ("expires", "table uacreg"),
            "retry": ("reg_retry_interval", "kamailio.cfg, module uac"),
            "from_user": ("r_username", "table uacreg"),
            "calls_per_second": ("pl_check()", "kamailio.cfg, module pipelimit"),
            "concurrent_calls": ("get_profile_size()", "kamailio.cfg, module dialog"),
        },
        files=("trunk.cfg", "uacreg", "version"),
    ),
    _kind(
        "freepbx",
        "FreePBX",
        ("FPBX*", "PBXact*"),
        {
            "username": ("Username", f"{_TRUNK}, pjsip Settings, General"),
            "password": ("Secret", f"{_TRUNK}, pjsip Settings, General"),
            "server": ("SIP Server", f"{_TRUNK}, pjsip Settings, General"),
            "expiry": ("Expiration", f"{_TRUNK}, pjsip Settings, Advanced"),
            "retry": ("General Retry Interval", f"{_TRUNK}, pjsip Settings, Advanced"),
            "from_user": ("Client URI", f"{_TRUNK}, pjsip Settings, Advanced"),
            "qualify": ("Qualify Frequency", f"{_TRUNK}, pjsip Settings, Advanced"),
            "concurrent_calls": ("Maximum Channels", f"{_TRUNK}, General"),
        },
    ),
    _kind(
        "fusionpbx",
        "FusionPBX",
        ("FusionPBX*",),
        {
            "username": ("Username", _GATEWAY),
            "password": ("Password", _GATEWAY),
            "server": ("Proxy", _GATEWAY),
            "expiry": ("Expire Seconds", _GATEWAY),
            "retry": ("Retry Seconds", _GATEWAY),
            "from_user": ("From User", _GATEWAY),
            "qualify": ("Ping", f"{_GATEWAY}, Advanced"),
            "concurrent_calls": ("Limit", "Dialplan, Outbound Routes"),
        },
        hasty=True,
    ),
    _kind(
        "3cx",
        "3CX",
        ("3CXPhoneSystem*",),
        {
            "username": ("Authentication ID", f"{_3CX}, General"),
            "password": ("Authentication Password", f"{_3CX}, General"),
            "server": ("Registrar/Server", f"{_3CX}, General"),
            "expiry": ("Re-Register Timeout", f"{_3CX}, Options"),
            "from_user": ("From: User Part", f"{_3CX}, Outbound Parameters"),
            "concurrent_calls": ("Number of SIM Calls", f"{_3CX}, General"),
        },
        several=False,
    ),
    _kind(
        "grandstream-ucm",
        "Grandstream UCM",
        ("Grandstream UCM*",),
        {
            "username": ("Username", f"{_UCM}, Basic Settings"),
            "password": ("Password", f"{_UCM}, Basic Settings"),
            "server": ("Host Name", f"{_UCM}, Basic Settings"),
            "expiry": ("Default Incoming/Outgoing Registration Time", "PBX Settings, SIP Settings, ToS"),
            "retry": ("Register Timeout", "PBX Settings, SIP Settings, Misc"),
            "from_user": ("From User", f"{_UCM}, Basic Settings"),
            "qualify": ("Enable Heartbeat Detection", f"{_UCM}, Advanced Settings"),
            "concurrent_calls": ("The Maximum Number of Call Lines", f"{_UCM}, Advanced Settings"),
        },
        srv=False,
    ),
    _kind(
        "plain",
        "any other PBX",
        (),
        {
            "username": ("username, authentication user and From user", ""),
            "password": ("password", ""),
            "server": ("registrar, proxy or SIP server", ""),
            "expiry": ("registration expiry", ""),
            "retry": ("retry after a failed registration", ""),
            "from_user": ("From user of the registration", ""),
            "qualify": ("keep-alive or qualify (OPTIONS)", ""),
            "calls_per_second": ("calls a second", ""),
            "concurrent_calls": ("concurrent calls", ""),
        },
    ),
)

KINDS: Final[Mapping[str, Kind]] = MappingProxyType({kind.key: kind for kind in _ALL})
PLAIN: Final = KINDS["plain"]
EVERY: Final = "all"
"""In place of a kind: all of them at once."""


def kinds_of(pbx: str) -> tuple[Kind, ...]:
    """The kind with this key, or every kind. Errors: KeyError."""
    return _ALL if pbx == EVERY else (KINDS[pbx],)


def recognise(user_agent: str | None) -> Kind | None:
    """The kind that a PBX says it is; None when it says nothing, or nothing that is known."""
    if not user_agent:
        return None
    return next((kind for kind in _ALL if kind.recognises(user_agent.strip())), None)
