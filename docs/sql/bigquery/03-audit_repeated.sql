create or replace temp table audit_repeated as
-- grain: one row a claim id and line number that stand in several rows: whether these are several lines after all
select d.claim_id, d.claim_line_number, count(*) as row_count,
    min(d.person_id) <> max(d.person_id) as has_several_persons,
    min(upper(d.hcpcs_code)) <> max(upper(d.hcpcs_code))
        and min(coalesce(d.version_day_number, 0)) = max(coalesce(d.version_day_number, 0))
        and min(coalesce(d.decided_day_number, 0)) = max(coalesce(d.decided_day_number, 0)) as has_several_codes
from audit_read d
join (
    select claim_id, claim_line_number from audit_read group by claim_id, claim_line_number having count(*) > 1
) k on k.claim_id = d.claim_id and k.claim_line_number = d.claim_line_number
group by d.claim_id, d.claim_line_number
