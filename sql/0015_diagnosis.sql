-- What a diagnosis asks of registrations, also of those that are over.

ALTER TABLE binding
    ADD COLUMN IF NOT EXISTS ended_at DATETIME(3) NULL,                 -- when it went before its time: with state 'gone'
    ADD COLUMN IF NOT EXISTS password_version INT UNSIGNED NULL,        -- that the PBX proved
    ADD COLUMN IF NOT EXISTS keepalive TINYINT UNSIGNED NULL,           -- 0: never answered, 1: answers, 2: used to
    ADD COLUMN IF NOT EXISTS strikes SMALLINT UNSIGNED NULL,            -- rule R4: came again before the moment that was named
    ADD COLUMN IF NOT EXISTS streak SMALLINT UNSIGNED NULL;             -- rule R4: accepted in a row, each after a 429

-- The last registration of a credential in a region once its row has left `binding`: for 30 days, while there is such a credential.
CREATE TABLE IF NOT EXISTS binding_past (
    region           VARCHAR(32) CHARACTER SET ascii NOT NULL,
    username         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state            ENUM ('live', 'silent', 'gone') NOT NULL,
    address          VARCHAR(45) CHARACTER SET ascii NULL,
    port             SMALLINT UNSIGNED NULL,
    contact          VARCHAR(512) NULL,
    user_agent       VARCHAR(255) NULL,
    since            DATETIME(3) NULL,
    refreshed_at     DATETIME(3) NULL,
    expires_at       DATETIME(3) NULL,
    ended_at         DATETIME(3) NULL,
    password_version INT UNSIGNED NULL,
    keepalive        TINYINT UNSIGNED NULL,
    strikes          SMALLINT UNSIGNED NULL,
    streak           SMALLINT UNSIGNED NULL,
    changed_at       DATETIME(3) NOT NULL,
    PRIMARY KEY (username, region),
    KEY binding_past_age (region, changed_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
