create or replace temp table audit_other as
-- grain: one row a CoCM line that may become a finding, and a relation: the other line of it that speaks most
with -- grain: one row a CoCM line that was denied, or paid while an edit failed
wanted as (
    select a.claim_id, a.claim_line_number, a.person_id, a.month_index, a.hcpcs_code, a.billing_tin, a.billing_npi,
        v.policy_id, c.is_parent_code or c.is_short_month_code as is_base_code
    from audit_line a
    join line_verdicts v on v.claim_id = a.claim_id and v.claim_line_number = a.claim_line_number
    join cocm_code c on c.hcpcs_code = a.hcpcs_code
    where a.status = 'denied' or (a.status = 'paid' and (v.addon__over_limit = 'fail' or v.addon__without_base = 'fail' or v.authorization__missing = 'fail' or v.base__both_codes = 'fail' or v.base__first_code_in_later_month = 'fail' or v.base__first_code_repeated_in_year = 'fail' or v.base__other_practice = 'fail' or v.base__required_code_missing = 'fail' or v.base__units = 'fail' or v.billing__behavioral_staff = 'fail' or v.billing__behavioral_taxonomy = 'fail' or v.billing__not_medical_group = 'fail' or v.billing__npi_check_digit = 'fail' or v.claim__wrong_form = 'fail' or v.code__clinic_code_of_other_biller = 'fail' or v.code__individual_of_clinic = 'fail' or v.code__not_payers = 'fail' or v.concurrency__apcm_addon = 'fail' or v.concurrency__excluded_code = 'fail' or v.concurrency__general_bhi = 'fail' or v.consent__after_service = 'fail' or v.consent__missing = 'fail' or v.correction__control_number_missing = 'fail' or v.correction__originals_only = 'fail' or v.coverage__not_in_force = 'fail' or v.date__after_death = 'fail' or v.date__before_birth = 'fail' or v.date__in_future = 'fail' or v.date__range_across_months = 'fail' or v.date__range_reversed = 'fail' or v.date__several_months = 'fail' or v.diagnosis__none_behavioral = 'fail' or v.diagnosis__pointer = 'fail' or v.diagnosis__pointer_without_target = 'fail' or v.duplicate__already_billed = 'fail' or v.duplicate__repeated_line = 'fail' or v.enrollment__not_attested = 'fail' or v.filing__contract_limit = 'fail' or v.filing__payer_limit = 'fail' or v.initiating_visit__missing = 'fail' or v.minutes__below_clinic_code = 'fail' or v.minutes__below_code = 'fail' or v.modifier__refused = 'fail' or v.modifier__required_missing = 'fail' or v.ncci__pair = 'fail' or v.ncci__pair_needs_modifier = 'fail' or v.ncci__units = 'fail' or v.paperwork__missing = 'fail' or v.patient__below_age = 'fail' or v.place__not_a_code = 'fail' or v.place__not_credentialed = 'fail' or v.place__refused = 'fail' or v.rendering__npi_check_digit = 'fail' or v.rendering__psychiatric_consultant = 'fail' or v.rendering__type_not_accepted = 'fail' or v.rendering__wrong_role = 'fail' or v.supervising__missing = 'fail' or v.units__none = 'fail' or v.units__not_whole = 'fail' or v.units__wrong_basis = 'fail'))
),
-- grain: one row a payer's rules and a code that they exclude or allow beside CoCM
named_code as (
    select policy_id, member as hcpcs_code,
        max(case when rule_id = 'concurrency.excluded_codes' then 1 else 0 end) as is_excluded,
        max(case when rule_id in ('concurrency.allowed_codes', 'concurrency.separate_consent_codes', 'routing.psychotherapy_codes') then 1 else 0 end) as is_allowed
    from policy_member
    where rule_id in ('concurrency.excluded_codes', 'concurrency.allowed_codes', 'concurrency.separate_consent_codes', 'routing.psychotherapy_codes')
    group by policy_id, member
),
-- grain: one row a CoCM code and another code that NCCI pairs with it
paired_code as (
    select distinct hcpcs_code, other_code from code_pair
),
-- grain: one row a wanted line and a line of the person that stands, of its month or a CoCM line of an earlier one
candidate as (
    select w.claim_id, w.claim_line_number, o.claim_id as other_claim_id,
        o.claim_line_number as other_claim_line_number, o.hcpcs_code as other_hcpcs_code,
        o.service_date_ymd as other_service_ymd, o.month_index as other_month_index, o.submission_order,
        case
            when o.month_index < w.month_index then 'earlier'
            when c.hcpcs_code is not null and (
                case when o.billing_tin <> '' and w.billing_tin <> '' then o.billing_tin <> w.billing_tin
                    else o.billing_npi <> '' and w.billing_npi <> '' and o.billing_npi <> w.billing_npi end
            ) then 'elsewhere'
            when o.hcpcs_code = w.hcpcs_code then 'same_code'
            when n.is_excluded = 1 then 'excluded'
            when w.is_base_code and (c.is_parent_code or c.is_short_month_code) then 'excluded'
            when c.is_parent_code then 'base'
            when n.is_allowed = 1 then 'allowed'
            when p.other_code is not null then 'paired'
            else 'other'
        end as relation
    from wanted w
    join audit_line o on o.person_id = w.person_id and o.month_index <= w.month_index
        and not (o.claim_id = w.claim_id and o.claim_line_number = w.claim_line_number)
    left join cocm_code c on c.hcpcs_code = o.hcpcs_code
    left join named_code n on n.policy_id = w.policy_id and n.hcpcs_code = o.hcpcs_code
    left join paired_code p on p.hcpcs_code = w.hcpcs_code and p.other_code = o.hcpcs_code
    where o.status in ('sent', 'accepted', 'paid') and (o.month_index = w.month_index or c.hcpcs_code is not null)
),
-- grain: the same, numbered within each relation: the latest month, the latest claim, the first line
ranked as (
    select d.*,
        row_number() over (
            partition by d.claim_id, d.claim_line_number, d.relation
            order by d.other_month_index desc, d.submission_order desc, d.other_claim_line_number, d.other_hcpcs_code
        ) as place
    from candidate d
)
select claim_id, claim_line_number, relation, other_claim_id, other_claim_line_number, other_hcpcs_code,
    other_service_ymd
from ranked
where place = 1
