-- grain: one row a person, payer and month with Collaborative Care that was not rejected and not taken back
with claimed as (
    select payer_id, pack_id, person_id, month_index, claim_id,
        min(product) as product, min(region) as region,
        max(case tier when 'first' then 4 when 'later' then 3 when 'clinic' then 2 when 'short' then 1 else 0 end)
            as base,
        cast(sum(case when is_addon then service_unit_quantity else 0 end) as bigint) as addon_units,
        max(case when tier <> '' and answer = 'paid' then 1 else 0 end) as is_paid,
        cast(sum(charge_amount_cents) as bigint) as charge_amount_cents,
        cast(sum(allowed_amount_cents) as bigint) as allowed_amount_cents,
        cast(sum(paid_amount_cents) as bigint) as paid_amount_cents,
        cast(sum(member_share_cents) as bigint) as member_share_cents
    from cocm_service_line
    where is_cocm and answer not in ('rejected', 'reversed')
    group by payer_id, pack_id, person_id, month_index, claim_id
),
served as (
    select payer_id, min(pack_id) as pack_id, person_id, month_index,
        min(product) as product, min(region) as region,
        max(base) as base, max(addon_units) as addon_units, count(*) as claims, max(is_paid) as is_paid,
        cast(sum(charge_amount_cents) as bigint) as charge_amount_cents,
        cast(sum(allowed_amount_cents) as bigint) as allowed_amount_cents,
        cast(sum(paid_amount_cents) as bigint) as paid_amount_cents,
        cast(sum(member_share_cents) as bigint) as member_share_cents
    from claimed
    group by payer_id, person_id, month_index
)
select payer_id, pack_id, person_id, month_index, product, region,
    case base when 4 then 'first' when 3 then 'later' when 2 then 'clinic' when 1 then 'short' else 'add-on alone' end
        || case when addon_units > 0 then '+' || cast(addon_units as varchar) else '' end as tier,
    case base when 4 then 'first' when 3 then 'later' when 2 then 'clinic' when 1 then 'short' else '' end as base_tier,
    addon_units, claims, is_paid = 1 as is_paid,
    charge_amount_cents, allowed_amount_cents, paid_amount_cents, member_share_cents
from served
