-- grain: one row a person, payer, month, place of coverage and diagnosis on a claim of primary care
select distinct l.person_id, l.payer_id, l.pack_id, coalesce(m.product, '') as product, coalesce(m.region, '') as region,
    l.month_index, d.diagnosis_code
from claim_line l
join claim_diagnosis d on d.claim_id = l.claim_id
left join member_span m on m.person_id = l.person_id and m.payer_id = l.payer_id
    and m.from_day_number <= l.service_day_number
    and (m.to_day_number is null or m.to_day_number >= l.service_day_number)
where l.frequency_code <> '8'
    and (
        l.billing_taxonomy_code in (select taxonomy_code from primary_care_taxonomy)
        or l.rendering_taxonomy_code in (select taxonomy_code from primary_care_taxonomy)
    )
