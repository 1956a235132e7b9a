-- Everything that one deployment shares. Times are UTC.

CREATE TABLE IF NOT EXISTS deployment (
    id         TINYINT UNSIGNED NOT NULL PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    realm      VARCHAR(64) CHARACTER SET ascii NOT NULL,
    created_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS change_counter (
    id TINYINT UNSIGNED NOT NULL PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    n  BIGINT UNSIGNED NOT NULL
) ENGINE = InnoDB;

INSERT IGNORE INTO change_counter (id, n) VALUES (1, 0);

CREATE TABLE IF NOT EXISTS change_log (
    n         BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    at        DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    entity    VARCHAR(32) CHARACTER SET ascii NOT NULL,
    entity_id VARCHAR(64) CHARACTER SET ascii NOT NULL,
    data      JSON NULL
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS tenant (
    account_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL PRIMARY KEY,
    name       VARCHAR(200) NOT NULL,
    contact    VARCHAR(200) NULL,
    created_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    updated_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS credential (
    id               VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    username         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    ha1              CHAR(32) CHARACTER SET ascii NOT NULL,
    label            VARCHAR(200) NOT NULL,
    tenant           VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NULL,
    enabled          BOOLEAN NOT NULL DEFAULT TRUE,
    password_version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at       DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    updated_at       DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    rotated_at       DATETIME(3) NULL,
    KEY credential_created (created_at, id),
    KEY credential_tenant (tenant, created_at, id),
    CONSTRAINT credential_tenant_exists FOREIGN KEY (tenant) REFERENCES tenant (account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS api_key (
    id           VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    prefix       VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hash         CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    label        VARCHAR(200) NOT NULL,
    created_at   DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    last_used_at DATETIME(3) NULL,
    revoked_at   DATETIME(3) NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS user_agent (
    id         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    kind       ENUM ('phone', 'scanner') NOT NULL,
    pattern    VARCHAR(200) NOT NULL,
    note       VARCHAR(200) NULL,
    created_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    UNIQUE KEY user_agent_pattern (kind, pattern)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS region (
    name               VARCHAR(32) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    address            VARCHAR(45) CHARACTER SET ascii NOT NULL,
    heartbeat_at       DATETIME(3) NULL,      -- the agent's last word
    store_change       BIGINT UNSIGNED NULL,  -- change number that the region store holds
    applied_change     BIGINT UNSIGNED NULL,  -- change number that the gateway applies
    gateway_at         DATETIME(3) NULL,      -- the gateway's last pulse
    gateway_started_at DATETIME(3) NULL,
    agent_started_at   DATETIME(3) NULL,
    credentials        INT UNSIGNED NULL,
    bindings           INT UNSIGNED NULL,
    test_limits        BOOLEAN NOT NULL DEFAULT FALSE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A region's word about one credential. Highest version wins; state 'gone' is kept for a while so that an older record cannot bring it back.
CREATE TABLE IF NOT EXISTS binding (
    region       VARCHAR(32) CHARACTER SET ascii NOT NULL,
    username     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version      BIGINT UNSIGNED NOT NULL,
    state        ENUM ('live', 'silent', 'gone') NOT NULL,
    uid          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    address      VARCHAR(45) CHARACTER SET ascii NULL,
    port         SMALLINT UNSIGNED NULL,
    contact      VARCHAR(512) NULL,
    user_agent   VARCHAR(255) NULL,
    call_id      VARCHAR(255) NULL,
    since        DATETIME(3) NULL,   -- first of an unbroken row of registrations from this address
    refreshed_at DATETIME(3) NULL,
    expires_at   DATETIME(3) NULL,
    changed_at   DATETIME(3) NOT NULL,
    sync         BIGINT UNSIGNED NOT NULL DEFAULT 0, -- reader's cursor: see binding_sync
    PRIMARY KEY (region, username),
    UNIQUE KEY binding_uid (uid),
    KEY binding_cursor (region, sync),
    KEY binding_username (username),
    KEY binding_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Numbers the batches of binding rows, as change_counter numbers the API's writes, one counter a region.
CREATE TABLE IF NOT EXISTS binding_sync (
    region VARCHAR(32) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    n      BIGINT UNSIGNED NOT NULL
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS block (
    uid       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    region    VARCHAR(32) CHARACTER SET ascii NOT NULL,
    address   VARCHAR(45) CHARACTER SET ascii NOT NULL,
    username  VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    cause     VARCHAR(32) CHARACTER SET ascii NOT NULL,
    rule      VARCHAR(8) CHARACTER SET ascii NOT NULL,
    at        DATETIME(3) NOT NULL,
    until     DATETIME(3) NOT NULL,
    lifted_at DATETIME(3) NULL,
    KEY block_until (until),
    KEY block_username (username)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS event (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    region      VARCHAR(32) CHARACTER SET ascii NOT NULL,
    at          DATETIME(3) NOT NULL,
    until       DATETIME(3) NULL,               -- end of the span, when several are counted together
    count       INT UNSIGNED NOT NULL DEFAULT 1,
    rule        VARCHAR(8) CHARACTER SET ascii NOT NULL,
    cause       VARCHAR(32) CHARACTER SET ascii NOT NULL,
    code        SMALLINT UNSIGNED NULL,         -- SIP status; NULL for silence or when nothing was asked
    retry_after INT UNSIGNED NULL,              -- seconds
    username    VARCHAR(64) COLLATE utf8mb4_bin NULL, -- as claimed; proven when credential is set
    credential  VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    address     VARCHAR(45) CHARACTER SET ascii NULL,
    port        SMALLINT UNSIGNED NULL,
    user_agent  VARCHAR(255) NULL,
    method      VARCHAR(32) NULL,
    call_id     VARCHAR(255) NULL,
    sentence    VARCHAR(500) NOT NULL,
    data        JSON NULL,
    KEY event_username (username, id),
    KEY event_credential (credential, id),
    KEY event_at (at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- How far a region's journals have been shipped; written in the transaction that ships them.
CREATE TABLE IF NOT EXISTS journal_position (
    region  VARCHAR(32) CHARACTER SET ascii NOT NULL,
    journal VARCHAR(64) CHARACTER SET ascii NOT NULL,
    `offset` BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (region, journal)
) ENGINE = InnoDB;
