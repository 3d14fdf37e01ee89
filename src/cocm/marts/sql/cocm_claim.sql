-- grain: one row a claim with a line of Collaborative Care
select claim_id, person_id, payer_id, min(product) as product, min(region) as region, min(month_index) as month_index,
    min(billing_npi) as billing_npi,
    case
        when count(*) filter (where first_answer = 'paid') > 0 then 'paid'
        when count(*) filter (where first_answer = 'denied') > 0 then 'denied'
        when count(*) filter (where first_answer = 'forwarded') > 0 then 'forwarded'
        when count(*) filter (where first_answer = 'rejected') > 0 then 'rejected'
        when count(*) filter (where first_answer = 'pended') > 0 then 'pended'
        else 'open' end as first_answer,
    case
        when count(*) filter (where answer = 'paid') > 0 then 'paid'
        when count(*) filter (where answer = 'denied') > 0 then 'denied'
        when count(*) filter (where answer = 'forwarded') > 0 then 'forwarded'
        when count(*) filter (where answer = 'reversed') > 0 then 'reversed'
        when count(*) filter (where answer = 'rejected') > 0 then 'rejected'
        when count(*) filter (where answer = 'pended') > 0 then 'pended'
        else 'open' end as answer,
    min(paid_day_number) - min(received_day_number) as days_to_pay,
    cast(sum(charge_amount_cents) as bigint) as charge_amount_cents,
    cast(sum(paid_amount_cents) as bigint) as paid_amount_cents
from cocm_service_line
where is_cocm
group by claim_id, person_id, payer_id
