-- grain: one row a person, payer and month with a behavioral diagnosis on a claim of primary care
select distinct l.person_id, l.payer_id, coalesce(m.product, '') as product, coalesce(m.region, '') as region,
    l.month_index
from claim_line l
join claim_diagnosis d on d.claim_id = l.claim_id
join behavioral_prefix b on b.pack_id = l.pack_id and not b.is_denied
    and substr(d.diagnosis_code, 1, length(b.prefix)) = b.prefix
left join behavioral_prefix x on x.pack_id = l.pack_id and x.is_denied
    and substr(d.diagnosis_code, 1, length(x.prefix)) = x.prefix
left join member_span m on m.person_id = l.person_id and m.payer_id = l.payer_id
    and m.from_day_number <= l.service_day_number
    and (m.to_day_number is null or m.to_day_number >= l.service_day_number)
where x.prefix is null and l.frequency_code <> '8'
    and (
        exists (select 1 from primary_care_taxonomy p where p.taxonomy_code = l.billing_taxonomy_code)
        or exists (select 1 from primary_care_taxonomy p where p.taxonomy_code = l.rendering_taxonomy_code)
    )
