-- grain: one row a payer, billing provider, rendering provider and month
select payer_id, billing_npi, billing_tin, rendering_npi, month_index,
    count(*) as lines,
    count(distinct person_id) as persons,
    cast(sum(case when first_answer = 'paid' then 1 else 0 end) as bigint) as lines_paid_first,
    cast(sum(case when answer = 'paid' then 1 else 0 end) as bigint) as lines_paid_now,
    cast(sum(case when was_refused then 1 else 0 end) as bigint) as lines_refused,
    cast(sum(case when was_routed_to_administrator then 1 else 0 end) as bigint) as lines_routed_to_administrator,
    cast(sum(case when was_called_duplicate then 1 else 0 end) as bigint) as lines_called_duplicate,
    cast(sum(case when were_records_requested then 1 else 0 end) as bigint) as lines_with_records_requested,
    cast(sum(charge_amount_cents) as bigint) as charge_amount_cents,
    cast(sum(paid_amount_cents) as bigint) as paid_amount_cents
from cocm_service_line
where is_cocm
group by payer_id, billing_npi, billing_tin, rendering_npi, month_index
