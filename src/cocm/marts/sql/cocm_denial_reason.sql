-- grain: one row a refusal of a service line (denied, rejected or forwarded) and a reason code that it names
select s.claim_id, s.claim_line_number, d.decision_number, s.person_id, s.payer_id, s.product, s.region,
    s.month_index, s.hcpcs_code, s.is_cocm, d.answer, d.entity_kind,
    coalesce(a.group_code, '') as group_code,
    coalesce(a.reason_code, '') as reason_code,
    coalesce(a.amount_cents, 0) as amount_cents,
    s.answer = 'paid' as is_paid_now
from cocm_service_line s
join line_decision d on d.claim_id = s.claim_id and d.claim_line_number = s.claim_line_number
    and d.answer in ('denied', 'rejected', 'forwarded')
left join (
    select a.claim_id, a.claim_line_number, a.decision_number, a.group_code, a.reason_code,
        cast(sum(a.amount_cents) as bigint) as amount_cents
    from line_adjustment a
    join adjustment_effect e on e.group_code = a.group_code and e.reason_code = a.reason_code and e.is_refusal
    group by a.claim_id, a.claim_line_number, a.decision_number, a.group_code, a.reason_code
) a on a.claim_id = d.claim_id and a.claim_line_number = d.claim_line_number
    and a.decision_number = d.decision_number
