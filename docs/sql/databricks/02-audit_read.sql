create or replace table audit_read as
-- grain: one row a service line with a relevant code of a person with a CoCM line: amounts in cents, dates as days
with -- grain: the same, columns read as what they must hold
typed as (
    select
        coalesce(nullif(coalesce(trim(h.claim_id), ''), ''), cast('' as string)) as claim_id,
        cast(h.claim_line_number as decimal(18, 4)) as claim_line_number,
        coalesce(nullif(coalesce(trim(h.person_id), ''), ''), cast('' as string)) as person_id,
        coalesce(nullif(coalesce(trim(h.hcpcs_code), ''), ''), cast('' as string)) as hcpcs_code,
        cast(h.service_unit_quantity as decimal(18, 4)) as service_unit_quantity,
        case when cast(extract(year from h.service_date) * 10000 + extract(month from h.service_date) * 100 + extract(day from h.service_date) as int) between 19000101 and 21991231 then cast(extract(year from h.service_date) * 10000 + extract(month from h.service_date) * 100 + extract(day from h.service_date) as int) end as service_date_ymd,
        coalesce(nullif(lower(coalesce(trim(h.status), '')), ''), cast('' as string)) as status,
        case when cast(extract(year from h.service_from_date) * 10000 + extract(month from h.service_from_date) * 100 + extract(day from h.service_from_date) as int) between 19000101 and 21991231 then cast(extract(year from h.service_from_date) * 10000 + extract(month from h.service_from_date) * 100 + extract(day from h.service_from_date) as int) end as service_from_date_ymd,
        case when cast(extract(year from h.received_date) * 10000 + extract(month from h.received_date) * 100 + extract(day from h.received_date) as int) between 19000101 and 21991231 then cast(extract(year from h.received_date) * 10000 + extract(month from h.received_date) * 100 + extract(day from h.received_date) as int) end as received_date_ymd,
        case when cast(extract(year from h.decided_date) * 10000 + extract(month from h.decided_date) * 100 + extract(day from h.decided_date) as int) between 19000101 and 21991231 then cast(extract(year from h.decided_date) * 10000 + extract(month from h.decided_date) * 100 + extract(day from h.decided_date) as int) end as decided_date_ymd,
        case when cast(extract(year from h.version_date) * 10000 + extract(month from h.version_date) * 100 + extract(day from h.version_date) as int) between 19000101 and 21991231 then cast(extract(year from h.version_date) * 10000 + extract(month from h.version_date) * 100 + extract(day from h.version_date) as int) end as version_date_ymd,
        coalesce(nullif(coalesce(trim(h.hcpcs_modifier_1), ''), ''), cast('' as string)) as hcpcs_modifier_1,
        coalesce(nullif(coalesce(trim(h.hcpcs_modifier_2), ''), ''), cast('' as string)) as hcpcs_modifier_2,
        coalesce(nullif(coalesce(trim(h.hcpcs_modifier_3), ''), ''), cast('' as string)) as hcpcs_modifier_3,
        coalesce(nullif(coalesce(trim(h.hcpcs_modifier_4), ''), ''), cast('' as string)) as hcpcs_modifier_4,
        coalesce(nullif(coalesce(trim(h.unit_basis_code), ''), ''), cast('' as string)) as unit_basis_code,
        cast(round(h.charge_amount * 100) as bigint) as charge_amount_cents,
        coalesce(nullif(coalesce(trim(h.place_of_service_code), ''), ''), cast('' as string)) as place_of_service_code,
        coalesce(nullif(coalesce(trim(h.frequency_code), ''), ''), cast('' as string)) as frequency_code,
        coalesce(nullif(coalesce(trim(h.payer_claim_control_number), ''), ''), cast('' as string)) as payer_claim_control_number,
        coalesce(nullif(coalesce(trim(h.replaced_control_number), ''), ''), cast('' as string)) as replaced_control_number,
        coalesce(nullif(coalesce(trim(h.prior_authorization_number), ''), ''), cast('' as string)) as prior_authorization_number,
        h.has_paperwork as has_paperwork,
        case when cast(extract(year from h.birth_date) * 10000 + extract(month from h.birth_date) * 100 + extract(day from h.birth_date) as int) between 19000101 and 21991231 then cast(extract(year from h.birth_date) * 10000 + extract(month from h.birth_date) * 100 + extract(day from h.birth_date) as int) end as birth_date_ymd,
        coalesce(nullif(coalesce(trim(h.billing_npi), ''), ''), cast('' as string)) as billing_npi,
        coalesce(nullif(coalesce(trim(h.billing_tin), ''), ''), cast('' as string)) as billing_tin,
        coalesce(nullif(coalesce(trim(h.billing_taxonomy_code), ''), ''), cast('' as string)) as billing_taxonomy_code,
        coalesce(nullif(coalesce(trim(h.rendering_npi), ''), ''), cast('' as string)) as rendering_npi,
        coalesce(nullif(coalesce(trim(h.rendering_taxonomy_code), ''), ''), cast('' as string)) as rendering_taxonomy_code,
        coalesce(nullif(coalesce(trim(h.supervising_npi), ''), ''), cast('' as string)) as supervising_npi,
        coalesce(nullif(coalesce(trim(h.payer_identifier), ''), ''), cast('' as string)) as payer_identifier,
        coalesce(nullif(coalesce(trim(h.payer_sequence), ''), ''), cast('' as string)) as payer_sequence,
        coalesce(nullif(coalesce(trim(h.product), ''), ''), cast('' as string)) as product,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_1), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_1,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_2), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_2,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_3), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_3,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_4), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_4,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_5), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_5,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_6), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_6,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_7), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_7,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_8), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_8,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_9), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_9,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_10), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_10,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_11), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_11,
        coalesce(nullif(replace(upper(coalesce(trim(h.diagnosis_code_12), '')), '.', ''), ''), cast('' as string)) as diagnosis_code_12,
        cast(h.diagnosis_pointer_1 as decimal(18, 4)) as diagnosis_pointer_1,
        cast(h.diagnosis_pointer_2 as decimal(18, 4)) as diagnosis_pointer_2,
        cast(h.diagnosis_pointer_3 as decimal(18, 4)) as diagnosis_pointer_3,
        cast(h.diagnosis_pointer_4 as decimal(18, 4)) as diagnosis_pointer_4,
        coalesce(nullif(replace(upper(coalesce(trim(h.line_diagnosis_code), '')), '.', ''), ''), cast('' as string)) as line_diagnosis_code,
        cast(round(h.allowed_amount * 100) as bigint) as allowed_amount_cents,
        cast(round(h.paid_amount * 100) as bigint) as paid_amount_cents,
        cast(round(h.deductible_amount * 100) as bigint) as deductible_amount_cents,
        cast(round(h.coinsurance_amount * 100) as bigint) as coinsurance_amount_cents,
        cast(round(h.copayment_amount * 100) as bigint) as copayment_amount_cents,
        coalesce(nullif(coalesce(trim(h.adjustment_group_code_1), ''), ''), cast('' as string)) as adjustment_group_code_1,
        coalesce(nullif(coalesce(trim(h.adjustment_reason_code_1), ''), ''), cast('' as string)) as adjustment_reason_code_1,
        cast(round(h.adjustment_amount_1 * 100) as bigint) as adjustment_amount_1_cents,
        coalesce(nullif(coalesce(trim(h.adjustment_group_code_2), ''), ''), cast('' as string)) as adjustment_group_code_2,
        coalesce(nullif(coalesce(trim(h.adjustment_reason_code_2), ''), ''), cast('' as string)) as adjustment_reason_code_2,
        cast(round(h.adjustment_amount_2 * 100) as bigint) as adjustment_amount_2_cents,
        coalesce(nullif(coalesce(trim(h.adjustment_group_code_3), ''), ''), cast('' as string)) as adjustment_group_code_3,
        coalesce(nullif(coalesce(trim(h.adjustment_reason_code_3), ''), ''), cast('' as string)) as adjustment_reason_code_3,
        cast(round(h.adjustment_amount_3 * 100) as bigint) as adjustment_amount_3_cents,
        coalesce(nullif(coalesce(trim(h.remark_code_1), ''), ''), cast('' as string)) as remark_code_1,
        coalesce(nullif(coalesce(trim(h.remark_code_2), ''), ''), cast('' as string)) as remark_code_2,
        coalesce(nullif(coalesce(trim(h.remark_code_3), ''), ''), cast('' as string)) as remark_code_3,
        coalesce(nullif(coalesce(trim(h.decided_by), ''), ''), cast('' as string)) as decided_by,
        case when cast(extract(year from h.records_requested_date) * 10000 + extract(month from h.records_requested_date) * 100 + extract(day from h.records_requested_date) as int) between 19000101 and 21991231 then cast(extract(year from h.records_requested_date) * 10000 + extract(month from h.records_requested_date) * 100 + extract(day from h.records_requested_date) as int) end as records_requested_date_ymd,
        coalesce(nullif(coalesce(trim(h.region), ''), ''), cast('' as string)) as region,
        coalesce(nullif(lower(coalesce(trim(h.first_status), '')), ''), cast('' as string)) as first_status,
        case when cast(extract(year from h.first_decided_date) * 10000 + extract(month from h.first_decided_date) * 100 + extract(day from h.first_decided_date) as int) between 19000101 and 21991231 then cast(extract(year from h.first_decided_date) * 10000 + extract(month from h.first_decided_date) * 100 + extract(day from h.first_decided_date) as int) end as first_decided_date_ymd,
        cast(round(h.first_member_share_amount * 100) as bigint) as first_member_share_amount_cents,
        coalesce(nullif(coalesce(trim(h.appeal_outcome), ''), ''), cast('' as string)) as appeal_outcome
    from history h
    where h.hcpcs_code in (select hcpcs_code from audit_code) and h.person_id in (select person_key from audit_member)
),
-- grain: the same, dates that no calendar has left out
real as (
    select
        t.claim_id,
        t.claim_line_number,
        t.person_id,
        t.hcpcs_code,
        t.service_unit_quantity,
        t.service_date_ymd,
        t.status,
        t.service_from_date_ymd,
        t.received_date_ymd,
        t.decided_date_ymd,
        t.version_date_ymd,
        t.hcpcs_modifier_1,
        t.hcpcs_modifier_2,
        t.hcpcs_modifier_3,
        t.hcpcs_modifier_4,
        t.unit_basis_code,
        t.charge_amount_cents,
        t.place_of_service_code,
        t.frequency_code,
        t.payer_claim_control_number,
        t.replaced_control_number,
        t.prior_authorization_number,
        t.has_paperwork,
        t.birth_date_ymd,
        t.billing_npi,
        t.billing_tin,
        t.billing_taxonomy_code,
        t.rendering_npi,
        t.rendering_taxonomy_code,
        t.supervising_npi,
        t.payer_identifier,
        t.payer_sequence,
        t.product,
        t.diagnosis_code_1,
        t.diagnosis_code_2,
        t.diagnosis_code_3,
        t.diagnosis_code_4,
        t.diagnosis_code_5,
        t.diagnosis_code_6,
        t.diagnosis_code_7,
        t.diagnosis_code_8,
        t.diagnosis_code_9,
        t.diagnosis_code_10,
        t.diagnosis_code_11,
        t.diagnosis_code_12,
        t.diagnosis_pointer_1,
        t.diagnosis_pointer_2,
        t.diagnosis_pointer_3,
        t.diagnosis_pointer_4,
        t.line_diagnosis_code,
        t.allowed_amount_cents,
        t.paid_amount_cents,
        t.deductible_amount_cents,
        t.coinsurance_amount_cents,
        t.copayment_amount_cents,
        t.adjustment_group_code_1,
        t.adjustment_reason_code_1,
        t.adjustment_amount_1_cents,
        t.adjustment_group_code_2,
        t.adjustment_reason_code_2,
        t.adjustment_amount_2_cents,
        t.adjustment_group_code_3,
        t.adjustment_reason_code_3,
        t.adjustment_amount_3_cents,
        t.remark_code_1,
        t.remark_code_2,
        t.remark_code_3,
        t.decided_by,
        t.records_requested_date_ymd,
        t.region,
        t.first_status,
        t.first_decided_date_ymd,
        t.first_member_share_amount_cents,
        t.appeal_outcome
    from typed t
),
-- grain: the same, dates in parts
parted as (
    select t.*
        , case when cast(floor(t.service_date_ymd / 100.0) as int) - cast(floor(t.service_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.service_date_ymd / 10000.0) as int) else cast(floor(t.service_date_ymd / 10000.0) as int) - 1 end as service_date_y
        , case when cast(floor(t.service_date_ymd / 100.0) as int) - cast(floor(t.service_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.service_date_ymd / 100.0) as int) - cast(floor(t.service_date_ymd / 10000.0) as int) * 100 - 3 else cast(floor(t.service_date_ymd / 100.0) as int) - cast(floor(t.service_date_ymd / 10000.0) as int) * 100 + 9 end as service_date_m
        , t.service_date_ymd - cast(floor(t.service_date_ymd / 100.0) as int) * 100 as service_date_d
        , case when cast(floor(t.service_from_date_ymd / 100.0) as int) - cast(floor(t.service_from_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.service_from_date_ymd / 10000.0) as int) else cast(floor(t.service_from_date_ymd / 10000.0) as int) - 1 end as service_from_date_y
        , case when cast(floor(t.service_from_date_ymd / 100.0) as int) - cast(floor(t.service_from_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.service_from_date_ymd / 100.0) as int) - cast(floor(t.service_from_date_ymd / 10000.0) as int) * 100 - 3 else cast(floor(t.service_from_date_ymd / 100.0) as int) - cast(floor(t.service_from_date_ymd / 10000.0) as int) * 100 + 9 end as service_from_date_m
        , t.service_from_date_ymd - cast(floor(t.service_from_date_ymd / 100.0) as int) * 100 as service_from_date_d
        , case when cast(floor(t.received_date_ymd / 100.0) as int) - cast(floor(t.received_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.received_date_ymd / 10000.0) as int) else cast(floor(t.received_date_ymd / 10000.0) as int) - 1 end as received_date_y
        , case when cast(floor(t.received_date_ymd / 100.0) as int) - cast(floor(t.received_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.received_date_ymd / 100.0) as int) - cast(floor(t.received_date_ymd / 10000.0) as int) * 100 - 3 else cast(floor(t.received_date_ymd / 100.0) as int) - cast(floor(t.received_date_ymd / 10000.0) as int) * 100 + 9 end as received_date_m
        , t.received_date_ymd - cast(floor(t.received_date_ymd / 100.0) as int) * 100 as received_date_d
        , case when cast(floor(t.decided_date_ymd / 100.0) as int) - cast(floor(t.decided_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.decided_date_ymd / 10000.0) as int) else cast(floor(t.decided_date_ymd / 10000.0) as int) - 1 end as decided_date_y
        , case when cast(floor(t.decided_date_ymd / 100.0) as int) - cast(floor(t.decided_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.decided_date_ymd / 100.0) as int) - cast(floor(t.decided_date_ymd / 10000.0) as int) * 100 - 3 else cast(floor(t.decided_date_ymd / 100.0) as int) - cast(floor(t.decided_date_ymd / 10000.0) as int) * 100 + 9 end as decided_date_m
        , t.decided_date_ymd - cast(floor(t.decided_date_ymd / 100.0) as int) * 100 as decided_date_d
        , case when cast(floor(t.version_date_ymd / 100.0) as int) - cast(floor(t.version_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.version_date_ymd / 10000.0) as int) else cast(floor(t.version_date_ymd / 10000.0) as int) - 1 end as version_date_y
        , case when cast(floor(t.version_date_ymd / 100.0) as int) - cast(floor(t.version_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.version_date_ymd / 100.0) as int) - cast(floor(t.version_date_ymd / 10000.0) as int) * 100 - 3 else cast(floor(t.version_date_ymd / 100.0) as int) - cast(floor(t.version_date_ymd / 10000.0) as int) * 100 + 9 end as version_date_m
        , t.version_date_ymd - cast(floor(t.version_date_ymd / 100.0) as int) * 100 as version_date_d
        , case when cast(floor(t.birth_date_ymd / 100.0) as int) - cast(floor(t.birth_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.birth_date_ymd / 10000.0) as int) else cast(floor(t.birth_date_ymd / 10000.0) as int) - 1 end as birth_date_y
        , case when cast(floor(t.birth_date_ymd / 100.0) as int) - cast(floor(t.birth_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.birth_date_ymd / 100.0) as int) - cast(floor(t.birth_date_ymd / 10000.0) as int) * 100 - 3 else cast(floor(t.birth_date_ymd / 100.0) as int) - cast(floor(t.birth_date_ymd / 10000.0) as int) * 100 + 9 end as birth_date_m
        , t.birth_date_ymd - cast(floor(t.birth_date_ymd / 100.0) as int) * 100 as birth_date_d
        , case when cast(floor(t.records_requested_date_ymd / 100.0) as int) - cast(floor(t.records_requested_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.records_requested_date_ymd / 10000.0) as int) else cast(floor(t.records_requested_date_ymd / 10000.0) as int) - 1 end as records_requested_date_y
        , case when cast(floor(t.records_requested_date_ymd / 100.0) as int) - cast(floor(t.records_requested_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.records_requested_date_ymd / 100.0) as int) - cast(floor(t.records_requested_date_ymd / 10000.0) as int) * 100 - 3 else cast(floor(t.records_requested_date_ymd / 100.0) as int) - cast(floor(t.records_requested_date_ymd / 10000.0) as int) * 100 + 9 end as records_requested_date_m
        , t.records_requested_date_ymd - cast(floor(t.records_requested_date_ymd / 100.0) as int) * 100 as records_requested_date_d
        , case when cast(floor(t.first_decided_date_ymd / 100.0) as int) - cast(floor(t.first_decided_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.first_decided_date_ymd / 10000.0) as int) else cast(floor(t.first_decided_date_ymd / 10000.0) as int) - 1 end as first_decided_date_y
        , case when cast(floor(t.first_decided_date_ymd / 100.0) as int) - cast(floor(t.first_decided_date_ymd / 10000.0) as int) * 100 > 2 then cast(floor(t.first_decided_date_ymd / 100.0) as int) - cast(floor(t.first_decided_date_ymd / 10000.0) as int) * 100 - 3 else cast(floor(t.first_decided_date_ymd / 100.0) as int) - cast(floor(t.first_decided_date_ymd / 10000.0) as int) * 100 + 9 end as first_decided_date_m
        , t.first_decided_date_ymd - cast(floor(t.first_decided_date_ymd / 100.0) as int) * 100 as first_decided_date_d

    from real t
)
select p.*
        , 365 * p.service_date_y + cast(floor(p.service_date_y / 4.0) as int) - cast(floor(p.service_date_y / 100.0) as int) + cast(floor(p.service_date_y / 400.0) as int) + cast(floor((153 * p.service_date_m + 2) / 5.0) as int) + p.service_date_d - 730426 as service_day_number
        , 365 * p.service_from_date_y + cast(floor(p.service_from_date_y / 4.0) as int) - cast(floor(p.service_from_date_y / 100.0) as int) + cast(floor(p.service_from_date_y / 400.0) as int) + cast(floor((153 * p.service_from_date_m + 2) / 5.0) as int) + p.service_from_date_d - 730426 as service_from_day_number
        , 365 * p.received_date_y + cast(floor(p.received_date_y / 4.0) as int) - cast(floor(p.received_date_y / 100.0) as int) + cast(floor(p.received_date_y / 400.0) as int) + cast(floor((153 * p.received_date_m + 2) / 5.0) as int) + p.received_date_d - 730426 as received_day_number
        , 365 * p.decided_date_y + cast(floor(p.decided_date_y / 4.0) as int) - cast(floor(p.decided_date_y / 100.0) as int) + cast(floor(p.decided_date_y / 400.0) as int) + cast(floor((153 * p.decided_date_m + 2) / 5.0) as int) + p.decided_date_d - 730426 as decided_day_number
        , 365 * p.version_date_y + cast(floor(p.version_date_y / 4.0) as int) - cast(floor(p.version_date_y / 100.0) as int) + cast(floor(p.version_date_y / 400.0) as int) + cast(floor((153 * p.version_date_m + 2) / 5.0) as int) + p.version_date_d - 730426 as version_day_number
        , 365 * p.birth_date_y + cast(floor(p.birth_date_y / 4.0) as int) - cast(floor(p.birth_date_y / 100.0) as int) + cast(floor(p.birth_date_y / 400.0) as int) + cast(floor((153 * p.birth_date_m + 2) / 5.0) as int) + p.birth_date_d - 730426 as birth_day_number
        , 365 * p.records_requested_date_y + cast(floor(p.records_requested_date_y / 4.0) as int) - cast(floor(p.records_requested_date_y / 100.0) as int) + cast(floor(p.records_requested_date_y / 400.0) as int) + cast(floor((153 * p.records_requested_date_m + 2) / 5.0) as int) + p.records_requested_date_d - 730426 as records_requested_day_number
        , 365 * p.first_decided_date_y + cast(floor(p.first_decided_date_y / 4.0) as int) - cast(floor(p.first_decided_date_y / 100.0) as int) + cast(floor(p.first_decided_date_y / 400.0) as int) + cast(floor((153 * p.first_decided_date_m + 2) / 5.0) as int) + p.first_decided_date_d - 730426 as first_decided_day_number
from parted p
where p.service_date_ymd is not null and p.service_unit_quantity >= 0 and p.claim_line_number is not null
