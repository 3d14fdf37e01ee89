create or replace temporary table audit_dated as
-- grain: one row a service line with a relevant code of a person with a CoCM line: of several rows of a line the newest
with -- grain: one row a row of a line that has several, the newest first
ranked as (
    select d.*,
        row_number() over (
            partition by d.claim_id, d.claim_line_number
            order by coalesce(d.version_day_number, 0) desc, coalesce(d.decided_day_number, 0) desc,
                coalesce(d.received_day_number, 0) desc,
                case d.status when 'voided' then 1 when 'paid' then 2 when 'denied' then 3 else 4 end,
                d.charge_amount_cents, d.allowed_amount_cents, d.paid_amount_cents, d.deductible_amount_cents, d.coinsurance_amount_cents, d.copayment_amount_cents, d.adjustment_amount_1_cents, d.adjustment_amount_2_cents, d.adjustment_amount_3_cents, d.first_member_share_amount_cents, d.person_id, d.hcpcs_code, d.hcpcs_modifier_1, d.hcpcs_modifier_2, d.hcpcs_modifier_3, d.hcpcs_modifier_4, d.unit_basis_code, d.place_of_service_code, d.frequency_code, d.payer_claim_control_number, d.replaced_control_number, d.prior_authorization_number, d.billing_npi, d.billing_tin, d.billing_taxonomy_code, d.rendering_npi, d.rendering_taxonomy_code, d.supervising_npi, d.payer_identifier, d.payer_sequence, d.product, d.diagnosis_code_1, d.diagnosis_code_2, d.diagnosis_code_3, d.diagnosis_code_4, d.diagnosis_code_5, d.diagnosis_code_6, d.diagnosis_code_7, d.diagnosis_code_8, d.diagnosis_code_9, d.diagnosis_code_10, d.diagnosis_code_11, d.diagnosis_code_12, d.line_diagnosis_code, d.adjustment_group_code_1, d.adjustment_reason_code_1, d.adjustment_group_code_2, d.adjustment_reason_code_2, d.adjustment_group_code_3, d.adjustment_reason_code_3, d.remark_code_1, d.remark_code_2, d.remark_code_3, d.decided_by, d.region, d.first_status, d.appeal_outcome
        ) as copy_number
    from audit_read d
    join audit_repeated r on r.claim_id = d.claim_id and r.claim_line_number = d.claim_line_number
)
select d.*, 1 as copy_number
from audit_read d
left join audit_repeated r on r.claim_id = d.claim_id and r.claim_line_number = d.claim_line_number
where r.claim_id is null
union all
select * from ranked where copy_number = 1
