"""The lists that ship: phones and softphones by model (rule R3), scanners (rule B6), and no PBX on either."""

from __future__ import annotations

import re
from functools import cache

import pytest

from api.migrations import MIGRATIONS
from kemi.user_agents import matcher

PHONES = """
Yealink SIP-T46S 66.85.0.5
Yealink SIP-T54W 96.86.0.70
Yealink T43U 108.86.0.20
Yealink SIP-VP59 91.86.0.20
Yealink SIP-CP960 73.86.0.30
Yealink W60B 77.85.0.20
Yealink W70B 146.85.0.37
PolycomVVX-VVX_410-UA/5.9.0.9373
Polycom/6.3.0.14929 PolycomVVX-VVX_411-UA/6.3.0.14929
PolycomSoundPointIP-SPIP_550-UA/3.3.1.0933
PolycomSoundStationIP-SSIP_6000-UA/4.0.12
PolycomRealPresenceTrio-Trio_8800-UA/5.9.5.3182
PolyEdge-Edge_E350-UA/8.1.0
Poly/8.0.1.16845 PolyEdge-Edge_E500-UA/8.0.1.16845
Cisco-CP7841-3PCC/11.3.1
Cisco-CP-8851-3PCC/12.0.1
Cisco-CP7960G/8.0
Cisco/SPA504G-7.6.2
Cisco/SPA303-7.4.9
Cisco-SPA525G2-7.6.2
Linksys/SPA942-6.1.5(a)
Grandstream GXP2170 1.0.11.35
Grandstream GXP1625 1.0.4.128
Grandstream GRP2614 1.0.5.33
Grandstream GXV3380 1.0.3.18
Grandstream DP750 1.0.11.1
Grandstream WP820 1.0.7.2
Grandstream Wave 1.0.3.34
snom370/8.7.5.35
snom760/8.9.3.80
snomD785/10.1.54.13
snomM700/04.50.0002
Fanvil X4 2.12.1 0c383e112233
Fanvil X210 2.4.5
Fanvil V65 2.12.2
Gigaset N510 IP PRO/42.250.00.000.000
N510 IP PRO/42.250.00.000.000
A580 IP021910000000
C470IP021230000000
Gigaset DE700 IP PRO/02.00.15
Aastra 6731i/3.3.1.4358
Aastra 6867i/4.3.0.2077
Aastra 57i/2.6.0.2019
Mitel 6867i/6.1.0.146
Mitel-6920-SIP-Phone 5.1.0.6016
Mitel 6940/6.2.0.1005
Htek UC903 V1.0.3.89
Htek UC924E
Panasonic-KX-HDV130/08.101
Panasonic_KX-UT136/01.223
Avaya J179 IP Phone 4.0.6
OpenStage_40_SIP/V3_R5
Digium D40 1_4_0_0_57389
Sangoma S500 V3.0.4.72
Sangoma P330 4.10.2
Linphone/3.6.1 (eXosip2/4.1.0)
LinphoneAndroid/4.5.0 (Pixel) LinphoneSDK/5.0.0
Linphone-Desktop/5.1.2 (host) debian/12 Qt/5.15.8
Linphonec/5.1.65 (belle-sip/5.1.65)
Zoiper rev.11619
Zoiper v2.10.19.7
Z 5.5.9 v2.10.18.6
Bria 4 release 4.8.1 stamp 84929
Bria iOS release 5.8.0
X-Lite release 5.8.3 stamp 102651
MicroSIP/3.20.6
Jitsi2.10.5550Windows 10
Blink Pro 5.1.7 (MacOSX)
Blink 3.2.1 (Linux)
Twinkle/1.10.2
CSipSimple_hammerhead-23/r2457
Ekiga/4.0.1
Acrobits Softphone/6.1.2
Groundwire/6.0
PortSIP UC Client Android - v11
PortSIP Softphone for Windows
3CXPhone 6.0.26523.0
3CXPhone for Android 4.3
PhonerLite 2.90
Telephone 1.5.2
yealink sip-t21p_e2 52.84.0.15
"""

