-- grain: one row a payer, product, month in which episodes began, and months since then that the history reaches
with reach as (
    select payer_id, max(month_index) as month_index from cocm_member_month group by payer_id
),
since as (
    select distinct m.payer_id, m.month_index - e.first_month_index as months_since_start
    from cocm_member_month m
    join cocm_episode e on e.payer_id = m.payer_id and e.person_id = m.person_id
        and m.month_index between e.first_month_index and e.last_month_index
)
select e.payer_id, e.product, e.first_month_index, s.months_since_start,
    count(*) as episodes,
    cast(sum(case when e.last_month_index >= e.first_month_index + s.months_since_start then 1 else 0 end) as bigint)
        as episodes_still_served
from cocm_episode e
join since s on s.payer_id = e.payer_id
join reach r on r.payer_id = e.payer_id
where e.first_month_index + s.months_since_start <= r.month_index
group by e.payer_id, e.product, e.first_month_index, s.months_since_start
