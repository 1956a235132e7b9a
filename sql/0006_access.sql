-- Who may do what: keys with a scope, people, their sessions; what was done; and answers that may be asked for twice.

-- `revision` grows with each change of a row; with `created_at` it makes the ETag.
ALTER TABLE tenant ADD COLUMN IF NOT EXISTS revision INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE credential ADD COLUMN IF NOT EXISTS revision INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE number ADD COLUMN IF NOT EXISTS revision INT UNSIGNED NOT NULL DEFAULT 1;
ALTER TABLE core ADD COLUMN IF NOT EXISTS revision INT UNSIGNED NOT NULL DEFAULT 1;

-- Keys from before scopes could do everything, and still can. A revoked key stays in the list when its tenant goes.
ALTER TABLE api_key
    ADD COLUMN IF NOT EXISTS scope ENUM ('read', 'operate', 'administer') NOT NULL DEFAULT 'administer' AFTER label,
    ADD COLUMN IF NOT EXISTS tenant VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NULL AFTER scope,
    ADD COLUMN IF NOT EXISTS expires_at DATETIME(3) NULL AFTER created_at,
    ADD KEY IF NOT EXISTS api_key_tenant (tenant);

CREATE TABLE IF NOT EXISTS user (
    id              VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name            VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL UNIQUE, -- what is typed to sign in
    password        VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,              -- Argon2id (RFC 9106), encoded
    role            ENUM ('read', 'operate', 'administer') NOT NULL,
    tenant          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NULL,
    enabled         BOOLEAN NOT NULL DEFAULT TRUE,
    revision        INT UNSIGNED NOT NULL DEFAULT 1,
    created_at      DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    updated_at      DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    password_set_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    signed_in_at    DATETIME(3) NULL,
    KEY user_tenant (tenant),
    CONSTRAINT user_tenant_exists FOREIGN KEY (tenant) REFERENCES tenant (account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS session (
    id           VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    hash         CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE, -- SHA-256 of its token
    user         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    address      VARCHAR(45) CHARACTER SET ascii NOT NULL,
    created_at   DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    last_used_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    expires_at   DATETIME(3) NOT NULL,
    KEY session_user (user),
    KEY session_expiry (expires_at),
    CONSTRAINT session_user_exists FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Attempts to sign in that have not succeeded.
CREATE TABLE IF NOT EXISTS sign_in_attempt (
    id      BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL,
    address VARCHAR(45) CHARACTER SET ascii NOT NULL,
    at      DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    KEY sign_in_attempt_name (name, at),
    KEY sign_in_attempt_address (address, at),
    KEY sign_in_attempt_at (at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Written in the transaction of what it tells, and never changed. No foreign keys: it outlives what it names.
CREATE TABLE IF NOT EXISTS audit (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at         DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    actor_kind ENUM ('key', 'user', 'service', 'nobody') NOT NULL,
    actor      VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    actor_name VARCHAR(200) NULL,                                         -- label or name at that moment
    address    VARCHAR(45) CHARACTER SET ascii NULL,
    request_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    action     VARCHAR(32) CHARACTER SET ascii NOT NULL,
    entity     VARCHAR(32) CHARACTER SET ascii NOT NULL,
    entity_id  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tenant     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NULL,
    `before`   JSON NULL,
    `after`    JSON NULL,
    KEY audit_entity (entity, entity_id, id),
    KEY audit_entity_id (entity_id, id),
    KEY audit_actor (actor, id),
    KEY audit_action (action, id),
    KEY audit_tenant (tenant, id),
    KEY audit_request (request_id, id),
    KEY audit_at (at, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Requests that were carried out, by the key that their sender gave them; written in the transaction of the change.
CREATE TABLE IF NOT EXISTS idempotent_request (
    principal   VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    `key`       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,  -- SHA-256 of method, path, query and body
    created_at  DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    status      SMALLINT UNSIGNED NULL,
    answer      JSON NULL,                                                -- without what is told once
    told_once   BOOLEAN NOT NULL DEFAULT FALSE,
    `change`    BIGINT UNSIGNED NULL,
    region      VARCHAR(32) CHARACTER SET ascii NULL,
    PRIMARY KEY (principal, `key`),
    KEY idempotent_request_age (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
