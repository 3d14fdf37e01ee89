-- grain: one row a payer, product, region, month and number of days from receipt to payment: a histogram, so that
-- medians and percentiles are exact and parts can be added up
select payer_id, product, region, month_index, paid_day_number - received_day_number as days, count(*) as lines
from cocm_service_line
where is_cocm and paid_day_number is not null and received_day_number is not null
group by payer_id, product, region, month_index, paid_day_number - received_day_number
