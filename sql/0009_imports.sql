-- How far imports have come that carry an Idempotency-Key; only to look at: what they write lies in a transaction of its own.

CREATE TABLE IF NOT EXISTS import_progress (
    principal  VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    `key`      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    phase      ENUM ('checking', 'writing', 'done', 'stopped') NOT NULL,
    done       INT UNSIGNED NOT NULL,
    total      INT UNSIGNED NOT NULL,
    updated_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    PRIMARY KEY (principal, `key`),
    KEY import_progress_age (updated_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
