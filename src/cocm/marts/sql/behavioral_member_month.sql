-- grain: one row a person, payer and month with a behavioral diagnosis on a claim of primary care
with -- grain: one row a pack and a diagnosis that it takes as behavioral
accepted as (
    select c.pack_id, c.diagnosis_code
    from (select distinct pack_id, diagnosis_code from primary_care_diagnosis) c
    join behavioral_prefix b on b.pack_id = c.pack_id
        and substr(c.diagnosis_code, 1, length(b.prefix)) = b.prefix
    group by c.pack_id, c.diagnosis_code
    having count(*) filter (where b.is_denied) = 0
)
select distinct d.person_id, d.payer_id, d.product, d.region, d.month_index
from primary_care_diagnosis d
join accepted a on a.pack_id = d.pack_id and a.diagnosis_code = d.diagnosis_code
