-- Calls, live ones (ended_at IS NULL) and records of ended ones (CDRs). Regions' agents write them from journals, line by line in any order.
-- No foreign keys: a call is no use of what it names (rule T3), and its record outlives it.

CREATE TABLE IF NOT EXISTS cdr (
    id          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    region      VARCHAR(32) CHARACTER SET ascii NOT NULL,
    started_at  DATETIME(3) NOT NULL,
    direction   ENUM ('outbound', 'inbound') NULL,                                -- NULL until the first line has come
    credential  VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    username    VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    number      VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,           -- that was called in
    tenant      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NULL,    -- rules O5 and I5
    caller      VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,      -- user part of From
    callee      VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,      -- user part of the Request-URI
    address     VARCHAR(45) CHARACTER SET ascii NULL,                             -- where the INVITE came from
    port        SMALLINT UNSIGNED NULL,
    core        VARCHAR(64) CHARACTER SET ascii NULL,                             -- address:port
    via         VARCHAR(32) CHARACTER SET ascii NULL,                             -- the other region that reached the PBX
    call_id     VARCHAR(255) NULL,
    emergency   BOOLEAN NOT NULL DEFAULT FALSE,
    rang_at     DATETIME(3) NULL,
    answered_at DATETIME(3) NULL,
    ended_at    DATETIME(3) NULL,
    ended_by    VARCHAR(16) CHARACTER SET ascii NULL,                             -- caller, callee, gateway, administrator
    code        SMALLINT UNSIGNED NULL,                                           -- final SIP status of the INVITE
    rule        VARCHAR(8) CHARACTER SET ascii NULL,
    cause       VARCHAR(32) CHARACTER SET ascii NULL,
    answered    BOOLEAN AS (answered_at IS NOT NULL) PERSISTENT,
    -- One for each filter of the lists, which go from the newest back; the first two also hold what usage adds up.
    KEY cdr_started (started_at, id, tenant, direction, answered_at, ended_at),
    KEY cdr_tenant (tenant, started_at, id, direction, answered_at, ended_at),
    KEY cdr_live (ended_at, started_at, id),
    KEY cdr_region (region, started_at, id),
    KEY cdr_direction (direction, started_at, id),
    KEY cdr_credential (credential, started_at, id),
    KEY cdr_username (username, started_at, id),
    KEY cdr_number (number, started_at, id),
    KEY cdr_caller (caller, started_at, id),
    KEY cdr_callee (callee, started_at, id),
    KEY cdr_code (code, started_at, id),
    KEY cdr_rule (rule, started_at, id),
    KEY cdr_answered (answered, started_at, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

ALTER TABLE region
    ADD COLUMN IF NOT EXISTS calls INT UNSIGNED NULL,    -- in progress
    ADD COLUMN IF NOT EXISTS channels INT UNSIGNED NULL; -- slots of rules O3 and O4 that are taken
