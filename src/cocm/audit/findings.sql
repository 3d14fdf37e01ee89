-- grain: one row a cause and a service line, with its evidence
with -- grain: the same
found as (
    select x.claim_id, x.claim_line_number, x.denial_cause as cause_id, '' as edit_id, '' as edits, '' as shown,
        case when x.attempt_number = 1 then x.denied_cents else 0 end as amount_cents, x.denied_basis as amount_basis
    from audit_judged x where x.denial = 'improper'
    union all
    select x.claim_id, x.claim_line_number, x.signal_cause, '', '', '', x.paid_cents, 'paid'
    from audit_judged x where x.signal_cause is not null
    union all
    select x.claim_id, x.claim_line_number, x.overbilling_cause, x.overbilling_edit, x.failed_edits, '',
        x.overbilling_cents, 'paid'
    from audit_judged x where x.overbilling_cause is not null
    union all
    select x.claim_id, x.claim_line_number, x.share_cause, '', '',
        'deductible_cents=' || cast(x.deductible_cents as varchar(100))
            || '; copayment_cents=' || cast(x.copayment_cents as varchar(100))
            || '; coinsurance_cents=' || cast(x.coinsurance_cents as varchar(100))
            || '; allowed_cents=' || coalesce(cast(x.allowed_amount_cents as varchar(100)), 'unknown')
            || '; benefit_deductible_cents=' || cast(x.benefit_deductible_cents as varchar(100))
            || '; benefit_copayment_cents=' || cast(x.benefit_copayment_cents as varchar(100))
            || '; benefit_coinsurance_percent=' || cast(x.coinsurance_percent as varchar(100)),
        x.share_excess_cents, 'member share'
    from audit_judged x where x.share_cause is not null
    union all
    select x.claim_id, x.claim_line_number, '$on_denial', '', '',
        'denial_cause=' || x.denial_cause || '; patient_cents=' || cast(x.patient_adjustment_cents as varchar(100)),
        x.patient_adjustment_cents, 'member share'
    from audit_judged x
    where '$on_denial' <> '' and x.denial = 'improper' and x.patient_adjustment_cents > 0
),
-- grain: the same, with the line's own values
placed as (
    select y.cause_id, y.edit_id, y.edits, y.shown, y.amount_basis,
        case when y.cause_id in ($no_amount) then 0 else y.amount_cents end as amount_cents, x.*
    from found y
    join (
        select claim_id as x_claim_id, claim_line_number as x_line_number, person_id, policy_id, pack_id, product_used,
            hcpcs_code, service_date_ymd, billing_npi, billing_tin, status, reason_codes, remark_codes,
            charge_amount_cents, paid_cents, has_allowed_service_month, records_were_requested, first_month_can_be_told,
            is_paid_later, attempt_number, denial
        from audit_judged
    ) x on x.x_claim_id = y.claim_id and x.x_line_number = y.claim_line_number
)
select
    x.cause_id, k.side, k.kind,
    case
        when x.cause_id in ($review) then 'review'
        when x.edit_id <> '' then case when v.severity >= 3 then 'established' else 'review' end
        when ct.is_established then 'established'
        else 'review'
    end as grade,
    x.x_claim_id as claim_id, x.x_line_number as claim_line_number, x.person_id, x.hcpcs_code,
    substr(cast(x.service_date_ymd as varchar(8)), 1, 4) || '-' || substr(cast(x.service_date_ymd as varchar(8)), 5, 2)
        || '-' || substr(cast(x.service_date_ymd as varchar(8)), 7, 2) as service_date,
    x.billing_npi, x.billing_tin, x.pack_id, x.product_used as product, x.status, x.reason_codes, x.remark_codes,
    cast(x.charge_amount_cents as bigint) as charge_amount_cents,
    cast(x.paid_cents as bigint) as paid_amount_cents,
    cast(x.amount_cents as bigint) as amount_cents,
    x.amount_basis,
    cast(case when x.denial = 'improper' and x.is_paid_later and x.amount_basis <> 'member share' then 0
        else x.amount_cents end as bigint) as open_amount_cents,
    case when x.denial = 'improper' then cast(x.attempt_number as integer) end as attempt_number,
    case when x.denial = 'improper' then x.is_paid_later end as is_paid_later,
    $edits_of_cause as edits,
    $facts as facts,
    coalesce(ct.rules, '') as rules,
    k.source,
    coalesce(o.other_claim_id, '') as other_claim_id,
    o.other_claim_line_number,
    coalesce(o.other_hcpcs_code, '') as other_hcpcs_code,
    coalesce(substr(cast(o.other_service_ymd as varchar(8)), 1, 4) || '-'
        || substr(cast(o.other_service_ymd as varchar(8)), 5, 2) || '-'
        || substr(cast(o.other_service_ymd as varchar(8)), 7, 2), '') as other_service_date
from placed x
join audit_cause k on k.cause_id = x.cause_id
join line_facts f on f.claim_id = x.x_claim_id and f.claim_line_number = x.x_line_number
left join policy_severity v on v.policy_id = x.policy_id and v.edit_id = x.edit_id
left join audit_cite ct on ct.policy_id = x.policy_id
    and ct.subject_id = case when x.edit_id <> '' then x.edit_id else x.cause_id end
left join audit_other o on o.claim_id = x.x_claim_id and o.claim_line_number = x.x_line_number
    and o.relation = k.other_line
