-- What the API's lists walk, each in its own order, however many rows there are; and usage, kept as calls come in.

-- Credentials: by age and by username, everybody's and one tenant's. An index holds what filters ask, so that only the page's rows are fetched.
ALTER TABLE credential
    ADD INDEX IF NOT EXISTS credential_by_age (created_at, id, label, enabled, old_until),
    ADD INDEX IF NOT EXISTS credential_by_username (username, id, label, enabled, old_until),
    ADD INDEX IF NOT EXISTS credential_of_tenant (tenant, id),
    ADD INDEX IF NOT EXISTS credential_tenant_by_age (tenant, created_at, id, label, enabled, old_until),
    ADD INDEX IF NOT EXISTS credential_tenant_by_username (tenant, username, id, label, enabled, old_until);

ALTER TABLE credential
    DROP INDEX IF EXISTS credential_created,
    DROP INDEX IF EXISTS credential_tenant;

ALTER TABLE number
    ADD COLUMN IF NOT EXISTS routed BOOLEAN AS (credential IS NOT NULL) PERSISTENT;

ALTER TABLE number
    ADD INDEX IF NOT EXISTS number_routed (routed, number),
    ADD INDEX IF NOT EXISTS number_tenant_routed (tenant, routed, number),
    ADD INDEX IF NOT EXISTS number_tenant_route (tenant, number, credential);

ALTER TABLE number
    DROP INDEX IF EXISTS number_tenant;

ALTER TABLE event
    ADD INDEX IF NOT EXISTS event_region (region, id),
    ADD INDEX IF NOT EXISTS event_rule (rule, id),
    ADD INDEX IF NOT EXISTS event_address (address, id),
    ADD INDEX IF NOT EXISTS event_region_username (region, username, id),
    ADD INDEX IF NOT EXISTS event_rule_username (rule, username, id),
    ADD INDEX IF NOT EXISTS event_address_username (address, username, id);

-- Nothing asks for it.
ALTER TABLE event
    DROP INDEX IF EXISTS event_at;

ALTER TABLE block
    ADD INDEX IF NOT EXISTS block_by_age (at, uid, username, lifted_at, until),
    ADD INDEX IF NOT EXISTS block_region (region, at, uid, username, lifted_at, until),
    ADD INDEX IF NOT EXISTS block_address (address, at, uid, username, lifted_at, until),
    ADD INDEX IF NOT EXISTS block_of_username (username, at, uid, lifted_at, until);

ALTER TABLE block
    DROP INDEX IF EXISTS block_until,
    DROP INDEX IF EXISTS block_username;

ALTER TABLE user
    ADD INDEX IF NOT EXISTS user_by_age (created_at, id, role, tenant, enabled);

ALTER TABLE api_key
    ADD INDEX IF NOT EXISTS api_key_by_age (created_at, id);

ALTER TABLE audit
    ADD INDEX IF NOT EXISTS audit_kind (entity, id),
    ADD INDEX IF NOT EXISTS audit_by_age (id, at);

-- Usage: what ended calls add up to. A region's agent only ever changes its region's rows, so that two agents never wait for each other.
CREATE TABLE IF NOT EXISTS usage_day (
    day          DATE NOT NULL,                                                            -- on which the calls started (UTC)
    tenant       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,        -- '' for calls of nobody
    direction    ENUM ('inbound', 'outbound') NOT NULL,
    region       VARCHAR(32) CHARACTER SET ascii NOT NULL,
    calls        BIGINT NOT NULL,
    answered     BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,                                                          -- talked
    PRIMARY KEY (day, tenant, direction, region),
    KEY usage_tenant (tenant, day, direction)
) ENGINE = InnoDB;

-- Nobody writes calls between the sum of those that there are and the triggers that add those that come.
LOCK TABLES cdr WRITE, usage_day WRITE;

DELETE FROM usage_day;

