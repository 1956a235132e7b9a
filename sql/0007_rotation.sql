-- Rotation with a grace period (rule C4): the old password works until a moment, and whether the new one was seen is known.

ALTER TABLE credential
    ADD COLUMN IF NOT EXISTS old_ha1 CHAR(32) CHARACTER SET ascii NULL, -- of the password whose version is one less
    ADD COLUMN IF NOT EXISTS old_until DATETIME(3) NULL,
    ADD COLUMN IF NOT EXISTS grace_warned_at DATETIME(3) NULL,          -- the warning is an event once a rotation
    -- Holds what filters of the list ask.
    ADD KEY IF NOT EXISTS credential_grace (old_until, created_at, id, tenant, username, label, enabled);

-- When a PBX first proved a version of its password in a region. Agents write each row once, by username, which is what they see;
-- no foreign key: what a journal tells late may name a credential that is gone.
CREATE TABLE IF NOT EXISTS password_use (
    username VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version  INT UNSIGNED NOT NULL,
    region   VARCHAR(32) CHARACTER SET ascii NOT NULL,
    first_at DATETIME(3) NOT NULL,
    PRIMARY KEY (username, version, region)
) ENGINE = InnoDB;

-- NULL: an event of the service as a whole.
ALTER TABLE event MODIFY COLUMN region VARCHAR(32) CHARACTER SET ascii NULL;
