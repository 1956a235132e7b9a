"""What the administrator of an Asterisk writes: a trunk with a registration a region, as docs/pbx-owners.md says."""

from collections.abc import Mapping
from pathlib import Path

from tests.sip.phone import Address
from tests.sip.target import Credential
from tests.stacks.pjsua import DOMAIN, PBX_TONE

INSIDE = "/mnt"
"""Where Asterisk sees its folder."""
HEARD = "heard.wav"
TALK, HOLD, DIAL = "talk", "hold", "dial"
INCOMING = "from-trunk"
"""The context of calls in that the service's settings name."""
BY_NAME = "any"
"""The trunk that is found by SRV."""

MODULES = (
    *("res_pjproject", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_resolver_unbound"),
    *("res_pjsip", "res_pjsip_session", "res_pjsip_outbound_registration", "res_pjsip_outbound_authenticator_digest"),
    *("res_pjsip_authenticator_digest", "res_pjsip_endpoint_identifier_ip", "res_pjsip_sdp_rtp", "res_pjsip_nat"),
    *(
        "res_pjsip_pubsub",
        "res_pjsip_caller_id",
        "res_pjsip_rfc3326",
        "res_pjsip_dlg_options",
        "res_rtp_asterisk",
        "res_timing_timerfd",
    ),
    *("chan_pjsip", "codec_ulaw", "codec_alaw", "codec_resample", "format_wav", "bridge_simple", "pbx_config"),
    *("app_dial", "app_playtones", "app_mixmonitor", "res_clioriginate", "res_pjsip_logger", "func_callerid"),
)
TOLERANT = (
    "retry_interval=30\nfatal_retry_interval=30\nforbidden_retry_interval=30\nmax_retries=10000\n"
    "auth_rejection_permanent=no\n"
)


def write(
    folder: Path,
    root: Path,
    source: str,
    gateways: Mapping[str, Address],
    credential: Credential,
    number: str,
    settings: Mapping[str, str] | None = None,
) -> None:
    """The files of one Asterisk at `source`. `gateways` by region; calls go out with `number` as caller.

    `settings` are the service's own files, by name: then its trunk is made of nothing else.
    """
    for name in ("etc", "lib", "spool", "run", "log"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    etc = folder / "etc"
    (folder / "asterisk.conf").write_text(_directories(root), encoding="utf-8")
    (etc / "modules.conf").write_text("[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES))
    (etc / "logger.conf").write_text("[general]\n[logfiles]\nfull=notice,warning,error,verbose\n")
    (etc / "rtp.conf").write_text("[general]\nrtpstart=10000\nrtpend=20000\n")
    (etc / "extensions.conf").write_text(_dial_plan())
    trunks = settings or {"trunk.conf": _trunk(gateways, credential, number, source)}
    included = "".join(f"#include {name}\n" for name in trunks)
    for name, text in {"pjsip.conf": _common(source) + included, **trunks}.items():
        file = etc / name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")


def _directories(root: Path) -> str:
    modules = next(root.glob("usr/lib/*/asterisk/modules")).relative_to(root)
    own = {"etc": "etc", "varlib": "lib", "db": "lib", "key": "lib", "spool": "spool", "run": "run", "log": "log"}
    lines = [f"ast{name}dir => {INSIDE}/{folder}\n" for name, folder in own.items()]
    return (
        f"[directories]\nastmoddir => /{modules}\nastdatadir => /usr/share/asterisk\nastagidir => /usr/share/asterisk\n"
        f"astsbindir => /usr/sbin\n{''.join(lines)}[options]\nverbose = 3\n"
    )


def _dial_plan() -> str:
    steps = ("Answer()", f"MixMonitor(,r({INSIDE}/{HEARD}))", f"Playtones({PBX_TONE})", "Wait(900)")
    talk = "".join(f" same => n,{step}\n" for step in steps)
    return (
        f"[{INCOMING}]\ninclude => in\n[in]\nexten => _[+0-9].,1,NoOp()\n{talk}[{TALK}]\nexten => s,1,NoOp()\n{talk}"
        f"[{HOLD}]\nexten => s,1,Answer()\n same => n,Wait(900)\n"
        f"[{DIAL}]\nexten => _[+0-9].,1,Dial(PJSIP/${{EXTEN}}@{BY_NAME})\n"
    )


def _common(source: str) -> str:
    """What an Asterisk has before it has a trunk."""
    return (
        "[global]\ntype=global\nuser_agent=Asterisk PBX 22\n\n"
        f"[transport-udp]\ntype=transport\nprotocol=udp\nbind={source}:5060\n\n"
    )


def _trunk(gateways: Mapping[str, Address], credential: Credential, number: str, source: str) -> str:
    auth = (
        f"[trunk-auth]\ntype=auth\nauth_type=userpass\nusername={credential.username}\n"
        f"password={credential.password}\n\n"
    )
    by_name = _endpoint(BY_NAME, f"sip:{DOMAIN}", source, number)
    return auth + by_name + "".join(_region(name, at, source, credential, number) for name, at in gateways.items())


def _region(name: str, gateway: Address, source: str, credential: Credential, number: str) -> str:
    host, port = gateway
    return (
        f"[{name}-registration]\ntype=registration\ntransport=transport-udp\noutbound_auth=trunk-auth\n"
        f"server_uri=sip:{host}:{port}\nclient_uri=sip:{credential.username}@{DOMAIN}\n"
        f"contact_user={credential.username}\nexpiration=300\nmax_random_initial_delay=0\n{TOLERANT}\n"
        f"{_endpoint(name, f'sip:{host}:{port}', source, number)}"
        f"[{name}-identify]\ntype=identify\nendpoint={name}\nmatch={host}\n\n"
    )


def _endpoint(name: str, contact: str, source: str, number: str) -> str:
    return (
        f"[{name}]\ntype=endpoint\ntransport=transport-udp\ncontext=in\ndisallow=all\nallow=ulaw,alaw\naors={name}\n"
        f"outbound_auth=trunk-auth\nfrom_user={number}\nfrom_domain={DOMAIN}\nmedia_address={source}\n"
        f"bind_rtp_to_media_address=yes\ndirect_media=no\n\n"
        f"[{name}]\ntype=aor\ncontact={contact}\n\n"
    )
