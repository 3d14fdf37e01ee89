create or replace table claim_diagnosis as
-- grain: one row a diagnosis on a claim
select distinct * from (
    select a.claim_id, 1 as diagnosis_position, a.diagnosis_code_1 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_1 <> ''
    union all select a.claim_id, 2 as diagnosis_position, a.diagnosis_code_2 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_2 <> ''
    union all select a.claim_id, 3 as diagnosis_position, a.diagnosis_code_3 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_3 <> ''
    union all select a.claim_id, 4 as diagnosis_position, a.diagnosis_code_4 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_4 <> ''
    union all select a.claim_id, 5 as diagnosis_position, a.diagnosis_code_5 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_5 <> ''
    union all select a.claim_id, 6 as diagnosis_position, a.diagnosis_code_6 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_6 <> ''
    union all select a.claim_id, 7 as diagnosis_position, a.diagnosis_code_7 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_7 <> ''
    union all select a.claim_id, 8 as diagnosis_position, a.diagnosis_code_8 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_8 <> ''
    union all select a.claim_id, 9 as diagnosis_position, a.diagnosis_code_9 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_9 <> ''
    union all select a.claim_id, 10 as diagnosis_position, a.diagnosis_code_10 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_10 <> ''
    union all select a.claim_id, 11 as diagnosis_position, a.diagnosis_code_11 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_11 <> ''
    union all select a.claim_id, 12 as diagnosis_position, a.diagnosis_code_12 as diagnosis_code from audit_line a join cocm_code c on c.hcpcs_code = a.hcpcs_code where a.diagnosis_code_12 <> ''
) d