SET STATEMENT tmp_table_size = 268435456, max_heap_table_size = 268435456 FOR
INSERT INTO usage_day (day, tenant, direction, region, calls, answered, milliseconds)
SELECT DATE(started_at), IFNULL(tenant, ''), direction, region, COUNT(*), COUNT(answered_at),
    IFNULL(SUM(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, answered_at, ended_at)) DIV 1000), 0)
FROM cdr
WHERE ended_at IS NOT NULL AND direction IS NOT NULL
GROUP BY DATE(started_at), IFNULL(tenant, ''), direction, region;

CREATE TRIGGER IF NOT EXISTS cdr_added AFTER INSERT ON cdr FOR EACH ROW
INSERT INTO usage_day (day, tenant, direction, region, calls, answered, milliseconds)
SELECT DATE(NEW.started_at), IFNULL(NEW.tenant, ''), NEW.direction, NEW.region, 1, NEW.answered_at IS NOT NULL,
    IFNULL(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, NEW.answered_at, NEW.ended_at)) DIV 1000, 0)
FROM DUAL
WHERE NEW.ended_at IS NOT NULL AND NEW.direction IS NOT NULL
ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls), answered = answered + VALUES(answered),
    milliseconds = milliseconds + VALUES(milliseconds);

CREATE TRIGGER IF NOT EXISTS cdr_was AFTER UPDATE ON cdr FOR EACH ROW
INSERT INTO usage_day (day, tenant, direction, region, calls, answered, milliseconds)
SELECT DATE(OLD.started_at), IFNULL(OLD.tenant, ''), OLD.direction, OLD.region, -1, -(OLD.answered_at IS NOT NULL),
    -IFNULL(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, OLD.answered_at, OLD.ended_at)) DIV 1000, 0)
FROM DUAL
WHERE OLD.ended_at IS NOT NULL AND OLD.direction IS NOT NULL
ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls), answered = answered + VALUES(answered),
    milliseconds = milliseconds + VALUES(milliseconds);

CREATE TRIGGER IF NOT EXISTS cdr_is AFTER UPDATE ON cdr FOR EACH ROW
INSERT INTO usage_day (day, tenant, direction, region, calls, answered, milliseconds)
SELECT DATE(NEW.started_at), IFNULL(NEW.tenant, ''), NEW.direction, NEW.region, 1, NEW.answered_at IS NOT NULL,
    IFNULL(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, NEW.answered_at, NEW.ended_at)) DIV 1000, 0)
FROM DUAL
WHERE NEW.ended_at IS NOT NULL AND NEW.direction IS NOT NULL
ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls), answered = answered + VALUES(answered),
    milliseconds = milliseconds + VALUES(milliseconds);

CREATE TRIGGER IF NOT EXISTS cdr_removed AFTER DELETE ON cdr FOR EACH ROW
INSERT INTO usage_day (day, tenant, direction, region, calls, answered, milliseconds)
SELECT DATE(OLD.started_at), IFNULL(OLD.tenant, ''), OLD.direction, OLD.region, -1, -(OLD.answered_at IS NOT NULL),
    -IFNULL(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, OLD.answered_at, OLD.ended_at)) DIV 1000, 0)
FROM DUAL
WHERE OLD.ended_at IS NOT NULL AND OLD.direction IS NOT NULL
ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls), answered = answered + VALUES(answered),
    milliseconds = milliseconds + VALUES(milliseconds);

UNLOCK TABLES;

-- Usage is not read from calls any more. These two now hold all that is filtered but says little, so that few rows are fetched in vain.
ALTER TABLE cdr
    DROP INDEX IF EXISTS cdr_started,
    DROP INDEX IF EXISTS cdr_tenant,
    ADD INDEX cdr_started (started_at, id, ended_at, region, direction, answered, code, rule, caller, callee),
    ADD INDEX cdr_tenant (tenant, started_at, id, ended_at, region, direction, answered, code, rule, caller, callee);
