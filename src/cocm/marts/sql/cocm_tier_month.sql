-- grain: one row a payer, product, region, month and tier
select payer_id, product, region, month_index, tier, base_tier, addon_units,
    count(*) as member_months,
    cast(sum(case when is_paid then 1 else 0 end) as bigint) as member_months_paid,
    cast(sum(charge_amount_cents) as bigint) as charge_amount_cents,
    cast(sum(allowed_amount_cents) as bigint) as allowed_amount_cents,
    cast(sum(paid_amount_cents) as bigint) as paid_amount_cents
from cocm_member_month
group by payer_id, product, region, month_index, tier, base_tier, addon_units
