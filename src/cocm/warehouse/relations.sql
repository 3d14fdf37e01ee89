-- grain: one row a code that may bear on a CoCM line
relevant_code as (
    select hcpcs_code, true as is_cocm_code from cocm_code
    union all
    select o.hcpcs_code, false as is_cocm_code
    from (
        select member as hcpcs_code from policy_member where rule_id in ($month_sets)
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
        count(*) filter (where x.rule_id = '$modifiers_refused') as refused,
        count(*) filter (where x.rule_id = '$modifiers_required') as required,
        count(*) filter (where x.rule_id = '$modifiers_separate') as separate
    from line_modifier m
    join policy_member x on x.policy_id = m.policy_id and x.member = m.modifier
        and x.rule_id in ('$modifiers_refused', '$modifiers_required', '$modifiers_separate')
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
$policy_code_sets
    from policy_member
    where rule_id in ($code_sets)
    group by policy_id, member
),
-- grain: one row a CoCM line and another line that stands in its month, with what the payer's rules and NCCI make of it
other_service as (
    select k.*,
$known_code_sets
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
$aggregate_facts
    from known_line k
    where k.is_cocm_code
    group by k.claim_id, k.claim_line_number
),
-- grain: one row a claim with a CoCM code and psychotherapy
therapy as (
    select o.claim_id, count(*) as psychotherapy_lines
    from claim_service o
    join policy_member x on x.policy_id = o.policy_id and x.rule_id = '$psychotherapy_codes'
        and x.member = o.hcpcs_code
    group by o.claim_id
),
-- grain: one row a claim with a CoCM code of which the practice's record has a base code that the payer wants
recorded_base as (
    select distinct l.claim_id
    from cocm_line l
    join recorded_code rc on rc.claim_id = l.claim_id
    join policy_member x on x.policy_id = l.policy_id and x.rule_id = '$required_base' and x.member = rc.hcpcs_code
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
    left join policy_member x on x.policy_id = d.policy_id and x.rule_id = '$unspecified_diagnoses'
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
    left join policy_member x on x.policy_id = t.policy_id and x.rule_id = '$practitioner_types'
        and x.member = y.practitioner_type
    group by t.policy_id, t.rendering_taxonomy_code
),
-- grain: one row an NPI on a claim with a CoCM code
checked_npi as (
    select n.npi, $npi_is_valid as npi_is_valid
    from (select billing_npi as npi from cocm_line union select rendering_npi from cocm_line) n
),
-- grain: one row a payer's pack and span of days; null where a rule is not known
known_policy as (
    select p.policy_id
$policy_facts
    from policy p
),
-- grain: one row a service line with a CoCM code: every fact, null where it is not known
derived as (
    select l.claim_id, l.claim_line_number, l.policy_id, l.policy_day_number, l.frequency_code = '8' as is_void,
        l.is_first_cocm_line
$line_facts
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
        and rp.rule_id = '$places_refused' and rp.member = l.place_of_service_code
    left join policy_member cl on cl.policy_id = l.policy_id
        and cl.rule_id = '$clinic_places' and cl.member = l.place_of_service_code
    left join policy_member cx on cx.policy_id = l.policy_id
        and cx.rule_id = '$clinic_taxonomies' and cx.member = l.billing_taxonomy_code
),
-- grain: one row a service line with a CoCM code: every fact, never null
line_facts as (
    select d.claim_id, d.claim_line_number, d.policy_id, d.policy_day_number, d.is_void, d.is_first_cocm_line
$stored_facts
    from derived d
)
