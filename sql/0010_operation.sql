-- What regions run and how PBXs find them: regions and domains as data, rendered configurations and zones, what was applied.

ALTER TABLE region
    ADD COLUMN IF NOT EXISTS state ENUM ('in-service', 'draining', 'out') NOT NULL DEFAULT 'in-service', -- rules D1 and D2
    ADD COLUMN IF NOT EXISTS label VARCHAR(200) CHARACTER SET utf8mb4 NULL,
    ADD COLUMN IF NOT EXISTS created_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    ADD COLUMN IF NOT EXISTS updated_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    ADD COLUMN IF NOT EXISTS revision INT UNSIGNED NOT NULL DEFAULT 1,
    ADD COLUMN IF NOT EXISTS configuration INT UNSIGNED NULL,                          -- version in force: the agent's word
    ADD COLUMN IF NOT EXISTS configuration_digest CHAR(64) CHARACTER SET ascii NULL,   -- of the files in force: likewise
    ADD COLUMN IF NOT EXISTS dead_cores JSON NULL,                                     -- ["address:port", …]: the gateway's word
    ADD UNIQUE KEY IF NOT EXISTS region_address (address);

CREATE TABLE IF NOT EXISTS domain (
    name         VARCHAR(200) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL PRIMARY KEY, -- PBXs use reg.<name>
    label        VARCHAR(200) NULL,
    name_servers JSON NOT NULL,                                                                  -- ["ns1.example.net", …]
    hostmaster   VARCHAR(254) CHARACTER SET ascii NOT NULL,                                      -- an e-mail address
    ttl          INT UNSIGNED NOT NULL,                                                          -- seconds
    created_at   DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    updated_at   DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    revision     INT UNSIGNED NOT NULL DEFAULT 1
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Rendered, and never changed. No foreign keys: serials and versions go on when a domain or region is made again.
CREATE TABLE IF NOT EXISTS zone (
    domain      VARCHAR(200) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
    version     INT UNSIGNED NOT NULL,
    serial      INT UNSIGNED NOT NULL,                     -- of its SOA record
    digest      CHAR(64) CHARACTER SET ascii NOT NULL,     -- SHA-256 of the text
    text        MEDIUMTEXT NOT NULL,
    rendered_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    actor_kind  ENUM ('key', 'user', 'service', 'nobody') NOT NULL,
    actor       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    actor_name  VARCHAR(200) NULL,
    PRIMARY KEY (domain, version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS configuration (
    region      VARCHAR(32) CHARACTER SET ascii NOT NULL,
    version     INT UNSIGNED NOT NULL,
    digest      CHAR(64) CHARACTER SET ascii NOT NULL,     -- SHA-256: kemi/configuration.py says of what
    files       MEDIUMTEXT NOT NULL,                       -- JSON object: text by file name
    rendered_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    actor_kind  ENUM ('key', 'user', 'service', 'nobody') NOT NULL,
    actor       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    actor_name  VARCHAR(200) NULL,
    PRIMARY KEY (region, version),
    UNIQUE KEY configuration_digest (region, digest)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What a region was asked to do with a version, and what came of it. The API asks, the region's agent reports.
CREATE TABLE IF NOT EXISTS application (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    region     VARCHAR(32) CHARACTER SET ascii NOT NULL,
    version    INT UNSIGNED NOT NULL,
    action     ENUM ('check', 'apply', 'rollback', 'start') NOT NULL, -- start: what a host rendered itself, and started with
    state      ENUM ('waiting', 'checking', 'switching', 'trying', 'checked', 'in-force', 'refused', 'rolled-back', 'withdrawn')
               NOT NULL DEFAULT 'waiting',
    previous   INT UNSIGNED NULL,                     -- version that was in force before
    reason     VARCHAR(1000) NULL,                    -- why refused or rolled back
    asked_at   DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    began_at   DATETIME(3) NULL,
    ended_at   DATETIME(3) NULL,
    restarted  BOOLEAN NULL,                          -- whether the gateway was
    actor_kind ENUM ('key', 'user', 'service', 'nobody') NOT NULL,
    actor      VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    actor_name VARCHAR(200) NULL,
    KEY application_region (region, id),
    KEY application_under_way (region, state, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
