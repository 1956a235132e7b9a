-- Accepted registrations of the last hours, for a credential's timeline.

-- A ring: a registration's slot follows from when it was accepted and comes round again after three hours (kemi/agent/ring.py). Rule R4 leaves one
-- registration of a credential for a slot. The slot stands before the username, so that what is written at one time lies together.
CREATE TABLE IF NOT EXISTS registration (
    region         VARCHAR(32) CHARACTER SET ascii NOT NULL,
    slot           MEDIUMINT UNSIGNED NOT NULL,
    username       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    at             DATETIME(3) NOT NULL,                    -- when it was accepted: rule R4's clock
    address        VARCHAR(45) CHARACTER SET ascii NULL,    -- NULL: only its end is known yet
    port           SMALLINT UNSIGNED NULL,
    user_agent     VARCHAR(255) NULL,
    ended_at       DATETIME(3) NULL,                        -- when its binding went before its time
    ended_cause    VARCHAR(32) CHARACTER SET ascii NULL,
    ended_sentence VARCHAR(500) NULL,                       -- what an event said of that; NULL: the PBX left
    PRIMARY KEY (region, slot, username)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
