-- What regions did, by the minute, for two days: the most that was reported, calls that started, and refusals.
-- Kept by triggers in the transactions of the regions' agents. Each changes its region's rows only, so that two agents never wait for each other.

CREATE TABLE IF NOT EXISTS traffic_level (
    region   VARCHAR(32) CHARACTER SET ascii NOT NULL,
    at       DATETIME NOT NULL,                         -- when the minute began (UTC), by the gateway's clock
    bindings INT UNSIGNED NULL,
    calls    INT UNSIGNED NULL,
    channels INT UNSIGNED NULL,
    PRIMARY KEY (region, at),
    KEY traffic_level_age (at)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS traffic_start (
    region VARCHAR(32) CHARACTER SET ascii NOT NULL,
    at     DATETIME NOT NULL,
    calls  BIGINT NOT NULL,
    PRIMARY KEY (region, at),
    KEY traffic_start_age (at)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS traffic_refusal (
    region VARCHAR(32) CHARACTER SET ascii NOT NULL,
    at     DATETIME NOT NULL,
    rule   VARCHAR(8) CHARACTER SET ascii NOT NULL,
    cause  VARCHAR(32) CHARACTER SET ascii NOT NULL,
    code   SMALLINT UNSIGNED NOT NULL,                  -- 0: silence
    count  BIGINT NOT NULL,
    PRIMARY KEY (region, at, rule, cause, code),
    KEY traffic_refusal_age (at)
) ENGINE = InnoDB;

-- The same by the quarter of an hour: a day of many causes is read in little.
CREATE TABLE IF NOT EXISTS traffic_refusal_quarter (
    region VARCHAR(32) CHARACTER SET ascii NOT NULL,
    at     DATETIME NOT NULL,
    rule   VARCHAR(8) CHARACTER SET ascii NOT NULL,
    cause  VARCHAR(32) CHARACTER SET ascii NOT NULL,
    code   SMALLINT UNSIGNED NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (region, at, rule, cause, code),
    KEY traffic_refusal_quarter_age (at)
) ENGINE = InnoDB;

-- Live calls of many credentials at once.
ALTER TABLE cdr
    ADD INDEX IF NOT EXISTS cdr_credential_live (credential, ended_at, direction, emergency, region);

-- An attempt that was refused at once ends when it starts: it is no call that started.
-- Nobody writes events and calls between the sums of those that there are and the triggers that add those that come.
LOCK TABLES event WRITE, cdr WRITE, traffic_start WRITE, traffic_refusal WRITE, traffic_refusal_quarter WRITE;

DELETE FROM traffic_start;

DELETE FROM traffic_refusal;

DELETE FROM traffic_refusal_quarter;

INSERT INTO traffic_start (region, at, calls)
SELECT region, TIMESTAMP(DATE(started_at), MAKETIME(HOUR(started_at), MINUTE(started_at), 0)) AS minute, COUNT(*)
FROM cdr FORCE INDEX (cdr_started)
WHERE started_at > UTC_TIMESTAMP(3) - INTERVAL 2 DAY AND (ended_at IS NULL OR ended_at > started_at)
GROUP BY region, minute;

INSERT INTO traffic_refusal (region, at, rule, cause, code, count)
SELECT region, TIMESTAMP(DATE(at), MAKETIME(HOUR(at), MINUTE(at), 0)) AS minute, rule, cause, IFNULL(code, 0) AS status, SUM(count)
FROM event
WHERE at > UTC_TIMESTAMP(3) - INTERVAL 2 DAY AND region IS NOT NULL
    AND (code >= 300 OR (code IS NULL AND cause NOT IN ('race_lost', 'removed', 'withdrawn')))
GROUP BY region, minute, rule, cause, status;

INSERT INTO traffic_refusal_quarter (region, at, rule, cause, code, count)
SELECT region, TIMESTAMP(DATE(at), MAKETIME(HOUR(at), MINUTE(at) DIV 15 * 15, 0)) AS quarter, rule, cause, IFNULL(code, 0) AS status, SUM(count)
FROM event
WHERE at > UTC_TIMESTAMP(3) - INTERVAL 2 DAY AND region IS NOT NULL
    AND (code >= 300 OR (code IS NULL AND cause NOT IN ('race_lost', 'removed', 'withdrawn')))
GROUP BY region, quarter, rule, cause, status;

-- What is told of a binding that ends has no code either: nobody was refused.
CREATE TRIGGER IF NOT EXISTS event_refused AFTER INSERT ON event FOR EACH ROW
INSERT INTO traffic_refusal (region, at, rule, cause, code, count)
SELECT NEW.region, TIMESTAMP(DATE(NEW.at), MAKETIME(HOUR(NEW.at), MINUTE(NEW.at), 0)), NEW.rule, NEW.cause, IFNULL(NEW.code, 0), NEW.count
FROM DUAL
WHERE NEW.region IS NOT NULL AND (NEW.code >= 300 OR (NEW.code IS NULL AND NEW.cause NOT IN ('race_lost', 'removed', 'withdrawn')))
ON DUPLICATE KEY UPDATE count = count + VALUES(count);

CREATE TRIGGER IF NOT EXISTS event_refused_quarter AFTER INSERT ON event FOR EACH ROW
INSERT INTO traffic_refusal_quarter (region, at, rule, cause, code, count)
SELECT NEW.region, TIMESTAMP(DATE(NEW.at), MAKETIME(HOUR(NEW.at), MINUTE(NEW.at) DIV 15 * 15, 0)), NEW.rule, NEW.cause, IFNULL(NEW.code, 0), NEW.count
FROM DUAL
WHERE NEW.region IS NOT NULL AND (NEW.code >= 300 OR (NEW.code IS NULL AND NEW.cause NOT IN ('race_lost', 'removed', 'withdrawn')))
ON DUPLICATE KEY UPDATE count = count + VALUES(count);

CREATE TRIGGER IF NOT EXISTS cdr_started_added AFTER INSERT ON cdr FOR EACH ROW
INSERT INTO traffic_start (region, at, calls)
SELECT NEW.region, TIMESTAMP(DATE(NEW.started_at), MAKETIME(HOUR(NEW.started_at), MINUTE(NEW.started_at), 0)), 1
FROM DUAL
WHERE NEW.ended_at IS NULL OR NEW.ended_at > NEW.started_at
ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls);

-- Lines about a call come in any order: a later one may say that it started, or started earlier.
CREATE TRIGGER IF NOT EXISTS cdr_started_was AFTER UPDATE ON cdr FOR EACH ROW
INSERT INTO traffic_start (region, at, calls)
SELECT OLD.region, TIMESTAMP(DATE(OLD.started_at), MAKETIME(HOUR(OLD.started_at), MINUTE(OLD.started_at), 0)), -1
FROM DUAL
WHERE (OLD.ended_at IS NULL OR OLD.ended_at > OLD.started_at)
    AND (NEW.started_at <> OLD.started_at OR NEW.ended_at <= NEW.started_at)
ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls);

