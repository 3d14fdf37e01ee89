create or replace table line_facts as
-- grain: one row a service line with a CoCM code
with -- grain: one row a code that may bear on a CoCM line
relevant_code as (
    select hcpcs_code, true as is_cocm_code from cocm_code
    union all
    select o.hcpcs_code, false as is_cocm_code
    from (
        select member as hcpcs_code from policy_member where rule_id in ('concurrency.excluded_codes', 'concurrency.review_codes', 'concurrency.separate_consent_codes', 'codes.required_base', 'routing.psychotherapy_codes', 'concurrency.allowed_codes')
        union select other_code from code_pair
    ) o
    left join cocm_code c on c.hcpcs_code = o.hcpcs_code
    where c.hcpcs_code is null
),
-- grain: one row a claim with a CoCM code: the one pass over all lines, everything else is narrowed to these
cocm_claim as (
    select l.claim_id, min(l.claim_line_number) as first_cocm_line_number,
        min(l.service_day_number) as first_service_day_number,
        min(l.month_index) as first_month_index, max(l.month_index) > min(l.month_index) as spans_months,
        min(2 * l.service_day_number + case when l.is_last_day_of_month then 1 else 0 end)
            > 2 * min(l.service_day_number) as begins_on_last_day
    from claim_line l join cocm_code c on c.hcpcs_code = l.hcpcs_code
    group by l.claim_id
),
-- grain: one row a service line with a CoCM code, with the payer's rules that held
cocm_line as (
    select l.*, c.is_parent_code, c.is_addon_code, c.is_short_month_code, c.is_clinic_code, p.policy_id,
        a.first_cocm_line_number = l.claim_line_number as is_first_cocm_line, a.first_service_day_number,
        a.first_month_index, a.spans_months, a.begins_on_last_day
    from claim_line l
    join cocm_code c on c.hcpcs_code = l.hcpcs_code
    join cocm_claim a on a.claim_id = l.claim_id
    join policy p on p.pack_id = l.pack_id
        and l.policy_day_number >= p.effective_from_day_number
        and l.policy_day_number < p.effective_to_day_number
),
-- grain: one row a line with a relevant code on a claim with a CoCM code
claim_service as (
    select l.claim_id, l.claim_line_number, a.policy_id, l.hcpcs_code, l.service_unit_quantity, l.month_index,
        l.service_day_number, l.modifier_1, l.modifier_2, l.modifier_3, l.modifier_4
    from claim_line l
    join cocm_line a on a.claim_id = l.claim_id and a.is_first_cocm_line
    join relevant_code r on r.hcpcs_code = l.hcpcs_code
),
-- grain: one row a modifier of such a line
line_modifier as (
    select claim_id, claim_line_number, policy_id, modifier_1 as modifier from claim_service where modifier_1 <> ''
    union all
    select claim_id, claim_line_number, policy_id, modifier_2 from claim_service where modifier_2 <> ''
    union all
    select claim_id, claim_line_number, policy_id, modifier_3 from claim_service where modifier_3 <> ''
    union all
    select claim_id, claim_line_number, policy_id, modifier_4 from claim_service where modifier_4 <> ''
),
-- grain: one row such a line with a modifier that a rule names
modified_line as (
    select m.claim_id, m.claim_line_number,
        count(*) filter (where x.rule_id = 'claim.modifiers_refused') as refused,
        count(*) filter (where x.rule_id = 'claim.modifiers_required') as required,
        count(*) filter (where x.rule_id = 'claim.modifiers_separate_service') as separate
    from line_modifier m
    join policy_member x on x.policy_id = m.policy_id and x.member = m.modifier
        and x.rule_id in ('claim.modifiers_refused', 'claim.modifiers_required', 'claim.modifiers_separate_service')
    group by m.claim_id, m.claim_line_number
),
-- grain: one row a CoCM line and a line of the same claim and month, or of the person's earlier claims
related_line as (
    select c.claim_id, c.claim_line_number, c.policy_id, c.hcpcs_code as checked_code,
        c.service_day_number as checked_day_number,
        0 as months_before, true as is_same_year, true as is_this_claim, false as is_other_practice,
        true as is_same_payer, false as is_replaceable, o.service_day_number = c.service_day_number as is_same_day,
        'this' as status, '' as frequency_code, o.hcpcs_code, o.service_unit_quantity as units, c.rendering_npi,
        coalesce(mo.separate, 0) > 0 as has_separate_modifier
    from cocm_line c
    join claim_service o on o.claim_id = c.claim_id and o.month_index = c.month_index
    left join modified_line mo on mo.claim_id = o.claim_id and mo.claim_line_number = o.claim_line_number
    union all
    select c.claim_id, c.claim_line_number, c.policy_id, c.hcpcs_code as checked_code,
        c.service_day_number as checked_day_number,
        c.month_index - h.month_index as months_before, c.year_number = h.year_number as is_same_year,
        false as is_this_claim,
        case when h.billing_tin <> '' and c.billing_tin <> '' then h.billing_tin <> c.billing_tin
            else h.billing_npi <> '' and c.billing_npi <> '' and h.billing_npi <> c.billing_npi
        end as is_other_practice,
        c.payer_id = '' or h.payer_id = '' or h.payer_id = c.payer_id as is_same_payer,
        c.frequency_code in ('7', '8') and c.payer_claim_control_number <> ''
            and h.payer_claim_control_number in ('', c.payer_claim_control_number) as is_replaceable,
        h.service_day_number = c.service_day_number as is_same_day,
        h.status, h.frequency_code, h.hcpcs_code, h.service_unit_quantity as units, h.rendering_npi,
        false as has_separate_modifier
    from cocm_line c
    join history_line h on h.person_id = c.person_id
        and h.submission_order < c.submission_order
        and h.claim_id <> c.claim_id
    join relevant_code r on r.hcpcs_code = h.hcpcs_code
    where h.month_index = c.month_index or (r.is_cocm_code and h.status in ('sent', 'accepted', 'paid'))
),
-- grain: the same, with whose the line is, and whether this claim replaces it
owned_line as (
    select r.*,
        r.hcpcs_code = r.checked_code as is_same_code,
        not r.is_other_practice and r.is_same_payer as is_ours,
        r.is_replaceable and r.months_before = 0 and not r.is_other_practice and r.is_same_payer as is_replaced
    from related_line r
),
-- grain: the same, with what the line is to the checked one
known_line as (
    select o.*,
        o.is_this_claim
            or (o.status in ('sent', 'accepted', 'paid') and o.frequency_code <> '8' and not o.is_replaced) as stands,
        o.months_before = 0 and not o.is_this_claim and o.is_ours and not o.is_replaced
            and o.is_same_code as is_same_service,
        c.hcpcs_code is not null as is_cocm_code,
        coalesce(c.is_parent_code, false) as is_parent_code,
        coalesce(c.is_addon_code, false) as is_addon_code,
        coalesce(c.is_short_month_code, false) as is_short_month_code,
        o.hcpcs_code = p.first_month_code as is_first_month_code
    from owned_line o
    join policy p on p.policy_id = o.policy_id
    left join cocm_code c on c.hcpcs_code = o.hcpcs_code
),
-- grain: one row a payer's rules and a code that they name: in which sets it is
policy_code as (
    select policy_id, member as hcpcs_code,
        max(case when rule_id = 'concurrency.excluded_codes' then 1 else 0 end) as is_excluded_code,
        max(case when rule_id = 'concurrency.excluded_codes: general BHI' then 1 else 0 end) as is_excluded_general_bhi,
        max(case when rule_id = 'concurrency.excluded_codes: add-ons of advanced primary care' then 1 else 0 end) as is_excluded_apcm_addon,
        max(case when rule_id = 'concurrency.excluded_codes: others' then 1 else 0 end) as is_excluded_other,
        max(case when rule_id = 'concurrency.review_codes' then 1 else 0 end) as is_review_code,
        max(case when rule_id = 'concurrency.separate_consent_codes' then 1 else 0 end) as is_separate_consent_code,
        max(case when rule_id = 'codes.required_base' then 1 else 0 end) as is_required_base_code,
        max(case when rule_id = 'concurrency.allowed_codes' then 1 else 0 end) as is_allowed_code
    from policy_member
    where rule_id in ('concurrency.excluded_codes', 'concurrency.excluded_codes: general BHI', 'concurrency.excluded_codes: add-ons of advanced primary care', 'concurrency.excluded_codes: others', 'concurrency.review_codes', 'concurrency.separate_consent_codes', 'codes.required_base', 'concurrency.allowed_codes')
    group by policy_id, member
),
-- grain: one row a CoCM line and another line that stands in its month, with what the payer's rules and NCCI make of it
other_service as (
    select k.*,
        coalesce(x.is_excluded_code, 0) = 1 as is_excluded_code,
        coalesce(x.is_excluded_general_bhi, 0) = 1 as is_excluded_general_bhi,
        coalesce(x.is_excluded_apcm_addon, 0) = 1 as is_excluded_apcm_addon,
        coalesce(x.is_excluded_other, 0) = 1 as is_excluded_other,
        coalesce(x.is_review_code, 0) = 1 as is_review_code,
        coalesce(x.is_separate_consent_code, 0) = 1 as is_separate_consent_code,
        coalesce(x.is_required_base_code, 0) = 1 as is_required_base_code,
        coalesce(x.is_allowed_code, 0) = 1 as is_allowed_code,
        coalesce(cp.is_established, false) as is_established_pair,
        coalesce(cp.allows_modifier, false) as allows_modifier,
        k.is_ours and cp.other_code is not null and not k.is_cocm_code and coalesce(x.is_excluded_code, 0) = 0
            as is_checked_pair,
        k.is_ours and not k.is_cocm_code and coalesce(x.is_allowed_code, 0) = 1 as is_own_service,
        rm.role as rendering_role
    from known_line k
    left join policy_code x on x.policy_id = k.policy_id and x.hcpcs_code = k.hcpcs_code
    left join code_pair cp on cp.hcpcs_code = k.checked_code and cp.other_code = k.hcpcs_code and k.is_same_day
        and k.checked_day_number >= cp.effective_from_day_number
        and k.checked_day_number < cp.effective_to_day_number
    left join evidence e on e.claim_id = k.claim_id
    left join roster_member rm on rm.roster_id = e.roster_id and rm.npi = k.rendering_npi
    where k.months_before = 0 and k.stands and not (k.is_this_claim and k.is_same_code)
),
-- grain: one row a service line with a CoCM code and another service in its month
served as (
    select k.claim_id, k.claim_line_number,
        count(*) filter (where k.is_excluded_general_bhi and not k.is_same_code) as general_bhi_lines,
        count(*) filter (where k.is_excluded_apcm_addon and not k.is_same_code) as apcm_addon_lines,
        count(*) filter (where k.is_excluded_other and not k.is_same_code) as excluded_code_lines,
        count(*) filter (where k.is_review_code and k.is_ours and not k.is_same_code) as unsettled_code_lines,
        count(*) filter (where k.is_separate_consent_code and k.is_ours and not k.is_cocm_code)
            as separate_consent_lines,
        count(*) filter (where k.is_required_base_code and k.is_ours) as required_base_lines,
        count(*) filter (where k.is_own_service) as own_service_lines,
        count(*) filter (where k.is_own_service and k.rendering_role = 'bhcm') as bhcm_service_lines,
        count(*) filter (where k.is_own_service and k.rendering_role = 'psychiatric_consultant')
            as consultant_service_lines,
        count(*) filter (where k.is_checked_pair and k.is_established_pair and not k.allows_modifier)
            as ncci_pair_lines,
        count(*) filter (where k.is_checked_pair and k.is_established_pair and k.allows_modifier) as ncci_open_lines,
        count(*) filter (where k.is_checked_pair and k.is_established_pair and k.allows_modifier
            and k.is_this_claim and not k.has_separate_modifier) as ncci_modifier_lines,
        count(*) filter (where k.is_checked_pair and k.is_established_pair and k.allows_modifier
            and not k.is_this_claim) as ncci_unseen_lines,
        count(*) filter (where k.is_checked_pair and not k.is_established_pair) as ncci_doubtful_lines
    from other_service k
    group by k.claim_id, k.claim_line_number
),
-- grain: one row a service line with a CoCM code: what the person's CoCM lines add up to
counted as (
    select k.claim_id, k.claim_line_number
        , cast(sum(case when k.months_before = 0 and k.is_ours and k.stands and k.is_addon_code then k.units else 0 end) as int) as addon_units_month
        , cast(count(*) filter (where k.months_before = 0 and k.is_other_practice and k.stands and (k.is_parent_code or k.is_short_month_code)) as int) as base_lines_elsewhere_month
        , cast(sum(case when k.is_this_claim and k.is_parent_code then k.units else 0 end) as int) as base_units_claim
        , cast(sum(case when k.months_before = 0 and k.is_ours and k.stands and k.is_parent_code then k.units else 0 end) as int) as base_units_month
        , cast(count(*) filter (where k.months_before = 0 and k.is_ours and k.stands and k.is_first_month_code) as int) as first_month_lines_month
        , cast(coalesce(min(case when k.months_before > 0 and k.is_cocm_code and k.stands and not k.is_other_practice then k.months_before end), 0) as int) as months_since_cocm
        , cast(coalesce(min(case when k.months_before > 0 and k.is_cocm_code and k.stands and k.is_other_practice then k.months_before end), 0) as int) as months_since_cocm_elsewhere
        , cast(sum(case when k.is_same_day and k.is_ours and k.stands and k.is_same_code then k.units else 0 end) as int) as code_units_day
        , cast(count(*) filter (where k.months_before = 0 and k.is_ours and k.stands and not k.is_same_code and (k.is_parent_code or k.is_short_month_code)) as int) as other_base_lines_month
        , cast(count(*) filter (where k.is_same_service and k.frequency_code <> '8' and k.status = 'denied') as int) as same_code_denials_month
        , cast(count(*) filter (where k.is_this_claim and k.is_same_code) as int) as same_code_lines_claim
        , cast(count(*) filter (where k.months_before <> 0 and k.is_same_year and k.is_same_payer and k.is_same_code and k.stands) as int) as same_code_lines_year
        , cast(count(*) filter (where k.is_same_service and k.frequency_code = '1' and k.status in ('sent', 'accepted', 'paid', 'voided')) as int) as same_code_originals_month
        , cast(count(*) filter (where k.is_same_service and k.frequency_code = '7' and k.stands) as int) as same_code_replacements_month
        , cast(count(*) filter (where k.is_same_service and k.frequency_code = '8' and k.status in ('sent', 'accepted', 'paid')) as int) as same_code_void_claims_month
        , cast(case when count(*) filter (where k.is_same_service and k.frequency_code = '8' and k.status in ('sent', 'accepted', 'paid')) > count(*) filter (where k.is_same_service and k.frequency_code <> '8' and k.status = 'voided') then count(*) filter (where k.is_same_service and k.frequency_code = '8' and k.status in ('sent', 'accepted', 'paid')) else count(*) filter (where k.is_same_service and k.frequency_code <> '8' and k.status = 'voided') end as int) as same_code_voids_month
    from known_line k
    where k.is_cocm_code
    group by k.claim_id, k.claim_line_number
),
-- grain: one row a claim with a CoCM code and psychotherapy
therapy as (
    select o.claim_id, count(*) as psychotherapy_lines
    from claim_service o
    join policy_member x on x.policy_id = o.policy_id and x.rule_id = 'routing.psychotherapy_codes'
        and x.member = o.hcpcs_code
    group by o.claim_id
),
-- grain: one row a claim with a CoCM code of which the practice's record has a base code that the payer wants
recorded_base as (
    select distinct l.claim_id
    from cocm_line l
    join recorded_code rc on rc.claim_id = l.claim_id
    join policy_member x on x.policy_id = l.policy_id and x.rule_id = 'codes.required_base' and x.member = rc.hcpcs_code
),
-- grain: one row a diagnosis of a claim with a CoCM code
checked_diagnosis as (
    select d.claim_id, d.diagnosis_position, d.diagnosis_code, l.policy_id
    from claim_diagnosis d
    join cocm_line l on l.claim_id = d.claim_id and l.is_first_cocm_line
),
-- grain: one row a claim with a CoCM code and diagnoses
diagnosed as (
    select d.claim_id, count(*) as diagnoses, count(x.member) as unspecified_diagnoses
    from checked_diagnosis d
    left join policy_member x on x.policy_id = d.policy_id and x.rule_id = 'diagnosis.unspecified_codes'
        and x.member = replace(d.diagnosis_code, '.', '')
    group by d.claim_id
),
-- grain: one row a diagnosis of a claim with a CoCM code that the payer takes as behavioral
behavioral_position as (
    select d.claim_id, d.diagnosis_position
    from checked_diagnosis d
    join policy_member x on x.policy_id = d.policy_id
        and x.rule_id in ('diagnosis.prefixes_allowed', 'diagnosis.prefixes_denied')
        and substr(d.diagnosis_code, 1, length(x.member)) = x.member
    group by d.claim_id, d.diagnosis_position
    having count(*) filter (where x.rule_id = 'diagnosis.prefixes_denied') = 0
),
-- grain: one row a service line with a CoCM code whose claim has a behavioral diagnosis
behavioral as (
    select c.claim_id, c.claim_line_number, count(*) as behavioral_diagnoses,
        count(*) filter (where d.diagnosis_position in (c.diagnosis_pointer_1, c.diagnosis_pointer_2,
            c.diagnosis_pointer_3, c.diagnosis_pointer_4)) as behavioral_pointers
    from cocm_line c
    join behavioral_position d on d.claim_id = c.claim_id
    group by c.claim_id, c.claim_line_number
),
-- grain: one row a payer's rules and a rendering taxonomy of which the kind of practitioner is known
taxonomy_fit as (
    select t.policy_id, t.rendering_taxonomy_code, count(*) as types, count(x.member) as accepted_types
    from (select distinct policy_id, rendering_taxonomy_code from cocm_line) t
    join taxonomy_type y on substr(t.rendering_taxonomy_code, 1, length(y.taxonomy_prefix)) = y.taxonomy_prefix
    left join policy_member x on x.policy_id = t.policy_id and x.rule_id = 'team.billing_practitioner_types'
        and x.member = y.practitioner_type
    group by t.policy_id, t.rendering_taxonomy_code
),
-- grain: one row an NPI on a claim with a CoCM code
checked_npi as (
    select n.npi, length(n.npi) = 10 and coalesce(24
        + case substr(n.npi, 1, 1) when '1' then 2 when '2' then 4 end
        + case substr(n.npi, 2, 1) when '0' then 0 when '1' then 1 when '2' then 2 when '3' then 3 when '4' then 4 when '5' then 5 when '6' then 6 when '7' then 7 when '8' then 8 when '9' then 9 end
        + case substr(n.npi, 3, 1) when '0' then 0 when '1' then 2 when '2' then 4 when '3' then 6 when '4' then 8 when '5' then 1 when '6' then 3 when '7' then 5 when '8' then 7 when '9' then 9 end
        + case substr(n.npi, 4, 1) when '0' then 0 when '1' then 1 when '2' then 2 when '3' then 3 when '4' then 4 when '5' then 5 when '6' then 6 when '7' then 7 when '8' then 8 when '9' then 9 end
        + case substr(n.npi, 5, 1) when '0' then 0 when '1' then 2 when '2' then 4 when '3' then 6 when '4' then 8 when '5' then 1 when '6' then 3 when '7' then 5 when '8' then 7 when '9' then 9 end
        + case substr(n.npi, 6, 1) when '0' then 0 when '1' then 1 when '2' then 2 when '3' then 3 when '4' then 4 when '5' then 5 when '6' then 6 when '7' then 7 when '8' then 8 when '9' then 9 end
        + case substr(n.npi, 7, 1) when '0' then 0 when '1' then 2 when '2' then 4 when '3' then 6 when '4' then 8 when '5' then 1 when '6' then 3 when '7' then 5 when '8' then 7 when '9' then 9 end
        + case substr(n.npi, 8, 1) when '0' then 0 when '1' then 1 when '2' then 2 when '3' then 3 when '4' then 4 when '5' then 5 when '6' then 6 when '7' then 7 when '8' then 8 when '9' then 9 end
        + case substr(n.npi, 9, 1) when '0' then 0 when '1' then 2 when '2' then 4 when '3' then 6 when '4' then 8 when '5' then 1 when '6' then 3 when '7' then 5 when '8' then 7 when '9' then 9 end
        + case substr(n.npi, 10, 1) when '0' then 0 when '1' then 1 when '2' then 2 when '3' then 3 when '4' then 4 when '5' then 5 when '6' then 6 when '7' then 7 when '8' then 8 when '9' then 9 end
        in (30, 40, 50, 60, 70, 80, 90, 100, 110), false) as npi_is_valid
    from (select billing_npi as npi from cocm_line union select rendering_npi from cocm_line) n
),
-- grain: one row a payer's pack and span of days; null where a rule is not known
known_policy as (
    select p.policy_id
        , case when p.addon_code_unknown then null else p.addon_code end as addon_code
        , case when p.addon_minutes_full_unknown then null else p.addon_minutes_full end as addon_minutes_full
        , case when p.addon_minutes_min_unknown then null else p.addon_minutes_min end as addon_minutes_min
        , case when p.addon_unit_limit_unknown then null else p.addon_unit_limit end as addon_unit_limit
        , case when p.age_years_min_unknown then null else p.age_years_min end as age_years_min
        , case when p.attestation_is_required_unknown then null else p.attestation_is_required end as attestation_is_required
        , case when p.authorization_after_months_unknown then null else p.authorization_after_months end as authorization_after_months
        , case when p.benefit_side_unknown then null else p.benefit_side end as benefit_side
        , case when p.billing_entity_required_unknown then null else p.billing_entity_required end as billing_entity_required
        , case when p.charge_multiple_unknown then null else p.charge_multiple end as charge_multiple
        , case when p.claim_format_unknown then null else p.claim_format end as claim_format
        , case when p.clinic_first_month_minutes_min_unknown then null else p.clinic_first_month_minutes_min end as clinic_first_month_minutes_min
        , case when p.clinic_later_month_minutes_min_unknown then null else p.clinic_later_month_minutes_min end as clinic_later_month_minutes_min
        , case when p.clinic_month_code_unknown then null else p.clinic_month_code end as clinic_month_code
        , case when p.consent_form_required_unknown then null else p.consent_form_required end as consent_form_required
        , case when p.consent_is_required_unknown then null else p.consent_is_required end as consent_is_required
        , case when p.consultant_minutes_count_unknown then null else p.consultant_minutes_count end as consultant_minutes_count
        , case when p.correction_method_unknown then null else p.correction_method end as correction_method
        , case when p.diagnosis_is_required_unknown then null else p.diagnosis_is_required end as diagnosis_is_required
        , case when p.episode_gap_months_unknown then null else p.episode_gap_months end as episode_gap_months
        , case when p.first_month_code_unknown then null else p.first_month_code end as first_month_code
        , case when p.first_month_code_year_limit_unknown then null else p.first_month_code_year_limit end as first_month_code_year_limit
        , case when p.first_month_minutes_full_unknown then null else p.first_month_minutes_full end as first_month_minutes_full
        , case when p.first_month_minutes_min_unknown then null else p.first_month_minutes_min end as first_month_minutes_min
        , case when p.has_addon_unit_limit_unknown then null else p.has_addon_unit_limit end as has_addon_unit_limit
        , case when p.has_age_minimum_unknown then null else p.has_age_minimum end as has_age_minimum
        , case when p.has_allowed_diagnoses_unknown then null else p.has_allowed_diagnoses end as has_allowed_diagnoses
        , case when p.has_authorization_rule_unknown then null else p.has_authorization_rule end as has_authorization_rule
        , case when p.has_charge_multiple_unknown then null else p.has_charge_multiple end as has_charge_multiple
        , case when p.has_clinic_places_unknown then null else p.has_clinic_places end as has_clinic_places
        , case when p.has_clinic_taxonomies_unknown then null else p.has_clinic_taxonomies end as has_clinic_taxonomies
        , case when p.has_denied_diagnoses_unknown then null else p.has_denied_diagnoses end as has_denied_diagnoses
        , case when p.has_excluded_codes_unknown then null else p.has_excluded_codes end as has_excluded_codes
        , case when p.has_first_month_code_year_limit_unknown then null else p.has_first_month_code_year_limit end as has_first_month_code_year_limit
        , case when p.has_initiating_visit_codes_unknown then null else p.has_initiating_visit_codes end as has_initiating_visit_codes
        , case when p.has_payer_filing_limit_unknown then null else p.has_payer_filing_limit end as has_payer_filing_limit
        , case when p.has_practitioner_types_unknown then null else p.has_practitioner_types end as has_practitioner_types
        , case when p.has_psychotherapy_codes_unknown then null else p.has_psychotherapy_codes end as has_psychotherapy_codes
        , case when p.has_refused_modifiers_unknown then null else p.has_refused_modifiers end as has_refused_modifiers
        , case when p.has_refused_places_unknown then null else p.has_refused_places end as has_refused_places
        , case when p.has_required_base_unknown then null else p.has_required_base end as has_required_base
        , case when p.has_required_modifiers_unknown then null else p.has_required_modifiers end as has_required_modifiers
        , case when p.has_review_codes_unknown then null else p.has_review_codes end as has_review_codes
        , case when p.has_separate_consent_codes_unknown then null else p.has_separate_consent_codes end as has_separate_consent_codes
        , case when p.has_separate_modifiers_unknown then null else p.has_separate_modifiers end as has_separate_modifiers
        , case when p.has_unspecified_diagnoses_unknown then null else p.has_unspecified_diagnoses end as has_unspecified_diagnoses
        , case when p.has_usual_addon_units_unknown then null else p.has_usual_addon_units end as has_usual_addon_units
        , case when p.initiating_visit_is_required_unknown then null else p.initiating_visit_is_required end as initiating_visit_is_required
        , case when p.initiating_visit_lookback_days_unknown then null else p.initiating_visit_lookback_days end as initiating_visit_lookback_days
        , case when p.later_month_code_unknown then null else p.later_month_code end as later_month_code
        , case when p.later_month_minutes_full_unknown then null else p.later_month_minutes_full end as later_month_minutes_full
        , case when p.later_month_minutes_min_unknown then null else p.later_month_minutes_min end as later_month_minutes_min
        , p.limits_addons_itself as limits_addons_itself
        , case when p.ncci_applies_unknown then null else p.ncci_applies end as ncci_applies
        , case when p.paperwork_basis_unknown then null else p.paperwork_basis end as paperwork_basis
        , case when p.payer_filing_limit_days_unknown then null else p.payer_filing_limit_days end as payer_filing_limit_days
        , case when p.place_of_service_basis_unknown then null else p.place_of_service_basis end as place_of_service_basis
        , case when p.psychotherapy_side_unknown then null else p.psychotherapy_side end as psychotherapy_side
        , case when p.rendering_role_required_unknown then null else p.rendering_role_required end as rendering_role_required
        , case when p.service_date_basis_unknown then null else p.service_date_basis end as service_date_basis
        , case when p.short_month_code_unknown then null else p.short_month_code end as short_month_code
        , case when p.short_month_minutes_min_unknown then null else p.short_month_minutes_min end as short_month_minutes_min
        , case when p.supervising_provider_is_required_unknown then null else p.supervising_provider_is_required end as supervising_provider_is_required
        , case when p.usual_addon_units_unknown then null else p.usual_addon_units end as usual_addon_units
    from policy p
),
-- grain: one row a service line with a CoCM code: every fact, null where it is not known
derived as (
    select l.claim_id, l.claim_line_number, l.policy_id, l.policy_day_number, l.frequency_code = '8' as is_void,
        l.is_first_cocm_line
        , p.addon_code as addon_code
        , p.addon_minutes_full as addon_minutes_full
        , p.addon_minutes_min as addon_minutes_min
        , p.addon_unit_limit as addon_unit_limit
        , p.age_years_min as age_years_min
        , p.attestation_is_required as attestation_is_required
        , p.authorization_after_months as authorization_after_months
        , p.benefit_side as benefit_side
        , p.billing_entity_required as billing_entity_required
        , p.charge_multiple as charge_multiple
        , p.claim_format as claim_format
        , p.clinic_first_month_minutes_min as clinic_first_month_minutes_min
        , p.clinic_later_month_minutes_min as clinic_later_month_minutes_min
        , p.clinic_month_code as clinic_month_code
        , p.consent_form_required as consent_form_required
        , p.consent_is_required as consent_is_required
        , p.consultant_minutes_count as consultant_minutes_count
        , p.correction_method as correction_method
        , p.diagnosis_is_required as diagnosis_is_required
        , p.episode_gap_months as episode_gap_months
        , p.first_month_code as first_month_code
        , p.first_month_code_year_limit as first_month_code_year_limit
        , p.first_month_minutes_full as first_month_minutes_full
        , p.first_month_minutes_min as first_month_minutes_min
        , p.has_addon_unit_limit as has_addon_unit_limit
        , p.has_age_minimum as has_age_minimum
        , p.has_allowed_diagnoses as has_allowed_diagnoses
        , p.has_authorization_rule as has_authorization_rule
        , p.has_charge_multiple as has_charge_multiple
        , p.has_clinic_places as has_clinic_places
        , p.has_clinic_taxonomies as has_clinic_taxonomies
        , p.has_denied_diagnoses as has_denied_diagnoses
        , p.has_excluded_codes as has_excluded_codes
        , p.has_first_month_code_year_limit as has_first_month_code_year_limit
        , p.has_initiating_visit_codes as has_initiating_visit_codes
        , p.has_payer_filing_limit as has_payer_filing_limit
        , p.has_practitioner_types as has_practitioner_types
        , p.has_psychotherapy_codes as has_psychotherapy_codes
        , p.has_refused_modifiers as has_refused_modifiers
        , p.has_refused_places as has_refused_places
        , p.has_required_base as has_required_base
        , p.has_required_modifiers as has_required_modifiers
        , p.has_review_codes as has_review_codes
        , p.has_separate_consent_codes as has_separate_consent_codes
        , p.has_separate_modifiers as has_separate_modifiers
        , p.has_unspecified_diagnoses as has_unspecified_diagnoses
        , p.has_usual_addon_units as has_usual_addon_units
        , p.initiating_visit_is_required as initiating_visit_is_required
        , p.initiating_visit_lookback_days as initiating_visit_lookback_days
        , p.later_month_code as later_month_code
        , p.later_month_minutes_full as later_month_minutes_full
        , p.later_month_minutes_min as later_month_minutes_min
        , p.limits_addons_itself as limits_addons_itself
        , p.ncci_applies as ncci_applies
        , p.paperwork_basis as paperwork_basis
        , p.payer_filing_limit_days as payer_filing_limit_days
        , p.place_of_service_basis as place_of_service_basis
        , p.psychotherapy_side as psychotherapy_side
        , p.rendering_role_required as rendering_role_required
        , p.service_date_basis as service_date_basis
        , p.short_month_code as short_month_code
        , p.short_month_minutes_min as short_month_minutes_min
        , p.supervising_provider_is_required as supervising_provider_is_required
        , p.usual_addon_units as usual_addon_units
        , l.age_years as age_years
        , case when cl.member is not null or cx.member is not null then true when p.has_clinic_places is not null and p.has_clinic_taxonomies is not null then false end as biller_is_clinic
        , case when l.billing_npi = e.group_npi then true when e.group_npi is null or e.roster_id is null then null else coalesce(br.role, '') = 'billing_practitioner' end as billing_is_medical_group
        , bn.npi_is_valid as billing_npi_is_valid
        , case when e.roster_id is not null then coalesce(br.role, 'nobody_of_the_practice') end as billing_npi_role
        , case when l.billing_taxonomy_code = '' then 'not_given' else coalesce(bt.role, 'other') end as billing_taxonomy_role
        , case when e.month_kind = 'first' then p.clinic_first_month_minutes_min when e.month_kind = 'later' then p.clinic_later_month_minutes_min end as clinic_minutes_needed
        , e.consent_day_number as consent_day
        , e.consent_form = 'written' as consent_is_written
        , case when y.payer_id is not null then coalesce(y.filing_limit_days, 0) end as contract_filing_limit_days
        , case when e.coverage_from_day_number is null then null else e.coverage_from_day_number <= l.first_service_day_number and (e.coverage_to_day_number is null or l.first_service_day_number <= e.coverage_to_day_number) end as coverage_is_in_force
        , l.as_of_day_number - l.first_service_day_number as days_since_service
        , e.death_day_number as death_day
        , e.episode_start_day_number as episode_start_day
        , l.prior_authorization_number <> '' as has_authorization_number
        , case when p.has_allowed_diagnoses is null or p.has_denied_diagnoses is null then null else coalesce(b.behavioral_diagnoses, 0) > 0 end as has_behavioral_diagnosis
        , e.has_consent as has_consent
        , case when y.payer_id is not null then y.filing_limit_days is not null end as has_contract_filing_limit
        , l.payer_claim_control_number <> '' as has_control_number
        , e.death_day_number is not null as has_death_date
        , l.has_paperwork as has_paperwork
        , l.supervising_npi <> '' as has_supervising_provider
        , case when p.has_unspecified_diagnoses is not null then coalesce(dg.unspecified_diagnoses, 0) > 0 end as has_unspecified_diagnosis
        , case when not e.has_visit_record then false when e.visit_day_number > l.policy_day_number then false else e.episode_start_day_number - e.visit_day_number <= p.initiating_visit_lookback_days and case when e.visit_code <> '' and p.has_initiating_visit_codes then v.member is not null end end as initiating_visit_is_met
        , case when e.is_new_patient then true when e.last_seen_day_number <= e.episode_start_day_number then e.episode_start_day_number - e.last_seen_day_number > p.initiating_visit_lookback_days end as initiating_visit_is_needed
        , case when y.payer_id is not null then coalesce(y.attested_from_day_number <= l.first_service_day_number, false) end as is_attested
        , e.is_authorized as is_authorized
        , l.birth_day_number <= l.first_service_day_number as is_born
        , l.frequency_code in ('7', '8') as is_correction
        , case when e.month_kind = 'first' then true when e.month_kind = 'later' then false end as is_first_month
        , l.frequency_code = '1' as is_original
        , e.minutes_counted as minutes_counted
        , e.minutes_set_apart as minutes_set_apart
        , l.first_month_index - e.first_service_month_index as months_in_episode_before
        , case when y.payer_id is not null then l.payer_identifier <> '' and l.payer_identifier = y.behavioral_payer_identifier end as payer_is_behavioral_administrator
        , l.payer_sequence = 'P' as payer_is_primary
        , case when e.place_set_id is not null then cp.place_of_service_code is not null end as place_is_credentialed
        , pl.place_of_service_code is not null as place_is_listed
        , case when p.has_refused_places is not null then rp.member is not null end as place_is_refused
        , case when p.has_psychotherapy_codes is not null then coalesce(tl.psychotherapy_lines, 0) end as psychotherapy_lines_claim
        , rn.npi_is_valid as rendering_npi_is_valid
        , case when e.roster_id is not null then coalesce(rr.role, 'nobody_of_the_practice') end as rendering_npi_role
        , case when l.rendering_taxonomy_code = '' then 'not_given' else coalesce(rt.role, 'other') end as rendering_taxonomy_role
        , case when p.has_practitioner_types is null or coalesce(ty.types, 0) = 0 then null else ty.accepted_types > 0 end as rendering_type_is_accepted
        , l.first_service_day_number as service_day
        , case when l.begins_on_last_day then true when e.coverage_from_day_number is null then null else e.coverage_to_day_number is not null and e.coverage_to_day_number = l.first_service_day_number end as service_day_is_last
        , l.spans_months as spans_months
        , m.addon_units_month as addon_units_month
        , m.base_lines_elsewhere_month as base_lines_elsewhere_month
        , m.base_units_claim as base_units_claim
        , m.base_units_month as base_units_month
        , case when coalesce(s.own_service_lines, 0) = 0 then 0 when e.roster_id is not null then s.bhcm_service_lines end as bhcm_service_lines_month
        , case when coalesce(s.own_service_lines, 0) = 0 then 0 when e.roster_id is not null then s.consultant_service_lines end as consultant_service_lines_month
        , m.first_month_lines_month as first_month_lines_month
        , m.months_since_cocm as months_since_cocm
        , m.months_since_cocm_elsewhere as months_since_cocm_elsewhere
        , case when p.has_excluded_codes is not null then coalesce(s.apcm_addon_lines, 0) end as apcm_addon_lines_month
        , l.charge_amount_cents as charge_cents
        , coalesce(case when pl.is_facility then ct.amount_facility_cents else ct.amount_nonfacility_cents end, 0) * l.service_unit_quantity * p.charge_multiple as charge_questioned_cents
        , ct.is_ended as code_is_ended
        , m.code_units_day as code_units_day
        , case when p.has_excluded_codes is not null then coalesce(s.excluded_code_lines, 0) end as excluded_code_lines_month
        , case when p.has_excluded_codes is not null then coalesce(s.general_bhi_lines, 0) end as general_bhi_lines_month
        , case when ct.units_are_known then ct.units_max is not null end as has_ncci_unit_limit
        , case when pl.is_facility then ct.amount_facility_cents else ct.amount_nonfacility_cents end is not null as has_reference_amount
        , case when p.has_refused_modifiers is not null then coalesce(mo.refused, 0) > 0 end as has_refused_modifier
        , case when p.has_required_modifiers is not null then coalesce(mo.required, 0) > 0 end as has_required_modifier
        , case when p.has_separate_modifiers is not null then coalesce(mo.separate, 0) > 0 end as has_separate_modifier
        , case when l.is_addon_code then l.hcpcs_code = p.addon_code else false end as is_addon
        , case when l.is_parent_code then l.hcpcs_code = p.first_month_code or l.hcpcs_code = p.later_month_code else false end as is_base
        , case when l.is_parent_code then l.hcpcs_code = p.first_month_code and p.first_month_code <> p.later_month_code else false end as is_base_first
        , case when l.is_parent_code then l.hcpcs_code = p.later_month_code and p.first_month_code <> p.later_month_code else false end as is_base_later
        , case when l.is_clinic_code then l.hcpcs_code = p.clinic_month_code else false end as is_clinic_month
        , true as is_cocm
        , case when l.is_short_month_code then l.hcpcs_code = p.short_month_code else false end as is_short_month
        , case when p.addon_minutes_min = 0 then 0 else case when m.first_month_lines_month > 0 then p.first_month_minutes_full else p.later_month_minutes_full end + p.addon_minutes_min + m.addon_units_month * p.addon_minutes_full end as minutes_for_next_addon
        , case when l.hcpcs_code = p.addon_code and p.addon_minutes_min = 0 then 0 when l.hcpcs_code = p.addon_code then case when m.first_month_lines_month > 0 then p.first_month_minutes_full else p.later_month_minutes_full end + p.addon_minutes_min + (m.addon_units_month - 1) * p.addon_minutes_full when l.hcpcs_code = p.short_month_code then p.short_month_minutes_min when l.hcpcs_code = p.later_month_code then p.later_month_minutes_min when l.hcpcs_code = p.first_month_code then p.first_month_minutes_min end as minutes_needed
        , case when s.ncci_modifier_lines > 0 then s.ncci_modifier_lines when coalesce(s.ncci_doubtful_lines, 0) = 0 and coalesce(s.ncci_unseen_lines, 0) = 0 then 0 end as ncci_modifier_lines_day
        , case when s.ncci_open_lines > 0 then true when coalesce(s.ncci_doubtful_lines, 0) = 0 then false end as ncci_pair_allows_modifier
        , case when s.ncci_pair_lines > 0 then s.ncci_pair_lines when coalesce(s.ncci_doubtful_lines, 0) = 0 then 0 end as ncci_pair_lines_day
        , case when ct.units_are_known then coalesce(ct.units_max, 0) end as ncci_unit_limit
        , m.other_base_lines_month as other_base_lines_month
        , l.diagnosis_pointer_1 > 0 and coalesce(dg.diagnoses, 0) >= l.diagnosis_pointer_1 and coalesce(dg.diagnoses, 0) >= l.diagnosis_pointer_2 and coalesce(dg.diagnoses, 0) >= l.diagnosis_pointer_3 and coalesce(dg.diagnoses, 0) >= l.diagnosis_pointer_4 as pointers_are_positions
        , case when p.has_allowed_diagnoses is null or p.has_denied_diagnoses is null then null else coalesce(b.behavioral_pointers, 0) > 0 end as points_to_behavioral_diagnosis
        , l.service_from_month_index < l.month_index as range_crosses_months
        , l.service_from_day_number > l.service_day_number as range_is_reversed
        , coalesce(case when pl.is_facility then ct.amount_facility_cents else ct.amount_nonfacility_cents end, 0) * l.service_unit_quantity as reference_amount_cents
        , case when p.has_required_base is null then null else coalesce(s.required_base_lines, 0) > 0 or rb.claim_id is not null end as required_base_is_met
        , m.same_code_denials_month as same_code_denials_month
        , m.same_code_lines_claim as same_code_lines_claim
        , m.same_code_lines_year as same_code_lines_year
        , m.same_code_originals_month as same_code_originals_month
        , m.same_code_replacements_month as same_code_replacements_month
        , m.same_code_void_claims_month as same_code_void_claims_month
        , m.same_code_voids_month as same_code_voids_month
        , case when p.has_separate_consent_codes is not null then coalesce(s.separate_consent_lines, 0) end as separate_consent_lines_month
        , l.unit_basis_code as unit_basis
        , l.service_unit_quantity as units
        , l.is_whole_quantity as units_are_whole
        , case when p.has_review_codes is not null then coalesce(s.unsettled_code_lines, 0) end as unsettled_code_lines_month
    from cocm_line l
    join known_policy p on p.policy_id = l.policy_id
    join counted m on m.claim_id = l.claim_id and m.claim_line_number = l.claim_line_number
    join checked_npi bn on bn.npi = l.billing_npi
    join checked_npi rn on rn.npi = l.rendering_npi
    join code_term ct on ct.hcpcs_code = l.hcpcs_code
        and l.service_day_number >= ct.effective_from_day_number
        and l.service_day_number < ct.effective_to_day_number
    left join served s on s.claim_id = l.claim_id and s.claim_line_number = l.claim_line_number
    left join behavioral b on b.claim_id = l.claim_id and b.claim_line_number = l.claim_line_number
    left join diagnosed dg on dg.claim_id = l.claim_id
    left join modified_line mo on mo.claim_id = l.claim_id and mo.claim_line_number = l.claim_line_number
    left join therapy tl on tl.claim_id = l.claim_id
    left join recorded_base rb on rb.claim_id = l.claim_id
    left join payer y on y.payer_id = l.payer_id
    left join evidence e on e.claim_id = l.claim_id
    left join roster_member br on br.roster_id = e.roster_id and br.npi = l.billing_npi
    left join roster_member rr on rr.roster_id = e.roster_id and rr.npi = l.rendering_npi
    left join credentialed_place cp on cp.place_set_id = e.place_set_id
        and cp.place_of_service_code = l.place_of_service_code
    left join place pl on pl.place_of_service_code = l.place_of_service_code
    left join taxonomy bt on bt.taxonomy_code = l.billing_taxonomy_code
    left join taxonomy rt on rt.taxonomy_code = l.rendering_taxonomy_code
    left join taxonomy_fit ty on ty.policy_id = l.policy_id
        and ty.rendering_taxonomy_code = l.rendering_taxonomy_code
    left join policy_member v on v.policy_id = l.policy_id
        and v.rule_id = 'initiating_visit.codes' and v.member = e.visit_code
    left join policy_member rp on rp.policy_id = l.policy_id
        and rp.rule_id = 'claim.places_refused' and rp.member = l.place_of_service_code
    left join policy_member cl on cl.policy_id = l.policy_id
        and cl.rule_id = 'claim.clinic_places' and cl.member = l.place_of_service_code
    left join policy_member cx on cx.policy_id = l.policy_id
        and cx.rule_id = 'claim.clinic_taxonomies' and cx.member = l.billing_taxonomy_code
),
-- grain: one row a service line with a CoCM code: every fact, never null
line_facts as (
    select d.claim_id, d.claim_line_number, d.policy_id, d.policy_day_number, d.is_void, d.is_first_cocm_line
        , coalesce(d.addon_code, '') as addon_code, d.addon_code is null as addon_code_unknown
        , coalesce(d.addon_minutes_full, 0) as addon_minutes_full, d.addon_minutes_full is null as addon_minutes_full_unknown
        , coalesce(d.addon_minutes_min, 0) as addon_minutes_min, d.addon_minutes_min is null as addon_minutes_min_unknown
        , coalesce(d.addon_unit_limit, 0) as addon_unit_limit, d.addon_unit_limit is null as addon_unit_limit_unknown
        , coalesce(d.age_years_min, 0) as age_years_min, d.age_years_min is null as age_years_min_unknown
        , coalesce(d.attestation_is_required, false) as attestation_is_required, d.attestation_is_required is null as attestation_is_required_unknown
        , coalesce(d.authorization_after_months, 0) as authorization_after_months, d.authorization_after_months is null as authorization_after_months_unknown
        , coalesce(d.benefit_side, '') as benefit_side, d.benefit_side is null as benefit_side_unknown
        , coalesce(d.billing_entity_required, '') as billing_entity_required, d.billing_entity_required is null as billing_entity_required_unknown
        , coalesce(d.charge_multiple, 0) as charge_multiple, d.charge_multiple is null as charge_multiple_unknown
        , coalesce(d.claim_format, '') as claim_format, d.claim_format is null as claim_format_unknown
        , coalesce(d.clinic_first_month_minutes_min, 0) as clinic_first_month_minutes_min, d.clinic_first_month_minutes_min is null as clinic_first_month_minutes_min_unknown
        , coalesce(d.clinic_later_month_minutes_min, 0) as clinic_later_month_minutes_min, d.clinic_later_month_minutes_min is null as clinic_later_month_minutes_min_unknown
        , coalesce(d.clinic_month_code, '') as clinic_month_code, d.clinic_month_code is null as clinic_month_code_unknown
        , coalesce(d.consent_form_required, '') as consent_form_required, d.consent_form_required is null as consent_form_required_unknown
        , coalesce(d.consent_is_required, false) as consent_is_required, d.consent_is_required is null as consent_is_required_unknown
        , coalesce(d.consultant_minutes_count, false) as consultant_minutes_count, d.consultant_minutes_count is null as consultant_minutes_count_unknown
        , coalesce(d.correction_method, '') as correction_method, d.correction_method is null as correction_method_unknown
        , coalesce(d.diagnosis_is_required, false) as diagnosis_is_required, d.diagnosis_is_required is null as diagnosis_is_required_unknown
        , coalesce(d.episode_gap_months, 0) as episode_gap_months, d.episode_gap_months is null as episode_gap_months_unknown
        , coalesce(d.first_month_code, '') as first_month_code, d.first_month_code is null as first_month_code_unknown
        , coalesce(d.first_month_code_year_limit, 0) as first_month_code_year_limit, d.first_month_code_year_limit is null as first_month_code_year_limit_unknown
        , coalesce(d.first_month_minutes_full, 0) as first_month_minutes_full, d.first_month_minutes_full is null as first_month_minutes_full_unknown
        , coalesce(d.first_month_minutes_min, 0) as first_month_minutes_min, d.first_month_minutes_min is null as first_month_minutes_min_unknown
        , coalesce(d.has_addon_unit_limit, false) as has_addon_unit_limit, d.has_addon_unit_limit is null as has_addon_unit_limit_unknown
        , coalesce(d.has_age_minimum, false) as has_age_minimum, d.has_age_minimum is null as has_age_minimum_unknown
        , coalesce(d.has_allowed_diagnoses, false) as has_allowed_diagnoses, d.has_allowed_diagnoses is null as has_allowed_diagnoses_unknown
        , coalesce(d.has_authorization_rule, false) as has_authorization_rule, d.has_authorization_rule is null as has_authorization_rule_unknown
        , coalesce(d.has_charge_multiple, false) as has_charge_multiple, d.has_charge_multiple is null as has_charge_multiple_unknown
        , coalesce(d.has_clinic_places, false) as has_clinic_places, d.has_clinic_places is null as has_clinic_places_unknown
        , coalesce(d.has_clinic_taxonomies, false) as has_clinic_taxonomies, d.has_clinic_taxonomies is null as has_clinic_taxonomies_unknown
        , coalesce(d.has_denied_diagnoses, false) as has_denied_diagnoses, d.has_denied_diagnoses is null as has_denied_diagnoses_unknown
        , coalesce(d.has_excluded_codes, false) as has_excluded_codes, d.has_excluded_codes is null as has_excluded_codes_unknown
        , coalesce(d.has_first_month_code_year_limit, false) as has_first_month_code_year_limit, d.has_first_month_code_year_limit is null as has_first_month_code_year_limit_unknown
        , coalesce(d.has_initiating_visit_codes, false) as has_initiating_visit_codes, d.has_initiating_visit_codes is null as has_initiating_visit_codes_unknown
        , coalesce(d.has_payer_filing_limit, false) as has_payer_filing_limit, d.has_payer_filing_limit is null as has_payer_filing_limit_unknown
        , coalesce(d.has_practitioner_types, false) as has_practitioner_types, d.has_practitioner_types is null as has_practitioner_types_unknown
        , coalesce(d.has_psychotherapy_codes, false) as has_psychotherapy_codes, d.has_psychotherapy_codes is null as has_psychotherapy_codes_unknown
        , coalesce(d.has_refused_modifiers, false) as has_refused_modifiers, d.has_refused_modifiers is null as has_refused_modifiers_unknown
        , coalesce(d.has_refused_places, false) as has_refused_places, d.has_refused_places is null as has_refused_places_unknown
        , coalesce(d.has_required_base, false) as has_required_base, d.has_required_base is null as has_required_base_unknown
        , coalesce(d.has_required_modifiers, false) as has_required_modifiers, d.has_required_modifiers is null as has_required_modifiers_unknown
        , coalesce(d.has_review_codes, false) as has_review_codes, d.has_review_codes is null as has_review_codes_unknown
        , coalesce(d.has_separate_consent_codes, false) as has_separate_consent_codes, d.has_separate_consent_codes is null as has_separate_consent_codes_unknown
        , coalesce(d.has_separate_modifiers, false) as has_separate_modifiers, d.has_separate_modifiers is null as has_separate_modifiers_unknown
        , coalesce(d.has_unspecified_diagnoses, false) as has_unspecified_diagnoses, d.has_unspecified_diagnoses is null as has_unspecified_diagnoses_unknown
        , coalesce(d.has_usual_addon_units, false) as has_usual_addon_units, d.has_usual_addon_units is null as has_usual_addon_units_unknown
        , coalesce(d.initiating_visit_is_required, false) as initiating_visit_is_required, d.initiating_visit_is_required is null as initiating_visit_is_required_unknown
        , coalesce(d.initiating_visit_lookback_days, 0) as initiating_visit_lookback_days, d.initiating_visit_lookback_days is null as initiating_visit_lookback_days_unknown
        , coalesce(d.later_month_code, '') as later_month_code, d.later_month_code is null as later_month_code_unknown
        , coalesce(d.later_month_minutes_full, 0) as later_month_minutes_full, d.later_month_minutes_full is null as later_month_minutes_full_unknown
        , coalesce(d.later_month_minutes_min, 0) as later_month_minutes_min, d.later_month_minutes_min is null as later_month_minutes_min_unknown
        , d.limits_addons_itself
        , coalesce(d.ncci_applies, false) as ncci_applies, d.ncci_applies is null as ncci_applies_unknown
        , coalesce(d.paperwork_basis, '') as paperwork_basis, d.paperwork_basis is null as paperwork_basis_unknown
        , coalesce(d.payer_filing_limit_days, 0) as payer_filing_limit_days, d.payer_filing_limit_days is null as payer_filing_limit_days_unknown
        , coalesce(d.place_of_service_basis, '') as place_of_service_basis, d.place_of_service_basis is null as place_of_service_basis_unknown
        , coalesce(d.psychotherapy_side, '') as psychotherapy_side, d.psychotherapy_side is null as psychotherapy_side_unknown
        , coalesce(d.rendering_role_required, '') as rendering_role_required, d.rendering_role_required is null as rendering_role_required_unknown
        , coalesce(d.service_date_basis, '') as service_date_basis, d.service_date_basis is null as service_date_basis_unknown
        , coalesce(d.short_month_code, '') as short_month_code, d.short_month_code is null as short_month_code_unknown
        , coalesce(d.short_month_minutes_min, 0) as short_month_minutes_min, d.short_month_minutes_min is null as short_month_minutes_min_unknown
        , coalesce(d.supervising_provider_is_required, false) as supervising_provider_is_required, d.supervising_provider_is_required is null as supervising_provider_is_required_unknown
        , coalesce(d.usual_addon_units, 0) as usual_addon_units, d.usual_addon_units is null as usual_addon_units_unknown
        , d.age_years
        , coalesce(d.biller_is_clinic, false) as biller_is_clinic, d.biller_is_clinic is null as biller_is_clinic_unknown
        , coalesce(d.billing_is_medical_group, false) as billing_is_medical_group, d.billing_is_medical_group is null as billing_is_medical_group_unknown
        , d.billing_npi_is_valid
        , coalesce(d.billing_npi_role, '') as billing_npi_role, d.billing_npi_role is null as billing_npi_role_unknown
        , d.billing_taxonomy_role
        , coalesce(d.clinic_minutes_needed, 0) as clinic_minutes_needed, d.clinic_minutes_needed is null as clinic_minutes_needed_unknown
        , coalesce(d.consent_day, 0) as consent_day, d.consent_day is null as consent_day_unknown
        , coalesce(d.consent_is_written, false) as consent_is_written, d.consent_is_written is null as consent_is_written_unknown
        , coalesce(d.contract_filing_limit_days, 0) as contract_filing_limit_days, d.contract_filing_limit_days is null as contract_filing_limit_days_unknown
        , coalesce(d.coverage_is_in_force, false) as coverage_is_in_force, d.coverage_is_in_force is null as coverage_is_in_force_unknown
        , d.days_since_service
        , coalesce(d.death_day, 0) as death_day, d.death_day is null as death_day_unknown
        , coalesce(d.episode_start_day, 0) as episode_start_day, d.episode_start_day is null as episode_start_day_unknown
        , d.has_authorization_number
        , coalesce(d.has_behavioral_diagnosis, false) as has_behavioral_diagnosis, d.has_behavioral_diagnosis is null as has_behavioral_diagnosis_unknown
        , coalesce(d.has_consent, false) as has_consent, d.has_consent is null as has_consent_unknown
        , coalesce(d.has_contract_filing_limit, false) as has_contract_filing_limit, d.has_contract_filing_limit is null as has_contract_filing_limit_unknown
        , d.has_control_number
        , d.has_death_date
        , d.has_paperwork
        , d.has_supervising_provider
        , coalesce(d.has_unspecified_diagnosis, false) as has_unspecified_diagnosis, d.has_unspecified_diagnosis is null as has_unspecified_diagnosis_unknown
        , coalesce(d.initiating_visit_is_met, false) as initiating_visit_is_met, d.initiating_visit_is_met is null as initiating_visit_is_met_unknown
        , coalesce(d.initiating_visit_is_needed, false) as initiating_visit_is_needed, d.initiating_visit_is_needed is null as initiating_visit_is_needed_unknown
        , coalesce(d.is_attested, false) as is_attested, d.is_attested is null as is_attested_unknown
        , coalesce(d.is_authorized, false) as is_authorized, d.is_authorized is null as is_authorized_unknown
        , d.is_born
        , d.is_correction
        , coalesce(d.is_first_month, false) as is_first_month, d.is_first_month is null as is_first_month_unknown
        , d.is_original
        , coalesce(d.minutes_counted, 0) as minutes_counted, d.minutes_counted is null as minutes_counted_unknown
        , coalesce(d.minutes_set_apart, 0) as minutes_set_apart, d.minutes_set_apart is null as minutes_set_apart_unknown
        , coalesce(d.months_in_episode_before, 0) as months_in_episode_before, d.months_in_episode_before is null as months_in_episode_before_unknown
        , coalesce(d.payer_is_behavioral_administrator, false) as payer_is_behavioral_administrator, d.payer_is_behavioral_administrator is null as payer_is_behavioral_administrator_unknown
        , d.payer_is_primary
        , coalesce(d.place_is_credentialed, false) as place_is_credentialed, d.place_is_credentialed is null as place_is_credentialed_unknown
        , d.place_is_listed
        , coalesce(d.place_is_refused, false) as place_is_refused, d.place_is_refused is null as place_is_refused_unknown
        , coalesce(d.psychotherapy_lines_claim, 0) as psychotherapy_lines_claim, d.psychotherapy_lines_claim is null as psychotherapy_lines_claim_unknown
        , d.rendering_npi_is_valid
        , coalesce(d.rendering_npi_role, '') as rendering_npi_role, d.rendering_npi_role is null as rendering_npi_role_unknown
        , d.rendering_taxonomy_role
        , coalesce(d.rendering_type_is_accepted, false) as rendering_type_is_accepted, d.rendering_type_is_accepted is null as rendering_type_is_accepted_unknown
        , d.service_day
        , coalesce(d.service_day_is_last, false) as service_day_is_last, d.service_day_is_last is null as service_day_is_last_unknown
        , d.spans_months
        , d.addon_units_month
        , d.base_lines_elsewhere_month
        , d.base_units_claim
        , d.base_units_month
        , coalesce(d.bhcm_service_lines_month, 0) as bhcm_service_lines_month, d.bhcm_service_lines_month is null as bhcm_service_lines_month_unknown
        , coalesce(d.consultant_service_lines_month, 0) as consultant_service_lines_month, d.consultant_service_lines_month is null as consultant_service_lines_month_unknown
        , d.first_month_lines_month
        , d.months_since_cocm
        , d.months_since_cocm_elsewhere
        , coalesce(d.apcm_addon_lines_month, 0) as apcm_addon_lines_month, d.apcm_addon_lines_month is null as apcm_addon_lines_month_unknown
        , d.charge_cents
        , coalesce(d.charge_questioned_cents, 0) as charge_questioned_cents, d.charge_questioned_cents is null as charge_questioned_cents_unknown
        , d.code_is_ended
        , d.code_units_day
        , coalesce(d.excluded_code_lines_month, 0) as excluded_code_lines_month, d.excluded_code_lines_month is null as excluded_code_lines_month_unknown
        , coalesce(d.general_bhi_lines_month, 0) as general_bhi_lines_month, d.general_bhi_lines_month is null as general_bhi_lines_month_unknown
        , coalesce(d.has_ncci_unit_limit, false) as has_ncci_unit_limit, d.has_ncci_unit_limit is null as has_ncci_unit_limit_unknown
        , d.has_reference_amount
        , coalesce(d.has_refused_modifier, false) as has_refused_modifier, d.has_refused_modifier is null as has_refused_modifier_unknown
        , coalesce(d.has_required_modifier, false) as has_required_modifier, d.has_required_modifier is null as has_required_modifier_unknown
        , coalesce(d.has_separate_modifier, false) as has_separate_modifier, d.has_separate_modifier is null as has_separate_modifier_unknown
        , coalesce(d.is_addon, false) as is_addon, d.is_addon is null as is_addon_unknown
        , coalesce(d.is_base, false) as is_base, d.is_base is null as is_base_unknown
        , coalesce(d.is_base_first, false) as is_base_first, d.is_base_first is null as is_base_first_unknown
        , coalesce(d.is_base_later, false) as is_base_later, d.is_base_later is null as is_base_later_unknown
        , coalesce(d.is_clinic_month, false) as is_clinic_month, d.is_clinic_month is null as is_clinic_month_unknown
        , d.is_cocm
        , coalesce(d.is_short_month, false) as is_short_month, d.is_short_month is null as is_short_month_unknown
        , coalesce(d.minutes_for_next_addon, 0) as minutes_for_next_addon, d.minutes_for_next_addon is null as minutes_for_next_addon_unknown
        , coalesce(d.minutes_needed, 0) as minutes_needed, d.minutes_needed is null as minutes_needed_unknown
        , coalesce(d.ncci_modifier_lines_day, 0) as ncci_modifier_lines_day, d.ncci_modifier_lines_day is null as ncci_modifier_lines_day_unknown
        , coalesce(d.ncci_pair_allows_modifier, false) as ncci_pair_allows_modifier, d.ncci_pair_allows_modifier is null as ncci_pair_allows_modifier_unknown
        , coalesce(d.ncci_pair_lines_day, 0) as ncci_pair_lines_day, d.ncci_pair_lines_day is null as ncci_pair_lines_day_unknown
        , coalesce(d.ncci_unit_limit, 0) as ncci_unit_limit, d.ncci_unit_limit is null as ncci_unit_limit_unknown
        , d.other_base_lines_month
        , d.pointers_are_positions
        , coalesce(d.points_to_behavioral_diagnosis, false) as points_to_behavioral_diagnosis, d.points_to_behavioral_diagnosis is null as points_to_behavioral_diagnosis_unknown
        , d.range_crosses_months
        , d.range_is_reversed
        , d.reference_amount_cents
        , coalesce(d.required_base_is_met, false) as required_base_is_met, d.required_base_is_met is null as required_base_is_met_unknown
        , d.same_code_denials_month
        , d.same_code_lines_claim
        , d.same_code_lines_year
        , d.same_code_originals_month
        , d.same_code_replacements_month
        , d.same_code_void_claims_month
        , d.same_code_voids_month
        , coalesce(d.separate_consent_lines_month, 0) as separate_consent_lines_month, d.separate_consent_lines_month is null as separate_consent_lines_month_unknown
        , d.unit_basis
        , d.units
        , d.units_are_whole
        , coalesce(d.unsettled_code_lines_month, 0) as unsettled_code_lines_month, d.unsettled_code_lines_month is null as unsettled_code_lines_month_unknown
    from derived d
)
select * from line_facts
