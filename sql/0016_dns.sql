-- A domain's name is longer than an identifier: the audit log names it whole.

ALTER TABLE audit
    MODIFY entity_id VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL;
