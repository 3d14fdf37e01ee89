-- What came back for the claims, and what was done about it. Nothing is ever changed: balances, timelines and
-- worklists are worked out from these rows, so that files may arrive in any order and more than once.

-- grain: one file that was taken in, by its content
CREATE TABLE received_file (
    sha256      TEXT NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    file_name   TEXT NOT NULL,
    byte_count  INTEGER NOT NULL,
    as_of_date  TEXT NOT NULL
) STRICT;

-- grain: one payment of a payer; several files may tell of it
CREATE TABLE payment (
    payment_id         TEXT NOT NULL PRIMARY KEY,
    payer_identifier   TEXT NOT NULL,
    payer_name         TEXT NOT NULL,
    payee_npi          TEXT NOT NULL,
    trace_number       TEXT NOT NULL,
    payment_date       TEXT NOT NULL,
    production_date    TEXT,
    method             TEXT NOT NULL,
    handling_code      TEXT NOT NULL,
    paid_amount_cents  INTEGER NOT NULL,
    payer_number       TEXT NOT NULL,
    sha256             TEXT NOT NULL REFERENCES received_file (sha256)
) STRICT;

-- grain: one provider adjustment (PLB) of a payment; equal ones are numbered
CREATE TABLE provider_adjustment (
    payment_id    TEXT NOT NULL REFERENCES payment (payment_id),
    reason_code   TEXT NOT NULL,
    reference     TEXT NOT NULL,
    amount_cents  INTEGER NOT NULL,
    occurrence    INTEGER NOT NULL,
    PRIMARY KEY (payment_id, reason_code, reference, amount_cents, occurrence)
) STRICT;

-- grain: one decision on a claim (CLP); of claims that are not of the model only the money is kept
CREATE TABLE decision (
    decision_id                 TEXT NOT NULL PRIMARY KEY,
    payment_id                  TEXT NOT NULL REFERENCES payment (payment_id),
    is_cocm                     INTEGER NOT NULL,
    claim_number                TEXT NOT NULL,
    payer_claim_control_number  TEXT NOT NULL,
    status_code                 TEXT NOT NULL,
    first_date                  TEXT,
    last_date                   TEXT,
    received_date               TEXT,
    remark_codes                TEXT NOT NULL,
    charge_cents                INTEGER NOT NULL,
    paid_cents                  INTEGER NOT NULL,
    contractual_cents           INTEGER NOT NULL,
    sequestration_cents         INTEGER NOT NULL,
    protected_cents             INTEGER NOT NULL,
    prior_payer_cents           INTEGER NOT NULL,
    patient_cents               INTEGER NOT NULL,
    disputed_cents              INTEGER NOT NULL,
    denied_cents                INTEGER NOT NULL,
    difference_cents            INTEGER NOT NULL,
    sha256                      TEXT NOT NULL REFERENCES received_file (sha256),
    first_byte                  INTEGER NOT NULL,
    last_byte                   INTEGER NOT NULL
) STRICT;

CREATE INDEX decision_by_payment ON decision (payment_id);
CREATE INDEX decision_by_control_number ON decision (payer_claim_control_number);

-- grain: one service line of a decision, numbered from 1
CREATE TABLE decision_line (
    decision_id           TEXT NOT NULL REFERENCES decision (decision_id),
    line_number           INTEGER NOT NULL,
    hcpcs_code            TEXT NOT NULL,
    unit_quantity         TEXT,
    charge_amount_cents   INTEGER NOT NULL,
    paid_amount_cents     INTEGER NOT NULL,
    allowed_amount_cents  INTEGER,
    remark_codes          TEXT NOT NULL,
    PRIMARY KEY (decision_id, line_number)
) STRICT, WITHOUT ROWID;

-- grain: one adjustment (CAS) of a decision; line 0 is the claim as a whole
CREATE TABLE decision_adjustment (
    decision_id   TEXT NOT NULL REFERENCES decision (decision_id),
    line_number   INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    group_code    TEXT NOT NULL,
    reason_code   TEXT NOT NULL,
    amount_cents  INTEGER NOT NULL,
    PRIMARY KEY (decision_id, line_number, position)
) STRICT, WITHOUT ROWID;

-- grain: the claim that a decision belongs to, and who or what says so
CREATE TABLE decision_match (
    decision_id  TEXT NOT NULL PRIMARY KEY REFERENCES decision (decision_id),
    claim_id     TEXT NOT NULL REFERENCES claim (claim_id),
    matched_by   TEXT NOT NULL,
    as_of_date   TEXT NOT NULL
) STRICT;

CREATE INDEX decision_match_by_claim ON decision_match (claim_id);

-- grain: something that happened to a claim outside remittances; `day` is when it happened, as its source says
CREATE TABLE claim_event (
    event_id     TEXT NOT NULL PRIMARY KEY,
    claim_id     TEXT NOT NULL REFERENCES claim (claim_id),
    kind         TEXT NOT NULL,
    day          TEXT NOT NULL,
    reference    TEXT NOT NULL,
    detail_json  TEXT NOT NULL,
    sha256       TEXT REFERENCES received_file (sha256)
) STRICT;

CREATE INDEX claim_event_by_claim ON claim_event (claim_id);
CREATE INDEX claim_event_by_reference ON claim_event (reference);

-- grain: something a person did to an account's money
CREATE TABLE account_action (
    action_id     TEXT NOT NULL PRIMARY KEY,
    claim_id      TEXT NOT NULL REFERENCES claim (claim_id),
    kind          TEXT NOT NULL,
    day           TEXT NOT NULL,
    amount_cents  INTEGER NOT NULL CHECK (amount_cents > 0),
    done_by       TEXT NOT NULL,
    reason        TEXT NOT NULL
) STRICT;

CREATE INDEX claim_by_account ON claim (patient_id, month_index, payer_id);

CREATE TRIGGER payment_is_never_changed BEFORE UPDATE ON payment
BEGIN SELECT RAISE(ABORT, 'payments are append-only'); END;
CREATE TRIGGER payment_is_never_deleted BEFORE DELETE ON payment
BEGIN SELECT RAISE(ABORT, 'payments are append-only'); END;
CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decision_is_never_deleted BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER claim_event_is_never_changed BEFORE UPDATE ON claim_event
BEGIN SELECT RAISE(ABORT, 'claim events are append-only'); END;
CREATE TRIGGER claim_event_is_never_deleted BEFORE DELETE ON claim_event
BEGIN SELECT RAISE(ABORT, 'claim events are append-only'); END;
CREATE TRIGGER account_action_is_never_changed BEFORE UPDATE ON account_action
BEGIN SELECT RAISE(ABORT, 'account actions are append-only'); END;
CREATE TRIGGER account_action_is_never_deleted BEFORE DELETE ON account_action
BEGIN SELECT RAISE(ABORT, 'account actions are append-only'); END;
