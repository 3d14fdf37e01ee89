-- grain: one row a service line with a relevant code of a person with a CoCM line: of several rows of a line the newest
with -- grain: one row a row of a line that has several, the newest first
ranked as (
    select d.*,
        row_number() over (
            partition by d.claim_id, d.claim_line_number
            order by coalesce(d.version_day_number, 0) desc, coalesce(d.decided_day_number, 0) desc,
                coalesce(d.received_day_number, 0) desc,
                case d.status when 'voided' then 1 when 'paid' then 2 when 'denied' then 3 else 4 end,
                $ties
        ) as copy_number
    from $read d
    join $repeated r on r.claim_id = d.claim_id and r.claim_line_number = d.claim_line_number
)
select d.*, 1 as copy_number
from $read d
left join $repeated r on r.claim_id = d.claim_id and r.claim_line_number = d.claim_line_number
where r.claim_id is null
union all
select * from ranked where copy_number = 1
