-- What a decision says of the claim and its lines is one text of the decision, written and read with it, and so is the
-- claim that its control number names: rows of their own were most of what posting cost, and nothing is asked of single
-- lines or adjustments across decisions.

-- content_json: [[[group, reason, cents], ...], [[code, quantity, charge, paid, allowed, [[group, reason, cents], ...],
-- [remark, ...]], ...]]: the adjustments of the claim as a whole, then its lines; amounts in cents
ALTER TABLE decision ADD COLUMN content_json TEXT NOT NULL DEFAULT '[[],[]]';

-- the claim that its own control number names, where the state knew that claim when the decision came; what is found
-- in another way, or later, stands in decision_match
ALTER TABLE decision ADD COLUMN claim_id TEXT REFERENCES claim (claim_id);

DROP TRIGGER decision_is_never_changed;

UPDATE decision SET content_json = json_array(
    (SELECT json_group_array(json_array(group_code, reason_code, amount_cents)) FROM
        (SELECT group_code, reason_code, amount_cents FROM decision_adjustment
         WHERE decision_id = decision.decision_id AND line_number = 0 ORDER BY position)),
    (SELECT json_group_array(json(line)) FROM
        (SELECT json_array(
            hcpcs_code, unit_quantity, charge_amount_cents, paid_amount_cents, allowed_amount_cents,
            (SELECT json_group_array(json_array(group_code, reason_code, amount_cents)) FROM
                (SELECT group_code, reason_code, amount_cents FROM decision_adjustment a
                 WHERE a.decision_id = l.decision_id AND a.line_number = l.line_number ORDER BY position)),
            json(CASE remark_codes WHEN '' THEN '[]' ELSE '["' || replace(remark_codes, ' ', '","') || '"]' END)
         ) AS line
         FROM decision_line l WHERE l.decision_id = decision.decision_id ORDER BY line_number))
);

UPDATE decision SET claim_id =
    (SELECT m.claim_id FROM decision_match m
     WHERE m.decision_id = decision.decision_id AND m.matched_by = 'control_number');

DELETE FROM decision_match WHERE matched_by = 'control_number';

CREATE INDEX decision_by_claim ON decision (claim_id) WHERE claim_id IS NOT NULL;

CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;

DROP TABLE decision_adjustment;
DROP TABLE decision_line;

-- Nothing looks a decision up by this number alone.
DROP INDEX decision_by_control_number;
