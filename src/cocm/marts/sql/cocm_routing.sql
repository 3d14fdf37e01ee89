-- grain: one row a payer, product, region, month, whether lines went to the behavioral administrator, and first answer
select payer_id, product, region, month_index, was_routed_to_administrator, first_answer,
    count(*) as lines,
    cast(sum(charge_amount_cents) as bigint) as charge_amount_cents,
    cast(sum(case when was_forwarded then 1 else 0 end) as bigint) as lines_forwarded,
    cast(sum(case when was_refused then 1 else 0 end) as bigint) as lines_refused,
    cast(sum(case when answer = 'paid' then 1 else 0 end) as bigint) as lines_paid_now
from cocm_service_line
where is_cocm
group by payer_id, product, region, month_index, was_routed_to_administrator, first_answer
