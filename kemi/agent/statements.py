"""The SQL that ships journals; `rows` makes the rows in the order of these columns.

In ON DUPLICATE KEY UPDATE, MariaDB assigns from left to right: `version`, which every other column asks, comes last;
so do `answered_at`, `ended_at` and a registration's `at` behind those that ask them.
"""

INSERT_EVENT = """
INSERT INTO event (region, at, until, count, rule, cause, code, retry_after, username, credential, address, port,
  user_agent, method, call_id, sentence, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""

PUT_BINDING = """
INSERT INTO binding (region, username, state, uid, address, port, contact, user_agent, call_id, since, refreshed_at,
  expires_at, changed_at, ended_at, password_version, keepalive, strikes, streak, sync, version)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
  ended_at = IF(VALUES(version) > version, IF(state = 'gone', COALESCE(ended_at, VALUES(ended_at)), VALUES(ended_at)),
    ended_at),
  state = IF(VALUES(version) > version, VALUES(state), state),
  uid = IF(VALUES(version) > version, VALUES(uid), uid),
  address = IF(VALUES(version) > version, COALESCE(VALUES(address), address), address),
  port = IF(VALUES(version) > version, COALESCE(VALUES(port), port), port),
  contact = IF(VALUES(version) > version, COALESCE(VALUES(contact), contact), contact),
  user_agent = IF(VALUES(version) > version, COALESCE(VALUES(user_agent), user_agent), user_agent),
  call_id = IF(VALUES(version) > version, COALESCE(VALUES(call_id), call_id), call_id),
  since = IF(VALUES(version) > version, COALESCE(VALUES(since), since), since),
  refreshed_at = IF(VALUES(version) > version, COALESCE(VALUES(refreshed_at), refreshed_at), refreshed_at),
  expires_at = IF(VALUES(version) > version, COALESCE(VALUES(expires_at), expires_at), expires_at),
  password_version = IF(VALUES(version) > version, COALESCE(VALUES(password_version), password_version),
    password_version),
  keepalive = IF(VALUES(version) > version, COALESCE(VALUES(keepalive), keepalive), keepalive),
  strikes = IF(VALUES(version) > version, VALUES(strikes), strikes),
  streak = IF(VALUES(version) > version, VALUES(streak), streak),
  changed_at = IF(VALUES(version) > version, VALUES(changed_at), changed_at),
  sync = IF(VALUES(version) > version, VALUES(sync), sync),
  version = GREATEST(VALUES(version), version)"""
"""Of a binding that goes, its last facts stay: a diagnosis asks them."""

PUT_REGISTRATION = """
INSERT INTO registration (region, slot, username, at, address, port, user_agent, ended_at, ended_cause, ended_sentence)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
  address = IF(VALUES(at) > at, VALUES(address), IF(VALUES(at) = at, COALESCE(VALUES(address), address), address)),
  port = IF(VALUES(at) > at, VALUES(port), IF(VALUES(at) = at, COALESCE(VALUES(port), port), port)),
  user_agent = IF(VALUES(at) > at, VALUES(user_agent),
    IF(VALUES(at) = at, COALESCE(VALUES(user_agent), user_agent), user_agent)),
  ended_cause = IF(VALUES(at) > at OR (VALUES(at) = at AND VALUES(ended_at) < COALESCE(ended_at, '9999-12-31')),
    VALUES(ended_cause), ended_cause),
  ended_sentence = IF(VALUES(at) > at OR (VALUES(at) = at AND VALUES(ended_at) < COALESCE(ended_at, '9999-12-31')),
    VALUES(ended_sentence), ended_sentence),
  ended_at = IF(VALUES(at) > at OR (VALUES(at) = at AND VALUES(ended_at) < COALESCE(ended_at, '9999-12-31')),
    VALUES(ended_at), ended_at),
  at = GREATEST(VALUES(at), at)"""
"""A later registration takes over a slot, an earlier one changes nothing; of one registration the first end counts."""

PUT_BLOCK = """
INSERT INTO block (uid, region, address, username, cause, rule, at, until, lifted_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
  at = LEAST(at, VALUES(at)), until = GREATEST(until, VALUES(until)),
  lifted_at = COALESCE(lifted_at, VALUES(lifted_at))"""

PUT_CALL = """
INSERT INTO cdr (id, region, started_at, direction, credential, username, number, tenant, caller, callee, address, port,
  call_id, core, via, emergency, rang_at, answered_at, ended_at, ended_by, code, rule, cause)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
  started_at = LEAST(started_at, VALUES(started_at)),
  direction = COALESCE(direction, VALUES(direction)),
  credential = COALESCE(credential, VALUES(credential)),
  username = COALESCE(username, VALUES(username)),
  number = COALESCE(number, VALUES(number)),
  tenant = COALESCE(tenant, VALUES(tenant)),
  caller = COALESCE(caller, VALUES(caller)),
  callee = COALESCE(callee, VALUES(callee)),
  address = COALESCE(address, VALUES(address)),
  port = COALESCE(port, VALUES(port)),
  call_id = COALESCE(call_id, VALUES(call_id)),
  core = IF(answered_at IS NULL, COALESCE(VALUES(core), core), COALESCE(core, VALUES(core))),
  via = IF(answered_at IS NULL, COALESCE(VALUES(via), via), COALESCE(via, VALUES(via))),
  emergency = GREATEST(emergency, VALUES(emergency)),
  rang_at = LEAST(COALESCE(rang_at, VALUES(rang_at)), COALESCE(VALUES(rang_at), rang_at)),
  answered_at = LEAST(COALESCE(answered_at, VALUES(answered_at)), COALESCE(VALUES(answered_at), answered_at)),
  ended_by = IF(VALUES(ended_at) < COALESCE(ended_at, '9999-12-31'), VALUES(ended_by), ended_by),
  code = IF(VALUES(ended_at) < COALESCE(ended_at, '9999-12-31'), VALUES(code), code),
  rule = IF(VALUES(ended_at) < COALESCE(ended_at, '9999-12-31'), VALUES(rule), rule),
  cause = IF(VALUES(ended_at) < COALESCE(ended_at, '9999-12-31'), VALUES(cause), cause),
  ended_at = LEAST(COALESCE(ended_at, VALUES(ended_at)), COALESCE(VALUES(ended_at), ended_at))"""

INSERT_USE = """
INSERT INTO password_use (username, version, region, first_at) VALUES (%s, %s, %s, %s)
ON DUPLICATE KEY UPDATE first_at = LEAST(first_at, VALUES(first_at))"""

NEXT_SYNC = """
INSERT INTO binding_sync (region, n) VALUES (%s, LAST_INSERT_ID(1))
ON DUPLICATE KEY UPDATE n = LAST_INSERT_ID(n + 1)"""

READ_POSITIONS = "SELECT journal, `offset` FROM journal_position WHERE region = %s FOR UPDATE"

PUT_POSITION = """
INSERT INTO journal_position (region, journal, `offset`) VALUES (%s, %s, %s)
ON DUPLICATE KEY UPDATE `offset` = VALUES(`offset`)"""

DELETE_POSITION = "DELETE FROM journal_position WHERE region = %s AND journal = %s"

OVER_AN_HOUR = """
SELECT b.username, c.id IS NOT NULL FROM binding b LEFT JOIN credential c ON c.username = b.username
WHERE b.region = %s AND b.changed_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR
  AND (b.state = 'gone' OR b.expires_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR)
LIMIT 5000"""
"""Whose binding ended over an hour ago, and whether there is such a credential. Read first: it locks nothing."""

KEEP_PAST = """
INSERT INTO binding_past (region, username, state, address, port, contact, user_agent, since, refreshed_at, expires_at,
  ended_at, password_version, keepalive, strikes, streak, changed_at)
SELECT region, username, state, address, port, contact, user_agent, since, refreshed_at, expires_at,
  ended_at, password_version, keepalive, strikes, streak, changed_at
FROM binding WHERE region = %s AND username IN %s
ON DUPLICATE KEY UPDATE state = VALUES(state), address = COALESCE(VALUES(address), binding_past.address),
  port = COALESCE(VALUES(port), binding_past.port), contact = COALESCE(VALUES(contact), binding_past.contact),
  user_agent = COALESCE(VALUES(user_agent), binding_past.user_agent),
  since = COALESCE(VALUES(since), binding_past.since),
  refreshed_at = COALESCE(VALUES(refreshed_at), binding_past.refreshed_at),
  expires_at = COALESCE(VALUES(expires_at), binding_past.expires_at), ended_at = VALUES(ended_at),
  password_version = COALESCE(VALUES(password_version), binding_past.password_version),
  keepalive = COALESCE(VALUES(keepalive), binding_past.keepalive), strikes = VALUES(strikes),
  streak = VALUES(streak), changed_at = VALUES(changed_at)"""
"""The last registration of each credential is known for longer than its binding."""

DELETE_BINDINGS = """
DELETE FROM binding WHERE region = %s AND username IN %s AND changed_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"""

FORGOTTEN = """
SELECT p.username FROM binding_past p FORCE INDEX (binding_past_age) WHERE p.region = %s
  AND p.changed_at < UTC_TIMESTAMP(3) - INTERVAL 30 DAY LIMIT 5000"""
"""Last registrations that nobody asks for any more."""

DELETED = """
SELECT p.username FROM binding_past p FORCE INDEX (binding_past_age) LEFT JOIN credential c ON c.username = p.username
WHERE p.region = %s AND c.id IS NULL LIMIT 5000"""

DELETE_PAST = "DELETE FROM binding_past WHERE region = %s AND username IN %s"

KEPT_REGISTRATIONS = """
SELECT r.slot, r.username, c.id IS NULL FROM registration r FORCE INDEX (PRIMARY)
LEFT JOIN credential c ON c.username = r.username
WHERE r.region = %s AND (r.slot > %s OR (r.slot = %s AND r.username > %s)) ORDER BY r.slot, r.username LIMIT 5000"""
"""A piece of the ring behind a place in it, and whether the credential of each row is gone."""

DELETE_REGISTRATIONS = "DELETE FROM registration WHERE region = %s AND slot = %s AND username IN %s"
