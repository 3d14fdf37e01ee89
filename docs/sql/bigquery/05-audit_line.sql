create or replace temp table audit_line as
-- grain: one row a service line with a relevant code of a person with a CoCM line: claim_line, and what was decided of it
with -- grain: one row a claim
claim as (
    select d.claim_id, d.person_id, min(d.service_date_ymd) as claim_ymd, min(d.service_day_number) as claim_day_number,
        min(coalesce(d.received_day_number, d.service_day_number)) as came_day_number
    from audit_dated d
    group by d.claim_id, d.person_id
),
-- grain: the same, in the order in which a person's claims came in
ordered as (
    select c.*,
        dense_rank() over (
            partition by c.person_id order by c.came_day_number, c.claim_day_number, length(c.claim_id), c.claim_id
        ) as submission_order
    from claim c
),
-- grain: one row a person and a payer's claim number of which there are versions: the newest one's day
newest as (
    select d.person_id, d.payer_claim_control_number, max(d.version_day_number) as newest_day_number
    from audit_dated d
    where d.version_day_number is not null and d.payer_claim_control_number <> ''
    group by d.person_id, d.payer_claim_control_number
    having max(d.version_day_number) > min(d.version_day_number)
),
-- grain: one row a line, dates in parts
parted as (
    select d.*,
        cast(floor(d.service_date_ymd / 10000.0) as int64) as service_year,
        cast(floor(d.service_date_ymd / 100.0) as int64) - cast(floor(d.service_date_ymd / 10000.0) as int64) * 100
            as service_month,
        cast(floor(coalesce(d.service_from_date_ymd, d.service_date_ymd) / 10000.0) as int64) as from_year,
        cast(floor(coalesce(d.service_from_date_ymd, d.service_date_ymd) / 100.0) as int64)
            - cast(floor(coalesce(d.service_from_date_ymd, d.service_date_ymd) / 10000.0) as int64) * 100 as from_month
    from audit_dated d
)
select
    s.claim_id,
    cast(s.claim_line_number as int64) as claim_line_number,
    s.person_id,
    cast(o.submission_order as int64) as submission_order,
    g.pack_id,
    o.claim_day_number as policy_day_number,
    o.came_day_number as as_of_day_number,
    '' as payer_id,
    s.payer_identifier,
    case when s.payer_sequence = '' then 'P' else s.payer_sequence end as payer_sequence,
    s.billing_npi,
    s.billing_tin,
    s.billing_taxonomy_code,
    case when s.rendering_npi = '' then s.billing_npi else s.rendering_npi end as rendering_npi,
    s.rendering_taxonomy_code,
    s.supervising_npi,
    s.place_of_service_code,
    case when s.frequency_code = '' then '1' else s.frequency_code end as frequency_code,
    s.replaced_control_number as payer_claim_control_number,
    s.prior_authorization_number,
    coalesce(s.has_paperwork, false) as has_paperwork,
    coalesce(s.birth_day_number, 0) as birth_day_number,
    coalesce(cast(floor((o.claim_ymd - s.birth_date_ymd) / 10000.0) as int64), 0) as age_years,
    upper(s.hcpcs_code) as hcpcs_code,
    s.hcpcs_modifier_1 as modifier_1,
    s.hcpcs_modifier_2 as modifier_2,
    s.hcpcs_modifier_3 as modifier_3,
    s.hcpcs_modifier_4 as modifier_4,
    cast(floor(s.service_unit_quantity) as int64) as service_unit_quantity,
    case when s.unit_basis_code = '' then 'UN' else s.unit_basis_code end as unit_basis_code,
    s.service_unit_quantity = floor(s.service_unit_quantity) as is_whole_quantity,
    coalesce(s.charge_amount_cents, 0) as charge_amount_cents,
    coalesce(s.service_from_day_number, s.service_day_number) as service_from_day_number,
    s.from_year * 12 + s.from_month - 1 as service_from_month_index,
    s.service_date_ymd - cast(floor(s.service_date_ymd / 100.0) as int64) * 100 = case
        when s.service_month in (4, 6, 9, 11) then 30
        when s.service_month <> 2 then 31
        when s.service_year in (2000, 2004, 2008, 2012, 2016, 2020, 2024, 2028, 2032, 2036, 2040, 2044, 2048) then 29
        else 28 end as is_last_day_of_month,
    s.service_day_number,
    s.service_year * 12 + s.service_month - 1 as month_index,
    s.service_year as year_number
        , coalesce(cast(s.diagnosis_pointer_1 as int64), 0) as diagnosis_pointer_1
        , coalesce(cast(s.diagnosis_pointer_2 as int64), 0) as diagnosis_pointer_2
        , coalesce(cast(s.diagnosis_pointer_3 as int64), 0) as diagnosis_pointer_3
        , coalesce(cast(s.diagnosis_pointer_4 as int64), 0) as diagnosis_pointer_4
    , case when s.version_day_number < n.newest_day_number then 'voided'
        when s.status in ('sent', 'accepted', 'rejected', 'paid', 'denied', 'voided') then s.status
        else 'unknown' end as status
    , s.payer_claim_control_number as own_control_number
    , s.service_date_ymd
    , s.decided_day_number
    , s.records_requested_day_number
    , s.received_day_number
    , s.first_decided_day_number
        , s.product
        , s.diagnosis_code_1
        , s.diagnosis_code_2
        , s.diagnosis_code_3
        , s.diagnosis_code_4
        , s.diagnosis_code_5
        , s.diagnosis_code_6
        , s.diagnosis_code_7
        , s.diagnosis_code_8
        , s.diagnosis_code_9
        , s.diagnosis_code_10
        , s.diagnosis_code_11
        , s.diagnosis_code_12
        , s.allowed_amount_cents
        , s.paid_amount_cents
        , s.deductible_amount_cents
        , s.coinsurance_amount_cents
        , s.copayment_amount_cents
        , s.adjustment_group_code_1
        , s.adjustment_reason_code_1
        , s.adjustment_amount_1_cents
        , s.adjustment_group_code_2
        , s.adjustment_reason_code_2
        , s.adjustment_amount_2_cents
        , s.adjustment_group_code_3
        , s.adjustment_reason_code_3
        , s.adjustment_amount_3_cents
        , s.remark_code_1
        , s.remark_code_2
        , s.remark_code_3
        , s.decided_by
        , s.region
        , s.first_status
        , s.first_member_share_amount_cents
        , s.appeal_outcome
from parted s
join ordered o on o.claim_id = s.claim_id and o.person_id = s.person_id
left join newest n on n.person_id = s.person_id and n.payer_claim_control_number = s.payer_claim_control_number
cross join audit_plan g
