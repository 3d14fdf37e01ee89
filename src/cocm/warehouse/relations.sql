-- grain: one row a code that may bear on a CoCM line
relevant_code as (
    select hcpcs_code from cocm_code
    union
    select member from policy_member where rule_id = 'concurrency.excluded_codes'
),
-- grain: one row a service line with such a code: the one pass over all lines, everything else is narrowed to these
relevant_line as (
    select l.* from claim_line l join relevant_code r on r.hcpcs_code = l.hcpcs_code
),
-- grain: one row a claim with a CoCM code
cocm_claim as (
    select l.claim_id, min(l.claim_line_number) as first_cocm_line_number,
        min(l.service_day_number) as first_service_day_number
    from relevant_line l join cocm_code c on c.hcpcs_code = l.hcpcs_code
    group by l.claim_id
),
-- grain: one row a service line with a CoCM code, with the payer's rules that held
cocm_line as (
    select l.*, c.is_parent_code, c.is_addon_code, c.is_short_month_code, p.policy_id,
        a.first_cocm_line_number = l.claim_line_number as is_first_cocm_line, a.first_service_day_number
    from relevant_line l
    join cocm_code c on c.hcpcs_code = l.hcpcs_code
    join cocm_claim a on a.claim_id = l.claim_id
    join policy p on p.pack_id = l.pack_id
        and l.policy_day_number >= p.effective_from_day_number
        and l.policy_day_number < p.effective_to_day_number
),
-- grain: one row a CoCM line and a line of the same claim and month, or of the person's earlier claims
related_line as (
    select c.claim_id, c.claim_line_number, c.policy_id, c.hcpcs_code as checked_code,
        0 as months_before, true as is_same_year, true as is_this_claim, false as is_other_practice,
        true as is_same_payer, false as is_replaceable,
        'this' as status, '' as frequency_code, o.hcpcs_code, o.service_unit_quantity as units
    from cocm_line c
    join relevant_line o on o.claim_id = c.claim_id and o.month_index = c.month_index
    union all
    select c.claim_id, c.claim_line_number, c.policy_id, c.hcpcs_code as checked_code,
        c.month_index - h.month_index as months_before, c.year_number = h.year_number as is_same_year,
        false as is_this_claim,
        case when h.billing_tin <> '' and c.billing_tin <> '' then h.billing_tin <> c.billing_tin
            else h.billing_npi <> '' and c.billing_npi <> '' and h.billing_npi <> c.billing_npi
        end as is_other_practice,
        c.payer_id = '' or h.payer_id = '' or h.payer_id = c.payer_id as is_same_payer,
        c.frequency_code in ('7', '8') and c.payer_claim_control_number <> ''
            and h.payer_claim_control_number in ('', c.payer_claim_control_number) as is_replaceable,
        h.status, h.frequency_code, h.hcpcs_code, h.service_unit_quantity as units
    from cocm_line c
    join history_line h on h.person_id = c.person_id
        and h.submission_order < c.submission_order
        and h.claim_id <> c.claim_id
        and (h.month_index = c.month_index or h.status in ('sent', 'accepted', 'paid'))
    join relevant_code r on r.hcpcs_code = h.hcpcs_code
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
        o.hcpcs_code = p.first_month_code as is_first_month_code,
        x.member is not null as is_excluded_code
    from owned_line o
    join policy p on p.policy_id = o.policy_id
    left join cocm_code c on c.hcpcs_code = o.hcpcs_code
    left join policy_member x on x.policy_id = o.policy_id
        and x.rule_id = 'concurrency.excluded_codes' and x.member = o.hcpcs_code
),
-- grain: one row a service line with a CoCM code: what the person's lines add up to
counted as (
    select k.claim_id, k.claim_line_number,
        count(*) filter (where k.months_before = 0 and k.stands and k.is_excluded_code
            and not k.is_same_code) as excluded_code_lines
$aggregate_facts
    from known_line k
    group by k.claim_id, k.claim_line_number
),
-- grain: one row a service line with a CoCM code and a diagnosis of its claim that the payer takes as behavioral
behavioral_diagnosis as (
    select c.claim_id, c.claim_line_number, d.diagnosis_position,
        d.diagnosis_position in (c.diagnosis_pointer_1, c.diagnosis_pointer_2, c.diagnosis_pointer_3,
            c.diagnosis_pointer_4) as is_pointed_to
    from cocm_line c
    join claim_diagnosis d on d.claim_id = c.claim_id
    join policy_member x on x.policy_id = c.policy_id
        and x.rule_id in ('diagnosis.prefixes_allowed', 'diagnosis.prefixes_denied')
        and substr(d.diagnosis_code, 1, length(x.member)) = x.member
    group by c.claim_id, c.claim_line_number, d.diagnosis_position, c.diagnosis_pointer_1, c.diagnosis_pointer_2,
        c.diagnosis_pointer_3, c.diagnosis_pointer_4
    having count(*) filter (where x.rule_id = 'diagnosis.prefixes_denied') = 0
),
-- grain: one row a service line with a CoCM code whose claim has a behavioral diagnosis
behavioral as (
    select claim_id, claim_line_number, count(*) as behavioral_diagnoses,
        count(*) filter (where is_pointed_to) as behavioral_pointers
    from behavioral_diagnosis
    group by claim_id, claim_line_number
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
    left join behavioral b on b.claim_id = l.claim_id and b.claim_line_number = l.claim_line_number
    left join payer y on y.payer_id = l.payer_id
    left join evidence e on e.claim_id = l.claim_id
    left join roster_member br on br.roster_id = e.roster_id and br.npi = l.billing_npi
    left join roster_member rr on rr.roster_id = e.roster_id and rr.npi = l.rendering_npi
    left join credentialed_place cp on cp.place_set_id = e.place_set_id
        and cp.place_of_service_code = l.place_of_service_code
    left join policy_member v on v.policy_id = l.policy_id
        and v.rule_id = 'initiating_visit.codes' and v.member = e.visit_code
),
-- grain: one row a service line with a CoCM code: every fact, never null
line_facts as (
    select d.claim_id, d.claim_line_number, d.policy_id, d.policy_day_number, d.is_void, d.is_first_cocm_line
$stored_facts
    from derived d
)
