"""The SQL that ships journals; `rows` makes the rows in the order of these columns.

In ON DUPLICATE KEY UPDATE, MariaDB assigns from left to right: `version`, which every other column asks, comes last;
so do `answered_at` and `ended_at` behind those that ask them.
"""

INSERT_EVENT = """
INSERT INTO event (region, at, until, count, rule, cause, code, retry_after, username, credential, address, port,
  user_agent, method, call_id, sentence, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""

PUT_BINDING = """
INSERT INTO binding (region, username, state, uid, address, port, contact, user_agent, call_id, since, refreshed_at,
  expires_at, changed_at, sync, version)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE
  state = IF(VALUES(version) > version, VALUES(state), state),
  uid = IF(VALUES(version) > version, VALUES(uid), uid),
  address = IF(VALUES(version) > version, VALUES(address), address),
  port = IF(VALUES(version) > version, VALUES(port), port),
  contact = IF(VALUES(version) > version, VALUES(contact), contact),
  user_agent = IF(VALUES(version) > version, VALUES(user_agent), user_agent),
  call_id = IF(VALUES(version) > version, VALUES(call_id), call_id),
  since = IF(VALUES(version) > version, VALUES(since), since),
  refreshed_at = IF(VALUES(version) > version, VALUES(refreshed_at), refreshed_at),
  expires_at = IF(VALUES(version) > version, VALUES(expires_at), expires_at),
  changed_at = IF(VALUES(version) > version, VALUES(changed_at), changed_at),
  sync = IF(VALUES(version) > version, VALUES(sync), sync),
  version = GREATEST(VALUES(version), version)"""

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

PURGE_BINDINGS = """
DELETE FROM binding WHERE region = %s AND changed_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR
  AND (state = 'gone' OR expires_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR)
LIMIT 5000"""
