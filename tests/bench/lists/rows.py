"""The rows that lists are measured with, as SQL that makes each from its number: the same in every run.

Names in braces are numbers of `Sizes`. `n` numbers credentials; every fifth is the big tenant's, every fiftieth
nobody's. What is rare, and what is common, is in `samples`.
"""

# ruff: noqa: S608

from __future__ import annotations

from typing import Final

TENANT: Final = "IF({n} % 5 = 0, 'big-1', IF({n} % 50 = 1, NULL, CONCAT('t-', 1 + {n} % ({tenants} - 1))))"
CREDENTIAL: Final = "CONCAT('cr-', LEFT(MD5(CONCAT('credential ', {n})), 12))"
USERNAME: Final = "CONCAT('u', LEFT(MD5(CONCAT('username ', {n})), 11))"
NUMBER: Final = "CONCAT('+1', 2012000000 + {n} * 7741)"
ADDRESS: Final = "CONCAT_WS('.', 10, {n} DIV 65536, {n} DIV 256 % 256, {n} % 256)"
LABEL: Final = (
    "CONCAT_WS(' ', ELT(1 + {n} * 7 % 23, 'Acme', 'Harbour', 'Northwind', 'Blue Ridge', 'Cedar', 'Lakeside', 'Sunrise',"
    " 'Granite', 'Maple', 'Summit', 'Pioneer', 'Riverside', 'Evergreen', 'Liberty', 'Redwood', 'Keystone', 'Atlas',"
    " 'Beacon', 'Coastal', 'Delta', 'Falcon', 'Golden Gate', 'Zürich'),"
    " ELT(1 + {n} * 11 % 17, 'Dental', 'Logistics', 'Law', 'Motors', 'Bakery', 'Insurance', 'Foods', 'Hotels',"
    " 'Clinic', 'Energy', 'Schools', 'Printing', 'Travel', 'Realty', 'Pharmacy', 'Plumbing', 'Security'),"
    " ELT(1 + {n} * 13 % 7, 'head office', 'branch', 'warehouse', 'reception', 'call centre', 'workshop', 'annex'),"
    " {n})"
)
MOMENT: Final = "UTC_TIMESTAMP(3) - INTERVAL {back} * 2678400000 DIV {of} * 1000 MICROSECOND"
"""Within the latest 31 days, from the newest back."""

