create or replace temporary table history_line as
-- grain: one row a line of an earlier claim of a person, of any practice
select person_id, submission_order, payer_id, claim_id, hcpcs_code, service_unit_quantity, service_day_number, month_index, year_number, billing_npi, billing_tin, rendering_npi, status, own_control_number as payer_claim_control_number, frequency_code from audit_line
