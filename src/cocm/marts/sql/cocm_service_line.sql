-- grain: one row a service line of the model or of a service that stands for it; a void asks for nothing and is left out
with decided as (
    select claim_id, claim_line_number,
        coalesce(min(case when answer <> 'pended' then decision_number end), min(decision_number)) as first_number,
        max(decision_number) as last_number,
        cast(sum(paid_amount_cents) as bigint) as paid_amount_cents,
        min(case when answer = 'paid' then paid_day_number end) as paid_day_number,
        max(case when answer in ('denied', 'rejected') then 1 else 0 end) as was_refused,
        max(case when answer = 'pended' then 1 else 0 end) as was_pended,
        max(case when answer = 'forwarded' then 1 else 0 end) as was_forwarded,
        max(case when entity_kind = 'behavioral_administrator' then 1 else 0 end) as was_at_administrator
    from line_decision
    group by claim_id, claim_line_number
),
caused as (
    select a.claim_id, a.claim_line_number,
        max(case when c.cause_id = 'misrouted_to_administrator' then 1 else 0 end) as was_misrouted,
        max(case when c.cause_id = 'called_duplicate' then 1 else 0 end) as was_called_duplicate
    from line_adjustment a
    join reason_cause c on c.reason_code = a.reason_code
    group by a.claim_id, a.claim_line_number
),
happened as (
    select claim_id,
        min(case when event = 'received' then day_number end) as received_day_number,
        max(case when event = 'records_requested' then 1 else 0 end) as were_records_requested,
        max(case when event in ('appealed', 'appeal_granted', 'appeal_refused') then 1 else 0 end) as was_appealed,
        max(case when event = 'appeal_granted' then 1 else 0 end) as was_appeal_granted,
        max(case when event = 'appeal_refused' then 1 else 0 end) as was_appeal_refused
    from claim_event
    group by claim_id
),
covered as (
    select l.claim_id, l.claim_line_number, m.product, m.region,
        row_number() over (
            partition by l.claim_id, l.claim_line_number order by m.from_day_number desc, m.product, m.region
        ) as place
    from claim_line l
    join service_code c on c.hcpcs_code = l.hcpcs_code
    join member_span m on m.person_id = l.person_id and m.payer_id = l.payer_id
        and m.from_day_number <= l.service_day_number
        and (m.to_day_number is null or m.to_day_number >= l.service_day_number)
)
select l.claim_id, l.claim_line_number, l.person_id, l.payer_id, l.pack_id,
    coalesce(v.product, '') as product, coalesce(v.region, '') as region,
    l.month_index, l.service_day_number, l.hcpcs_code,
    c.family, c.is_cocm, c.is_addon, c.tier,
    l.service_unit_quantity, l.billing_npi, l.billing_tin, l.rendering_npi, l.charge_amount_cents,
    h.received_day_number,
    f.decided_day_number as first_decided_day_number,
    d.paid_day_number,
    coalesce(f.answer, 'open') as first_answer,
    coalesce(n.answer, 'open') as answer,
    case when n.answer = 'reversed' then 0 else coalesce(n.allowed_amount_cents, 0) end as allowed_amount_cents,
    coalesce(d.paid_amount_cents, 0) as paid_amount_cents,
    coalesce(f.member_share_cents, 0) as first_member_share_cents,
    case when n.answer = 'reversed' then 0 else coalesce(n.member_share_cents, 0) end as member_share_cents,
    coalesce(d.was_refused, 0) = 1 as was_refused,
    coalesce(d.was_pended, 0) = 1 as was_pended,
    coalesce(d.was_forwarded, 0) = 1 as was_forwarded,
    coalesce(d.was_at_administrator, 0) = 1 or coalesce(k.was_misrouted, 0) = 1 as was_routed_to_administrator,
    coalesce(k.was_called_duplicate, 0) = 1 as was_called_duplicate,
    coalesce(h.were_records_requested, 0) = 1 as were_records_requested,
    coalesce(h.was_appealed, 0) = 1 as was_appealed,
    coalesce(h.was_appeal_granted, 0) = 1 as was_appeal_granted,
    coalesce(h.was_appeal_refused, 0) = 1 as was_appeal_refused
from claim_line l
join service_code c on c.hcpcs_code = l.hcpcs_code
left join decided d on d.claim_id = l.claim_id and d.claim_line_number = l.claim_line_number
left join line_decision f on f.claim_id = d.claim_id and f.claim_line_number = d.claim_line_number
    and f.decision_number = d.first_number
left join line_decision n on n.claim_id = d.claim_id and n.claim_line_number = d.claim_line_number
    and n.decision_number = d.last_number
left join caused k on k.claim_id = l.claim_id and k.claim_line_number = l.claim_line_number
left join happened h on h.claim_id = l.claim_id
left join covered v on v.claim_id = l.claim_id and v.claim_line_number = l.claim_line_number and v.place = 1
where l.frequency_code <> '8'
