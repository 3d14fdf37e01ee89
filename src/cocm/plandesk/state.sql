-- What a plan has decided. Holds member ids and birth dates: keep the file as you keep claims.

-- grain: one plan
CREATE TABLE plan (plan_id TEXT NOT NULL PRIMARY KEY) STRICT;

-- grain: one claim file taken in, known by its content
CREATE TABLE batch (
    sha256         TEXT NOT NULL PRIMARY KEY,
    batch_number   INTEGER NOT NULL UNIQUE,
    as_of_date     TEXT NOT NULL,
    received_date  TEXT NOT NULL,
    last_control_number INTEGER NOT NULL,
    rulebook_hash  TEXT NOT NULL,
    engine_version TEXT NOT NULL
) STRICT;

-- grain: one file that was written for a batch
CREATE TABLE batch_file (
    sha256     TEXT NOT NULL REFERENCES batch,
    file_name  TEXT NOT NULL,
    zlib_bytes BLOB NOT NULL,
    PRIMARY KEY (sha256, file_name)
) STRICT;

-- grain: one decided claim; `takes_back` is the claim that it reverses
CREATE TABLE decided_claim (
    claim_number TEXT NOT NULL PRIMARY KEY,
    sha256       TEXT NOT NULL,
    claim_id     TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    birth_date   TEXT NOT NULL,
    year         INTEGER NOT NULL,
    answer       TEXT NOT NULL,
    claim_filing_code      TEXT NOT NULL,
    place_of_service_code  TEXT NOT NULL,
    frequency_code         TEXT NOT NULL,
    billing_npi  TEXT NOT NULL,
    takes_back   TEXT UNIQUE
) STRICT;
CREATE INDEX decided_claim_member ON decided_claim (member_id, birth_date);

-- grain: one line of a decided claim; `line_json` lists the fields of `DecidedLine` in their order (the first states hold
-- an object with their names)
CREATE TABLE decided_line (
    claim_number TEXT NOT NULL REFERENCES decided_claim,
    place        INTEGER NOT NULL,
    deductible_cents   INTEGER NOT NULL,
    member_share_cents INTEGER NOT NULL,
    line_json    TEXT NOT NULL,
    PRIMARY KEY (claim_number, place)
) STRICT;

CREATE TRIGGER batch_is_never_changed BEFORE UPDATE ON batch
BEGIN SELECT RAISE(ABORT, 'batches are append-only'); END;
CREATE TRIGGER batch_is_never_deleted BEFORE DELETE ON batch
BEGIN SELECT RAISE(ABORT, 'batches are append-only'); END;
CREATE TRIGGER claim_is_never_changed BEFORE UPDATE ON decided_claim
BEGIN SELECT RAISE(ABORT, 'decided claims are append-only'); END;
CREATE TRIGGER claim_is_never_deleted BEFORE DELETE ON decided_claim
BEGIN SELECT RAISE(ABORT, 'decided claims are append-only'); END;
CREATE TRIGGER line_is_never_changed BEFORE UPDATE ON decided_line
BEGIN SELECT RAISE(ABORT, 'decided lines are append-only'); END;
CREATE TRIGGER line_is_never_deleted BEFORE DELETE ON decided_line
BEGIN SELECT RAISE(ABORT, 'decided lines are append-only'); END;