TENANTS: Final = (
    "INSERT INTO tenant (account_id, name, contact)"
    " SELECT IF(n = 0, 'big-1', CONCAT('t-', n)), CONCAT('Tenant ', n), 'noc@tenant.example'"
    " FROM (SELECT seq AS n FROM seq_{first}_to_{last}) made"
)
CREDENTIALS: Final = (
    "INSERT INTO credential (id, username, ha1, label, tenant, enabled, old_until, created_at)"
    f" SELECT {CREDENTIAL}, {USERNAME}, MD5({{n}}), {LABEL}, {TENANT}, {{n}} % 100 <> 7,"
    " IF({n} % 50 = 9, '2199-01-01', NULL),"
    " UTC_TIMESTAMP(3) - INTERVAL ({credentials} - {n}) * 60 SECOND"
    " FROM (SELECT seq AS n FROM seq_{first}_to_{last}) made"
)
PASSWORDS_USED: Final = (
    "INSERT INTO password_use (username, version, region, first_at)"
    f" SELECT {USERNAME}, 1, 'nw1', UTC_TIMESTAMP(3) FROM (SELECT seq AS n FROM seq_{{first}}_to_{{last}}) made"
)
PEOPLE: Final = (
    "INSERT INTO user (id, name, password, role, tenant)"
    " SELECT CONCAT('us-', {n}), CONCAT('person-', {n}), '', IF({n} % 9, 'read', 'administer'),"
    " IF({n} % 9 = 1, 'big-1', NULL) FROM (SELECT seq AS n FROM seq_{first}_to_{last}) made"
)
NUMBER_TENANT: Final = "IF({n} % 20 = 3, CONCAT('t-', 1 + {n} DIV 20 % ({tenants} - 1)), " + TENANT + ")"
NUMBER_ROUTE: Final = "IF({n} % 10 = 9, NULL, " + CREDENTIAL.replace("{n}", "({n} % {credentials})") + ")"
NUMBERS: Final = (
    "INSERT INTO number (number, label, tenant, credential)"
    f" SELECT {NUMBER}, IF({{n}} % 3, NULL, 'Reception'), {NUMBER_TENANT}, {NUMBER_ROUTE}"
    " FROM (SELECT seq AS n FROM seq_{first}_to_{last}) made"
)
BINDINGS: Final = (
    "INSERT INTO binding (region, username, version, state, uid, address, port, contact, user_agent, call_id, since,"
    " refreshed_at, expires_at, changed_at)"
    f" SELECT IF(row % 2, 'nw1', 'se1'), {USERNAME}, 1, IF(row % 97 = 0, 'silent', 'live'),"
    f" CONCAT('b-', LEFT(MD5(row), 16)), {ADDRESS}, 5060 + row % 9, CONCAT('sip:x@', {ADDRESS}), 'Asterisk PBX 22',"
    " row, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)"
    " FROM (SELECT seq AS row, seq DIV 2 AS n FROM seq_{first}_to_{last}) made"
)
BLOCKS: Final = (
    "INSERT INTO block (uid, region, address, username, cause, rule, at, until)"
    " SELECT CONCAT('k-', LEFT(MD5(row), 16)), IF(row < 30, 'old1', IF(row % 2, 'nw1', 'se1')),"
    f" IF(row % 10 = 3, '203.0.113.9', {ADDRESS}), IF(row % 3, {USERNAME}, NULL),"
    " IF(row % 3, 'wrong_passwords', 'flood'), 'B2', moment,"
    " IF(row > {blocks} - 300, '2199-01-01', moment + INTERVAL 900 SECOND)"
    " FROM (SELECT seq AS row, seq * 37 % {credentials} AS n,"
    f" {MOMENT.format(back='({blocks} - seq)', of='{blocks}')} AS moment FROM seq_{{first}}_to_{{last}}) made"
)
AUDIT: Final = (
    "INSERT INTO audit (at, actor_kind, actor, actor_name, address, request_id, action, entity, entity_id, tenant,"
    " `before`, `after`)"
    f" SELECT {MOMENT.format(back='({audit} - row)', of='{audit}')}, 'key', CONCAT('key-', row % 7), 'billing',"
    " '192.0.2.10', MD5(row), IF(row % 5000 = 1, 'rotate', 'change'), IF(row % 1000 = 1, 'core', 'credential'),"
    f" {CREDENTIAL}, {TENANT}, '[]', '[]'"
    " FROM (SELECT seq AS row, seq * 37 % {credentials} AS n FROM seq_{first}_to_{last}) made"
)
EVENTS: Final = (
    "INSERT INTO event (region, at, rule, cause, code, retry_after, username, credential, address, port, user_agent,"
    " method, call_id, sentence)"
    " SELECT IF(row < 100, 'old1', IF(row % 2, 'nw1', 'se1')),"
    f" {MOMENT.format(back='({events} - row)', of='{events}')},"
    " IF(row % 50000 = 7, 'F1', ELT(1 + h % 20, 'R4','R4','R4','R4','R4','R4','R4','R4','R2','R2','R2','R2','R2','R2',"
    "'R3','R3','B1','B1','B1','R6')), 'early', 429, 59,"
    f" IF(h % 5 = 1, CONCAT('guess', h % 1000), {USERNAME}), IF(h % 5 < 3, NULL, {CREDENTIAL}),"
    f" IF(h % 10 = 1, '203.0.113.9', {ADDRESS}), 5062, 'Asterisk PBX 22', 'REGISTER', MD5(row),"
    " 'registered 41 s after the last registration; the minimum is 100 s; next allowed at 14:03:20 UTC'"
    " FROM (SELECT seq AS row, CONV(LEFT(MD5(seq), 8), 16, 10) + 0 AS h,"
    " IF(seq % 100 = 0, 0, CONV(RIGHT(MD5(seq), 8), 16, 10) % {credentials}) AS n FROM seq_{first}_to_{last}) made"
)
CDRS: Final = (
    "INSERT INTO cdr (id, region, started_at, direction, credential, username, number, tenant, caller, callee, address,"
    " port, core, call_id, emergency, rang_at, answered_at, ended_at, ended_by, code, rule, cause)"
    " SELECT CONCAT('c-', LPAD(LOWER(HEX(row * 858993459200)), 16, '0')),"
    " IF(back > {cdrs} - 30, 'old1', IF(h % 2, 'nw1', 'se1')), moment, IF(inbound, 'inbound', 'outbound'),"
    f" IF(inbound, {NUMBER_ROUTE}, {CREDENTIAL}), IF(inbound AND {{n}} % 10 = 9, NULL, {USERNAME}),"
    f" IF(inbound, {NUMBER}, NULL), IF(inbound, {NUMBER_TENANT}, {TENANT}),"
    f" IF(inbound, CONCAT('+1', 3000000000 + h % 3000000), {NUMBER}),"
    f" IF(inbound, {NUMBER}, IF(g % 200 = 0, '+18005550100', IF(g % 50000 = 1, '911',"
    " CONCAT('+1', 3000000000 + g % 3000000)))),"
    f" IF(inbound, '192.0.2.200', {ADDRESS}), 5062, '192.0.2.200:5060', MD5(row), NOT inbound AND g % 50000 = 1,"
    " IF(o < 960, moment + INTERVAL 1 SECOND, NULL), IF(o < 700, moment + INTERVAL 5 SECOND, NULL),"
    " IF(back < {live}, NULL, IF(o < 700, moment + INTERVAL 6 + g % 600 SECOND, moment + INTERVAL 2 SECOND)),"
    " IF(o < 700, ELT(1 + g % 2, 'caller', 'callee'), 'gateway'),"
    " IF(g % 100000 = 9, 422, CASE WHEN o < 700 THEN 200 WHEN o < 850 THEN 486 WHEN o < 900 THEN 480 WHEN o < 960"
    " THEN 487 ELSE 503 END),"
    " IF(g % 100000 = 9, 'F1', IF(o < 960, NULL, IF(inbound, 'I2', IF(o % 2, 'O2', 'O3')))), NULL"
    " FROM (SELECT *, h % 10 < 4 AS inbound, h DIV 10 % 1000 AS o,"
    f" {MOMENT.format(back='back', of='{cdrs}')} AS moment FROM (SELECT seq AS row,"
    " seq * 2654435761 % {cdrs} AS back,"
    " CONV(LEFT(MD5(seq), 8), 16, 10) + 0 AS h, CONV(RIGHT(MD5(seq), 8), 16, 10) + 0 AS g,"
    " IF(seq % 100 = 0, 0, CONV(SUBSTR(MD5(seq), 9, 8), 16, 10) % {numbers}) AS n"
    " FROM seq_{first}_to_{last}) numbered) made"
)
