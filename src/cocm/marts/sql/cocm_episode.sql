-- grain: one row a person's course of Collaborative Care with a payer; the payer's own gap of empty months ends it
with spaced as (
    select m.payer_id, m.pack_id, m.person_id, m.month_index, m.product, m.region, m.base_tier, m.addon_units,
        m.is_paid, r.gap_months,
        lag(m.month_index) over (partition by m.payer_id, m.person_id order by m.month_index) as month_before
    from cocm_member_month m
    left join episode_rule r on r.pack_id = m.pack_id
),
numbered as (
    select s.*,
        sum(case when month_before is null or month_index - month_before - 1 >= gap_months then 1 else 0 end)
            over (partition by payer_id, person_id order by month_index) as episode_number
    from spaced s
),
last_month as (
    select payer_id, max(month_index) as month_index from cocm_member_month group by payer_id
),
grouped as (
    select payer_id, min(pack_id) as pack_id, person_id, cast(episode_number as integer) as episode_number,
        min(month_index) as first_month_index, max(month_index) as last_month_index,
        cast(count(*) as integer) as months_served,
        cast(sum(case when addon_units > 0 then 1 else 0 end) as integer) as months_with_addon,
        cast(sum(case when base_tier = 'short' then 1 else 0 end) as integer) as months_short,
        cast(sum(case when is_paid then 1 else 0 end) as integer) as months_paid,
        max(case when base_tier = 'first' then 1 else 0 end) as has_first_month_code,
        max(gap_months) as gap_months
    from numbered
    group by payer_id, person_id, episode_number
)
select g.payer_id, g.pack_id, g.person_id, g.episode_number, m.product, m.region,
    g.first_month_index, g.last_month_index, g.months_served,
    g.last_month_index - g.first_month_index + 1 as months_spanned,
    g.months_with_addon, g.months_short, g.months_paid,
    g.has_first_month_code = 1 as has_first_month_code,
    case when g.gap_months is null then true else l.month_index - g.last_month_index < g.gap_months end as may_go_on
from grouped g
join cocm_member_month m on m.payer_id = g.payer_id and m.person_id = g.person_id
    and m.month_index = g.first_month_index
join last_month l on l.payer_id = g.payer_id
