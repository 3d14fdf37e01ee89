-- grain: one row a CoCM line that was paid or denied: what its denial, its payment and its member's share come to
with -- grain: one row a payer's rules in a span of days: how grave each edit is under them
severity as (
    select policy_id,
$severities
    from policy_severity
    group by policy_id
),
-- grain: one row: where the history begins
beginning as (
    select min(month_index) as first_month_index from $lines
),
-- grain: one row a service: a person, code and month: the last claim on which it was paid
paid_service as (
    select l.person_id, l.hcpcs_code, l.month_index, max(l.submission_order) as paid_order
    from audit_line l
    join cocm_code c on c.hcpcs_code = l.hcpcs_code
    where l.status = 'paid'
    group by l.person_id, l.hcpcs_code, l.month_index
),
-- grain: one row a claim with a CoCM code: its copayments together
claim_share as (
    select l.claim_id, sum(coalesce(l.copayment_amount_cents, 0)) as claim_copayment_cents
    from audit_line l
    join cocm_code c on c.hcpcs_code = l.hcpcs_code
    group by l.claim_id
),
-- grain: one row a CoCM line: which of its claim's lines with this code it is
placed as (
    select l.claim_id, l.claim_line_number,
        row_number() over (partition by l.claim_id, l.hcpcs_code order by l.claim_line_number) as place_on_claim
    from audit_line l
    join cocm_code c on c.hcpcs_code = l.hcpcs_code
),
-- grain: one row a CoCM line that was paid or denied, with the facts that only an audit knows; null: not known
known as (
    select a.*,
        coalesce(a.paid_amount_cents, 0) as paid_cents,
        coalesce(a.deductible_amount_cents, 0) as deductible_cents,
        coalesce(a.copayment_amount_cents, 0) as copayment_cents,
        coalesce(a.coinsurance_amount_cents, 0) as coinsurance_cents,
        q.place_on_claim, h.claim_copayment_cents, r.paid_order,
        f.policy_id,
        $benefit_side as benefit_side,
        $records_were_requested as records_were_requested,
        $decided_by_administrator as decided_by_administrator,
        w.relation is not null as has_allowed_service_month,
        case when not ($is_base_first) then true
            when $months_since_cocm > 0 then true
            else a.month_index - b.first_month_index >= $episode_gap_months end as first_month_can_be_told,
        case when a.product = '' then g.default_product else a.product end as product_used,
        g.pays_medicare_rates,
        coalesce(pl.is_facility, false) as is_facility
    from audit_line a
    join placed q on q.claim_id = a.claim_id and q.claim_line_number = a.claim_line_number
    join claim_share h on h.claim_id = a.claim_id
    left join paid_service r on r.person_id = a.person_id and r.hcpcs_code = a.hcpcs_code
        and r.month_index = a.month_index
    join line_facts f on f.claim_id = a.claim_id and f.claim_line_number = a.claim_line_number
    left join audit_other w on w.claim_id = a.claim_id and w.claim_line_number = a.claim_line_number
        and w.relation = 'allowed'
    left join audit_administrator m on m.payer_identifier = a.decided_by
    left join place pl on pl.place_of_service_code = a.place_of_service_code
    cross join beginning b
    cross join audit_plan g
    where a.status in ('paid', 'denied')
),
-- grain: the same: what each cause makes of it
caused as (
    select a.claim_id, a.claim_line_number, a.status, v.is_first_cocm_line,
        $failed_edits as failed_edits
$denial_verdicts
$signal_verdicts
$proven_edits
    from known a
    join line_facts f on f.claim_id = a.claim_id and f.claim_line_number = a.claim_line_number
    join line_verdicts v on v.claim_id = a.claim_id and v.claim_line_number = a.claim_line_number
    join cocm_code c on c.hcpcs_code = a.hcpcs_code
    left join severity s on s.policy_id = a.policy_id
    left join audit_other same on same.claim_id = a.claim_id and same.claim_line_number = a.claim_line_number
        and same.relation = 'same_code'
),
-- grain: the same: the causes together
decided as (
    select j.claim_id, j.claim_line_number, j.is_first_cocm_line, j.failed_edits,
        $denial as denial,
        $denial_cause as denial_cause,
        $doubtful_cause as doubtful_cause,
        $signal_cause as signal_cause,
        case when j.status = 'paid' then $overbilling_cause end as overbilling_cause,
        $overbilling_edit as overbilling_edit
    from caused j
),
-- grain: the same: how often the service has had such an answer
attempted as (
    select a.claim_id, a.claim_line_number,
        row_number() over (
            partition by a.person_id, a.hcpcs_code, a.month_index, j.denial
            order by a.submission_order, a.claim_line_number
        ) as attempt_number
    from known a
    join decided j on j.claim_id = a.claim_id and j.claim_line_number = a.claim_line_number
),
-- grain: the same: the benefit of the side on which the payer's rule puts the service, and the other side's
shared as (
    select a.claim_id, a.claim_line_number,
        n.product as benefit_product, n.is_waived, n.deductible_cents as benefit_deductible_cents,
        n.copayment_cents as benefit_copayment_cents, n.coinsurance_percent,
        cast(floor(((a.allowed_amount_cents - a.deductible_cents - a.copayment_cents) * n.coinsurance_percent + 50)
            / 100.0) as bigint) as benefit_coinsurance_cents,
        o.product is not null and not o.is_waived
            and (o.copayment_cents <> n.copayment_cents or o.coinsurance_percent <> n.coinsurance_percent)
            and a.claim_copayment_cents = o.copayment_cents
            and a.coinsurance_cents - cast(floor(((a.allowed_amount_cents - a.deductible_cents - a.copayment_cents)
                * o.coinsurance_percent + 50) / 100.0) as bigint) between -1 and 1 as is_other_side
    from known a
    left join audit_benefit n on n.product = a.product_used and n.side = a.benefit_side
        and a.service_day_number >= n.effective_from_day_number and a.service_day_number < n.effective_to_day_number
    left join audit_benefit o on o.product = a.product_used and o.side <> a.benefit_side
        and a.service_day_number >= o.effective_from_day_number and a.service_day_number < o.effective_to_day_number
),
-- grain: the same: how much more than the benefit the member was charged
charged as (
    select a.claim_id, a.claim_line_number, s.is_waived, s.is_other_side,
        s.benefit_deductible_cents, s.benefit_copayment_cents, s.coinsurance_percent,
        case
            when a.status <> 'paid' then null
            when not ($share_is_known) or s.benefit_product is null or a.allowed_amount_cents is null then 'no_data'
            else 'known' end as share,
        case when s.is_waived then a.deductible_cents + a.copayment_cents + a.coinsurance_cents
            else case when s.benefit_deductible_cents = 0 then a.deductible_cents else 0 end
                + case when d.is_first_cocm_line and a.claim_copayment_cents > s.benefit_copayment_cents
                    then a.claim_copayment_cents - s.benefit_copayment_cents else 0 end
                + case when a.coinsurance_cents > s.benefit_coinsurance_cents + 1
                    then a.coinsurance_cents - s.benefit_coinsurance_cents else 0 end
            end as share_excess_cents
    from known a
    join shared s on s.claim_id = a.claim_id and s.claim_line_number = a.claim_line_number
    join decided d on d.claim_id = a.claim_id and d.claim_line_number = a.claim_line_number
),
-- grain: the same: what the plan would allow for it
rated as (
    select a.claim_id, a.claim_line_number,
        coalesce(e.amount_cents, case when a.pays_medicare_rates then
            case when a.is_facility then t.amount_facility_cents else t.amount_nonfacility_cents end end)
            * a.service_unit_quantity as rate_cents,
        e.amount_cents is not null as is_fee
    from known a
    left join audit_fee e on e.hcpcs_code = a.hcpcs_code and e.is_facility = a.is_facility
        and a.service_day_number >= e.effective_from_day_number and a.service_day_number < e.effective_to_day_number
    left join code_term t on t.hcpcs_code = a.hcpcs_code
        and a.service_day_number >= t.effective_from_day_number and a.service_day_number < t.effective_to_day_number
)
select
    a.claim_id, a.claim_line_number, a.person_id, a.policy_id, a.pack_id, a.product_used, a.hcpcs_code,
    a.service_date_ymd, a.decided_day_number, a.submission_order, a.billing_npi, a.billing_tin, a.status,
    trim(a.adjustment_reason_code_1 || ' ' || a.adjustment_reason_code_2 || ' ' || a.adjustment_reason_code_3)
        as reason_codes,
    trim(a.remark_code_1 || ' ' || a.remark_code_2 || ' ' || a.remark_code_3) as remark_codes,
    a.charge_amount_cents, a.paid_cents, a.allowed_amount_cents,
    a.deductible_cents, a.copayment_cents, a.coinsurance_cents,
    a.has_allowed_service_month, a.records_were_requested, a.first_month_can_be_told,
    j.denial, j.denial_cause, j.doubtful_cause, j.signal_cause, j.overbilling_cause, j.overbilling_edit,
    trim(j.failed_edits) as failed_edits,
    $overbilling_amount as overbilling_cents,
    case when h.share = 'known' then case when h.share_excess_cents > 0 then 'wrong' else 'right' end
        else h.share end as share,
    case when h.share = 'known' and h.share_excess_cents > 0 then
        case when h.is_waived then $waived when h.is_other_side then $other_side else $above end end as share_cause,
    h.share_excess_cents, h.benefit_deductible_cents, h.benefit_copayment_cents, h.coinsurance_percent,
    case when a.adjustment_group_code_1 = 'PR' then coalesce(a.adjustment_amount_1_cents, 0) else 0 end
        + case when a.adjustment_group_code_2 = 'PR' then coalesce(a.adjustment_amount_2_cents, 0) else 0 end
        + case when a.adjustment_group_code_3 = 'PR' then coalesce(a.adjustment_amount_3_cents, 0) else 0 end
        as patient_adjustment_cents,
    case when r.rate_cents is null then a.charge_amount_cents
        when a.charge_amount_cents > 0 and a.charge_amount_cents < r.rate_cents then a.charge_amount_cents
        else r.rate_cents end as denied_cents,
    case when r.rate_cents is null then case when a.charge_amount_cents > 0 then 'charge' else 'unknown' end
        when r.is_fee then 'fee table' else 'medicare national' end as denied_basis,
    coalesce(a.paid_order > a.submission_order, false) as is_paid_later,
    t.attempt_number
from known a
join decided j on j.claim_id = a.claim_id and j.claim_line_number = a.claim_line_number
join attempted t on t.claim_id = a.claim_id and t.claim_line_number = a.claim_line_number
join charged h on h.claim_id = a.claim_id and h.claim_line_number = a.claim_line_number
join rated r on r.claim_id = a.claim_id and r.claim_line_number = a.claim_line_number
join line_facts f on f.claim_id = a.claim_id and f.claim_line_number = a.claim_line_number
