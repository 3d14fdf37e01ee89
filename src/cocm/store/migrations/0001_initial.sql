-- One practice's embedded state. Ids only: names and birth dates stay in the practice's own files,
-- except inside the stored interchanges, which are what was sent.

CREATE TABLE practice (
    organization_id TEXT NOT NULL PRIMARY KEY
) STRICT;

-- grain: one event; append-only, each hashed with the one before it
CREATE TABLE event (
    event_number   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind           TEXT NOT NULL,
    subject_id     TEXT NOT NULL,
    as_of_date     TEXT NOT NULL,
    detail_json    TEXT NOT NULL,
    previous_hash  TEXT NOT NULL,
    event_hash     TEXT NOT NULL
) STRICT;

-- grain: one interchange written for one payer and month
CREATE TABLE interchange (
    control_number       INTEGER NOT NULL PRIMARY KEY,
    payer_id             TEXT NOT NULL,
    month_index          INTEGER NOT NULL,
    as_of_date           TEXT NOT NULL,
    file_name            TEXT NOT NULL,
    sha256               TEXT NOT NULL,
    byte_count           INTEGER NOT NULL,
    claim_count          INTEGER NOT NULL,
    charge_amount_cents  INTEGER NOT NULL
) STRICT;

-- grain: one compressed piece of an interchange, so that the very same bytes can be written again
CREATE TABLE interchange_piece (
    control_number  INTEGER NOT NULL REFERENCES interchange (control_number),
    piece_number    INTEGER NOT NULL,
    zlib_bytes      BLOB NOT NULL,
    PRIMARY KEY (control_number, piece_number)
) STRICT;

-- grain: one claim that was written for a payer
CREATE TABLE claim (
    claim_id             TEXT NOT NULL PRIMARY KEY,
    patient_id           TEXT NOT NULL,
    month_index          INTEGER NOT NULL,
    payer_id             TEXT NOT NULL,
    sequence             INTEGER NOT NULL,
    content_hash         TEXT NOT NULL,
    frequency_code       TEXT NOT NULL,
    charge_amount_cents  INTEGER NOT NULL,
    control_number       INTEGER NOT NULL REFERENCES interchange (control_number),
    as_of_date           TEXT NOT NULL,
    schema_version       TEXT NOT NULL,
    engine_version       TEXT NOT NULL,
    rulebook_hash        TEXT NOT NULL,
    UNIQUE (patient_id, month_index, payer_id, sequence)
) STRICT;

CREATE INDEX claim_by_month ON claim (month_index, payer_id);

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER claim_is_never_changed BEFORE UPDATE ON claim
BEGIN SELECT RAISE(ABORT, 'claims are append-only'); END;
CREATE TRIGGER claim_is_never_deleted BEFORE DELETE ON claim
BEGIN SELECT RAISE(ABORT, 'claims are append-only'); END;
CREATE TRIGGER interchange_is_never_changed BEFORE UPDATE ON interchange
BEGIN SELECT RAISE(ABORT, 'interchanges are append-only'); END;
CREATE TRIGGER interchange_is_never_deleted BEFORE DELETE ON interchange
BEGIN SELECT RAISE(ABORT, 'interchanges are append-only'); END;
