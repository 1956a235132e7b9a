-- The carrier's side: core gateways by region (rules O6 and I1), and numbers that pass every limit (rule O4).

CREATE TABLE IF NOT EXISTS core (
    id         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    region     VARCHAR(32) CHARACTER SET ascii NOT NULL,
    address    VARCHAR(45) CHARACTER SET ascii NOT NULL,
    port       SMALLINT UNSIGNED NOT NULL DEFAULT 5060,
    label      VARCHAR(200) NULL,
    enabled    BOOLEAN NOT NULL DEFAULT TRUE, -- whether calls are sent there; it may call in as long as it is listed
    created_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    updated_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3),
    UNIQUE KEY core_place (region, address, port),
    CONSTRAINT core_region_exists FOREIGN KEY (region) REFERENCES region (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS emergency_number (
    digits     VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    note       VARCHAR(200) NULL,
    created_at DATETIME(3) NOT NULL DEFAULT UTC_TIMESTAMP(3)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

INSERT IGNORE INTO emergency_number (digits, note) VALUES
    ('911', 'emergency services in North America'),
    ('933', 'reads back the address on file for 911'),
    ('112', 'emergency services in Europe, and from mobile telephones');