PBXS = """
Asterisk PBX 22.1.0
Asterisk PBX 16.28.0~dfsg-0+deb11u4
Asterisk
FPBX-16.0.40.7(18.20.2)
FPBX-AsteriskNOW-12.0.76.4(13.17.2)
FreeSWITCH-mod_sofia/1.10.12-release~64bit
FreeSWITCH
FusionPBX
3CXPhoneSystem 16.0.5.611 (605)
3CXPhoneSystem 18.0.9.20 (20)
3CXPhoneSystem/20.0
Yeastar
Yeastar P-Series
Yeastar S50-30.15.0.66
MyPBX
Yealink
Grandstream UCM6202V1.5A 1.0.20.43
Grandstream UCM6304A 1.0.19.29
Grandstream GXW4104 1.3.4.13
Grandstream HT813 1.0.11.2
Grandstream GXE5024
Cisco-SIPGateway/IOS-15.5.3.M8
Cisco-SIPGateway/IOS-16.x
Cisco-CUCM12.5
Cisco-CUBE
Cisco
Linksys/SPA9000-5.2.2
Linksys/SPA3102-5.2.13(GW002)
Mitel-3300-ICP 13.0.0.133
Mitel
Mitel MiVoice Office 400
MiVoice Office 250
Aastra
Aastra MX-ONE
Aastra 430/1.0
Avaya IP Office 11.0.4.0
IP Office 11.1.2.4.0 build 18
Avaya CM/R016x.03.0.124.0
AVAYA-SM-7.1.3.0
Panasonic-MPR08-KX-TDE200/PSMPR08
Panasonic KX-NS700
OpenScape Business V3R2
Sangoma
Sangoma PBX
Sangoma SBC
Sangoma-Vega
Digium
Switchvox
snom-PBX/2011-4.3.0.5021
Gigaset T500 PRO
Gigaset T300
AVM FRITZ!Box 7590 154.07.57
kamailio (5.6.3 (x86_64/linux))
OpenSIPS (3.4.2 (x86_64/linux))
PJSUA v2.15.1 Linux-6.1/x86_64/glibc-2.36
pjsua
baresip v1.0.0 (x86_64/linux)
sipp
SIPp
PortSIP PBX/16.0
PortSIP UC Server
Innovaphone PBX/13r3
LANCOM 1906VA
AudioCodes Mediant 800/7.20A
Patton SN4141
Xorcom
Wildix GW
STARFACE PBX
Askozia
Elastix 5
Vodia PBX/68.0
pbxnsip-PBX/4.2
Alcatel-Lucent OXO
OmniPCX Enterprise R12
NEC-i SV9100
Samsung OfficeServ 7200
Ericsson-LG iPECS
Zultys MX
ShoreTel ShoreGear/22.11
Allworx 6x
pyVoIP/1.6.8
"""

SCANNERS = """
friendly-scanner
sipvicious
SIPVicious 0.3.3
sundayddr
sip-scan
sipcli/v1.8
pplsip
VaxSIPUserAgent/3.1
iWar
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@cache
def matches(kind: str, user_agent: str) -> bool:
    sql = (MIGRATIONS / "0002_user_agents.sql").read_text()
    patterns = re.findall(rf"\('ua-\d{{4}}', '{kind}', '([^']+)'", sql)
    assert patterns
    return matcher(patterns)(user_agent)


@pytest.mark.parametrize("user_agent", lines(PHONES))
def test_R3_phone_is_recognised(user_agent: str) -> None:
    assert matches("phone", user_agent)


@pytest.mark.parametrize("user_agent", lines(PBXS))
def test_R3_pbx_is_not_taken_for_a_phone_or_scanner(user_agent: str) -> None:
    assert not matches("phone", user_agent)
    assert not matches("scanner", user_agent)


@pytest.mark.parametrize("user_agent", lines(SCANNERS))
def test_B6_scanner_is_recognised(user_agent: str) -> None:
    assert matches("scanner", user_agent)


def test_shipped_rules_have_different_ids_and_patterns() -> None:
    sql = (MIGRATIONS / "0002_user_agents.sql").read_text()
    rules = re.findall(r"\('(ua-\d{4})', '(\w+)', '([^']+)'", sql)
    assert len(rules) == sql.count("('ua-")
    assert len({rule[0] for rule in rules}) == len(rules)
    assert len({(kind, pattern.lower()) for _, kind, pattern in rules}) == len(rules)