CREATE TRIGGER IF NOT EXISTS cdr_started_is AFTER UPDATE ON cdr FOR EACH ROW
INSERT INTO traffic_start (region, at, calls)
SELECT NEW.region, TIMESTAMP(DATE(NEW.started_at), MAKETIME(HOUR(NEW.started_at), MINUTE(NEW.started_at), 0)), 1
FROM DUAL
WHERE (NEW.ended_at IS NULL OR NEW.ended_at > NEW.started_at)
    AND (NEW.started_at <> OLD.started_at OR OLD.ended_at <= OLD.started_at)
ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls);

UNLOCK TABLES;

-- The agent's word, each second. What it says of a gateway that is silent belongs to that gateway's last minute.
CREATE TRIGGER IF NOT EXISTS region_level AFTER UPDATE ON region FOR EACH ROW
INSERT INTO traffic_level (region, at, bindings, calls, channels)
SELECT NEW.name, TIMESTAMP(DATE(NEW.gateway_at), MAKETIME(HOUR(NEW.gateway_at), MINUTE(NEW.gateway_at), 0)),
    NEW.bindings, NEW.calls, NEW.channels
FROM DUAL
WHERE NOT (NEW.heartbeat_at <=> OLD.heartbeat_at AND NEW.gateway_at <=> OLD.gateway_at)
    AND NEW.heartbeat_at IS NOT NULL AND NEW.gateway_at IS NOT NULL
ON DUPLICATE KEY UPDATE bindings = GREATEST(IFNULL(bindings, VALUES(bindings)), IFNULL(VALUES(bindings), bindings)),
    calls = GREATEST(IFNULL(calls, VALUES(calls)), IFNULL(VALUES(calls), calls)),
    channels = GREATEST(IFNULL(channels, VALUES(channels)), IFNULL(VALUES(channels), channels));
