create or replace table audit_member as
-- grain: one row a person with a CoCM line
select distinct h.person_id as person_key from history h where h.hcpcs_code in (select hcpcs_code from cocm_code)
