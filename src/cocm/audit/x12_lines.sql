-- grain: one row a service line of an 837P, with its latest decision on an 835, in our own columns
with claim as (
    select *, row_number() over (partition by file order by "start") - 1 as claim,
        row_number() over (partition by claim_id order by file, "start") as sending
    from professional_claims
),
level as (
    select *, row_number() over (partition by file order by "start") - 1 as level from professional_levels
),
line as (
    select *, row_number() over (partition by file order by "start") - 1 as line from professional_lines
),
diagnosis as (
    select d.file, d.claim, replace(d.diagnosis_code, '.', '') as diagnosis_code,
        row_number() over (partition by d.file, d.claim order by d."start", d.place) as position
    from (select *, row_number() over () as place from professional_diagnoses) d
),
diagnosed as (
    select file, claim,
        max(case when position = 1 then diagnosis_code end) as diagnosis_code_1,
        max(case when position = 2 then diagnosis_code end) as diagnosis_code_2,
        max(case when position = 3 then diagnosis_code end) as diagnosis_code_3,
        max(case when position = 4 then diagnosis_code end) as diagnosis_code_4,
        max(case when position = 5 then diagnosis_code end) as diagnosis_code_5,
        max(case when position = 6 then diagnosis_code end) as diagnosis_code_6,
        max(case when position = 7 then diagnosis_code end) as diagnosis_code_7,
        max(case when position = 8 then diagnosis_code end) as diagnosis_code_8,
        max(case when position = 9 then diagnosis_code end) as diagnosis_code_9,
        max(case when position = 10 then diagnosis_code end) as diagnosis_code_10,
        max(case when position = 11 then diagnosis_code end) as diagnosis_code_11,
        max(case when position = 12 then diagnosis_code end) as diagnosis_code_12
    from diagnosis
    group by file, claim
),
level_party as (
    select file, level,
        max(case when segment = 'billing_name' then identifier end) as billing_npi,
        max(case when segment = 'billing_name' then employer_number end) as billing_tin,
        max(case when segment = 'subscriber_name' then identifier end) as member_id,
        max(case when segment = 'payer_name' then identifier end) as payer_identifier,
        max(case when segment in ('subscriber_name', 'patient_name') then birth_date end) as birth_date,
        max(case when segment = 'patient_name' then first_name end) as first_name
    from professional_parties
    where claim is null
    group by file, level
),
claim_party as (
    select file, claim, line,
        max(case when entity = '82' then identifier end) as rendering_npi,
        max(case when entity = '82' then taxonomy_code end) as rendering_taxonomy_code,
        max(case when entity = 'DQ' then identifier end) as supervising_npi
    from professional_parties
    where claim is not null
    group by file, claim, line
),
authorization_number as (
    select file, claim, max(number) as prior_authorization_number
    from professional_references
    where claim is not null and number_type = 'G1'
    group by file, claim
),
payment as (
    select *, row_number() over (partition by file order by "start") - 1 as payment from remittance_payments
),
payer_number as (
    select file, transaction, max(number) as decided_by
    from remittance_references
    where claim is null and number_type = '2U'
    group by file, transaction
),
decision as (
    select d.*, row_number() over (partition by d.file order by d."start") - 1 as decision,
        p.payment_date, coalesce(n.decided_by, p.payer_identifier) as decided_by
    from remittance_claims d
    left join payment p on p.file = d.file and p.payment = d.transaction
    left join payer_number n on n.file = d.file and n.transaction = d.transaction
),
-- the payer's numbers of one claim number, in the order in which they came: the first sending got the first
sending_number as (
    select claim_id, payer_claim_control_number,
        row_number() over (partition by claim_id order by min(payment_date), payer_claim_control_number) as sending
    from decision
    group by claim_id, payer_claim_control_number
),
latest as (
    select * from (
        select d.*, s.sending,
            row_number() over (
                partition by d.claim_id, s.sending order by d.payment_date desc, d.file desc, d."start" desc
            ) as place
        from decision d
        join sending_number s on s.claim_id = d.claim_id
            and s.payer_claim_control_number is not distinct from d.payer_claim_control_number
    ) r
    where place = 1
),
decided_line as (
    select l.*, row_number() over (partition by l.file order by l."start") - 1 as decided_line,
        row_number() over (partition by l.file, l.claim order by l."start") as position
    from remittance_lines l
),
adjusted as (
    select file, claim, line,
        sum(case when group_code = 'PR' and reason_code = '$deductible' then amount_cents else 0 end) as deductible_cents,
        sum(case when group_code = 'PR' and reason_code = '$coinsurance' then amount_cents else 0 end)
            as coinsurance_cents,
        sum(case when group_code = 'PR' and reason_code = '$copayment' then amount_cents else 0 end) as copayment_cents
    from remittance_adjustments
    group by file, claim, line
),
reason as (
    select a.*, row_number() over (partition by a.file, a.claim, a.line order by a."start", a.reason_code) as place
    from remittance_adjustments a
    where not (a.group_code = 'CO' and a.reason_code = '$allowed_amount')
        and not (a.group_code = 'PR' and a.reason_code in ('$deductible', '$coinsurance', '$copayment'))
),
remark as (
    select r.*, row_number() over (partition by r.file, r.claim, r.line order by r."start", r.remark_code) as place
    from remittance_remarks r
)
select
    c.claim_id || case when c.sending > 1 then '/' || c.sending else '' end as claim_id,
    l.claim_line_number,
    coalesce(s.member_id, '') || case when t.level is null then ''
        else '-' || substr(md5(cast(t.birth_date as varchar) || coalesce(t.first_name, '')), 1, 8) end as person_id,
    l.hcpcs_code,
    l.service_unit_quantity,
    coalesce(l.service_to_date, l.service_from_date) as service_date,
    case
        when d.claim_id is null or d.status_code = '$forwarded' then 'sent'
        when d.status_code = '$reversed' then 'voided'
        when d.status_code = '$denied' then 'denied'
        when coalesce(dl.paid_amount_cents, 0) + coalesce(aj.deductible_cents, 0) + coalesce(aj.coinsurance_cents, 0)
            + coalesce(aj.copayment_cents, 0) > 0 then 'paid'
        else 'denied' end as status,
    l.service_from_date,
    d.received_date,
    d.payment_date as decided_date,
    coalesce(l.modifier_1, '') as hcpcs_modifier_1,
    coalesce(l.modifier_2, '') as hcpcs_modifier_2,
    coalesce(l.modifier_3, '') as hcpcs_modifier_3,
    coalesce(l.modifier_4, '') as hcpcs_modifier_4,
    l.unit as unit_basis_code,
    cast(l.charge_amount_cents as decimal(18, 2)) / 100 as charge_amount,
    coalesce(l.place_of_service_code, c.place_of_service_code) as place_of_service_code,
    c.frequency_code,
    coalesce(d.payer_claim_control_number, '') as payer_claim_control_number,
    coalesce(c.payer_claim_control_number, '') as replaced_control_number,
    coalesce(au.prior_authorization_number, '') as prior_authorization_number,
    coalesce(t.birth_date, s.birth_date) as birth_date,
    coalesce(b.billing_npi, '') as billing_npi,
    coalesce(b.billing_tin, '') as billing_tin,
    coalesce(bl.taxonomy_code, '') as billing_taxonomy_code,
    coalesce(lp.rendering_npi, cp.rendering_npi, '') as rendering_npi,
    coalesce(lp.rendering_taxonomy_code, cp.rendering_taxonomy_code, '') as rendering_taxonomy_code,
    coalesce(lp.supervising_npi, cp.supervising_npi, '') as supervising_npi,
    coalesce(s.payer_identifier, '') as payer_identifier,
    coalesce(sl.payer_sequence, '') as payer_sequence,
    coalesce(dg.diagnosis_code_1, '') as diagnosis_code_1,
    coalesce(dg.diagnosis_code_2, '') as diagnosis_code_2,
    coalesce(dg.diagnosis_code_3, '') as diagnosis_code_3,
    coalesce(dg.diagnosis_code_4, '') as diagnosis_code_4,
    coalesce(dg.diagnosis_code_5, '') as diagnosis_code_5,
    coalesce(dg.diagnosis_code_6, '') as diagnosis_code_6,
    coalesce(dg.diagnosis_code_7, '') as diagnosis_code_7,
    coalesce(dg.diagnosis_code_8, '') as diagnosis_code_8,
    coalesce(dg.diagnosis_code_9, '') as diagnosis_code_9,
    coalesce(dg.diagnosis_code_10, '') as diagnosis_code_10,
    coalesce(dg.diagnosis_code_11, '') as diagnosis_code_11,
    coalesce(dg.diagnosis_code_12, '') as diagnosis_code_12,
    l.pointer_1 as diagnosis_pointer_1,
    l.pointer_2 as diagnosis_pointer_2,
    l.pointer_3 as diagnosis_pointer_3,
    l.pointer_4 as diagnosis_pointer_4,
    cast(dl.allowed_amount_cents as decimal(18, 2)) / 100 as allowed_amount,
    cast(dl.paid_amount_cents as decimal(18, 2)) / 100 as paid_amount,
    cast(coalesce(aj.deductible_cents, 0) as decimal(18, 2)) / 100 as deductible_amount,
    cast(coalesce(aj.coinsurance_cents, 0) as decimal(18, 2)) / 100 as coinsurance_amount,
    cast(coalesce(aj.copayment_cents, 0) as decimal(18, 2)) / 100 as copayment_amount,
    coalesce(r1.group_code, '') as adjustment_group_code_1,
    coalesce(r1.reason_code, '') as adjustment_reason_code_1,
    cast(r1.amount_cents as decimal(18, 2)) / 100 as adjustment_amount_1,
    coalesce(r2.group_code, '') as adjustment_group_code_2,
    coalesce(r2.reason_code, '') as adjustment_reason_code_2,
    cast(r2.amount_cents as decimal(18, 2)) / 100 as adjustment_amount_2,
    coalesce(r3.group_code, '') as adjustment_group_code_3,
    coalesce(r3.reason_code, '') as adjustment_reason_code_3,
    cast(r3.amount_cents as decimal(18, 2)) / 100 as adjustment_amount_3,
    coalesce(m1.remark_code, '') as remark_code_1,
    coalesce(m2.remark_code, '') as remark_code_2,
    coalesce(m3.remark_code, '') as remark_code_3,
    coalesce(d.decided_by, '') as decided_by$product
