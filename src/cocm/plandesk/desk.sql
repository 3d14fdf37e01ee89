-- What the review desk keeps beside the decisions: the claims as they came in, requests for records, and the records.

-- grain: one claim file taken in, as it came
CREATE TABLE IF NOT EXISTS batch_input (
    sha256     TEXT NOT NULL PRIMARY KEY REFERENCES batch,
    zlib_bytes BLOB NOT NULL
) STRICT;

-- grain: one request for records about a claim
CREATE TABLE IF NOT EXISTS record_request (
    request_number TEXT NOT NULL PRIMARY KEY,
    claim_number   TEXT NOT NULL UNIQUE REFERENCES decided_claim,
    asked_date     TEXT NOT NULL,
    due_date       TEXT NOT NULL,
    edit_ids       TEXT NOT NULL,
    loinc_codes    TEXT NOT NULL
) STRICT;

-- grain: one document that came in about a claim; `request_number` is empty where nobody had asked
CREATE TABLE IF NOT EXISTS record_document (
    claim_number   TEXT NOT NULL REFERENCES decided_claim,
    sha256         TEXT NOT NULL,
    request_number TEXT NOT NULL,
    received_date  TEXT NOT NULL,
    file_name      TEXT NOT NULL,
    byte_count     INTEGER NOT NULL,
    zlib_bytes     BLOB NOT NULL,
    PRIMARY KEY (claim_number, sha256)
) STRICT;

-- grain: one run of the desk (a person's decision, a bulk correction), known by what was asked of it
CREATE TABLE IF NOT EXISTS desk_run (
    sha256      TEXT NOT NULL PRIMARY KEY REFERENCES batch,
    action      TEXT NOT NULL,
    request     TEXT NOT NULL,
    reviewer    TEXT NOT NULL,
    decided_date TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS desk_run_request ON desk_run (action, request);

-- grain: one interest payment on a corrected or late claim; amounts in cents
CREATE TABLE IF NOT EXISTS interest_paid (
    claim_number  TEXT NOT NULL PRIMARY KEY REFERENCES decided_claim,
    interest_cents INTEGER NOT NULL,
    days          INTEGER NOT NULL
) STRICT;

-- grain: one part of a payment to a biller: cents below zero are carried forward, above zero recovered from it
CREATE TABLE IF NOT EXISTS forward_balance (
    sha256      TEXT NOT NULL REFERENCES batch,
    billing_npi TEXT NOT NULL,
    billing_tin TEXT NOT NULL,
    reference   TEXT NOT NULL,
    cents       INTEGER NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS balance_is_never_changed BEFORE UPDATE ON forward_balance
BEGIN SELECT RAISE(ABORT, 'balances are append-only'); END;
CREATE TRIGGER IF NOT EXISTS balance_is_never_deleted BEFORE DELETE ON forward_balance
BEGIN SELECT RAISE(ABORT, 'balances are append-only'); END;

CREATE TRIGGER IF NOT EXISTS input_is_never_changed BEFORE UPDATE ON batch_input
BEGIN SELECT RAISE(ABORT, 'claim files are append-only'); END;
CREATE TRIGGER IF NOT EXISTS input_is_never_deleted BEFORE DELETE ON batch_input
BEGIN SELECT RAISE(ABORT, 'claim files are append-only'); END;
CREATE TRIGGER IF NOT EXISTS request_is_never_changed BEFORE UPDATE ON record_request
BEGIN SELECT RAISE(ABORT, 'requests for records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS request_is_never_deleted BEFORE DELETE ON record_request
BEGIN SELECT RAISE(ABORT, 'requests for records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS document_is_never_changed BEFORE UPDATE ON record_document
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS document_is_never_deleted BEFORE DELETE ON record_document
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER IF NOT EXISTS run_is_never_changed BEFORE UPDATE ON desk_run
BEGIN SELECT RAISE(ABORT, 'runs of the desk are append-only'); END;
CREATE TRIGGER IF NOT EXISTS run_is_never_deleted BEFORE DELETE ON desk_run
BEGIN SELECT RAISE(ABORT, 'runs of the desk are append-only'); END;
CREATE TRIGGER IF NOT EXISTS interest_is_never_changed BEFORE UPDATE ON interest_paid
BEGIN SELECT RAISE(ABORT, 'interest payments are append-only'); END;
CREATE TRIGGER IF NOT EXISTS interest_is_never_deleted BEFORE DELETE ON interest_paid
BEGIN SELECT RAISE(ABORT, 'interest payments are append-only'); END;
