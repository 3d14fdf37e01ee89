-- grain: one row a service line with a relevant code of a person with a CoCM line: amounts in cents, dates as days
with -- grain: the same, columns read as what they must hold
typed as (
    select
$typed
    from $source h
    where $code in (select hcpcs_code from $codes) and h.$person in (select person_key from $members)
),
-- grain: the same, dates that no calendar has left out
real as (
    select
$real
    from typed t
),
-- grain: the same, dates in parts
parted as (
    select t.*
$parts
    from real t
)
select p.*
$days
from parted p
where p.service_date_ymd is not null and p.service_unit_quantity >= 0 and p.claim_line_number is not null