from line l
join claim c on c.file = l.file and c.claim = l.claim
left join level_party b on b.file = c.file and b.level = c.billing_level
left join level bl on bl.file = c.file and bl.level = c.billing_level
left join level_party s on s.file = c.file and s.level = c.subscriber_level
left join level sl on sl.file = c.file and sl.level = c.subscriber_level
left join level_party t on t.file = c.file and t.level = c.patient_level
left join claim_party cp on cp.file = l.file and cp.claim = l.claim and cp.line is null
left join claim_party lp on lp.file = l.file and lp.claim = l.claim and lp.line = l.line
left join authorization_number au on au.file = l.file and au.claim = l.claim
left join diagnosed dg on dg.file = l.file and dg.claim = l.claim
left join latest d on d.claim_id = c.claim_id and d.sending = c.sending
left join decided_line dl on dl.file = d.file and dl.claim = d.decision
    and case when dl.line_control_number is not null and l.line_control_number is not null
        then dl.line_control_number = l.line_control_number else dl.position = l.claim_line_number end
left join adjusted aj on aj.file = dl.file and aj.claim = dl.claim and aj.line = dl.decided_line
left join reason r1 on r1.file = dl.file and r1.claim = dl.claim and r1.line = dl.decided_line and r1.place = 1
left join reason r2 on r2.file = dl.file and r2.claim = dl.claim and r2.line = dl.decided_line and r2.place = 2
left join reason r3 on r3.file = dl.file and r3.claim = dl.claim and r3.line = dl.decided_line and r3.place = 3
left join remark m1 on m1.file = dl.file and m1.claim = dl.claim and m1.line = dl.decided_line and m1.place = 1
left join remark m2 on m2.file = dl.file and m2.claim = dl.claim and m2.line = dl.decided_line and m2.place = 2
left join remark m3 on m3.file = dl.file and m3.claim = dl.claim and m3.line = dl.decided_line and m3.place = 3$product_join
