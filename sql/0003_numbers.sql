-- Telephone numbers: who they belong to, and which credential's PBX they ring (rules T1 to T3).

CREATE TABLE IF NOT EXISTS number (
    number     VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, -- E.164 with its plus
    label      VARCHAR(200) NULL,
    tenant     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NULL,
    credential VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,                 -- the route
    created_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    updated_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    KEY number_tenant (tenant, number),
    KEY number_credential (credential, number),
    CONSTRAINT number_tenant_exists FOREIGN KEY (tenant) REFERENCES tenant (account_id),
    CONSTRAINT number_credential_exists FOREIGN KEY (credential) REFERENCES credential (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
