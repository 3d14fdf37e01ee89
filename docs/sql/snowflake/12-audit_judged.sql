create or replace temporary table audit_judged as
-- grain: one row a CoCM line that was paid or denied: what its denial, its payment and its member's share come to
with -- grain: one row a payer's rules in a span of days: how grave each edit is under them
severity as (
    select policy_id,
        max(case when edit_id = 'addon.over_limit' then severity end) as addon__over_limit,
        max(case when edit_id = 'addon.without_base' then severity end) as addon__without_base,
        max(case when edit_id = 'authorization.missing' then severity end) as authorization__missing,
        max(case when edit_id = 'base.both_codes' then severity end) as base__both_codes,
        max(case when edit_id = 'base.first_code_in_later_month' then severity end) as base__first_code_in_later_month,
        max(case when edit_id = 'base.first_code_repeated_in_year' then severity end) as base__first_code_repeated_in_year,
        max(case when edit_id = 'base.other_practice' then severity end) as base__other_practice,
        max(case when edit_id = 'base.required_code_missing' then severity end) as base__required_code_missing,
        max(case when edit_id = 'base.units' then severity end) as base__units,
        max(case when edit_id = 'billing.behavioral_staff' then severity end) as billing__behavioral_staff,
        max(case when edit_id = 'billing.behavioral_taxonomy' then severity end) as billing__behavioral_taxonomy,
        max(case when edit_id = 'billing.not_medical_group' then severity end) as billing__not_medical_group,
        max(case when edit_id = 'billing.npi_check_digit' then severity end) as billing__npi_check_digit,
        max(case when edit_id = 'claim.wrong_form' then severity end) as claim__wrong_form,
        max(case when edit_id = 'code.clinic_code_of_other_biller' then severity end) as code__clinic_code_of_other_biller,
        max(case when edit_id = 'code.individual_of_clinic' then severity end) as code__individual_of_clinic,
        max(case when edit_id = 'code.not_payers' then severity end) as code__not_payers,
        max(case when edit_id = 'concurrency.apcm_addon' then severity end) as concurrency__apcm_addon,
        max(case when edit_id = 'concurrency.excluded_code' then severity end) as concurrency__excluded_code,
        max(case when edit_id = 'concurrency.general_bhi' then severity end) as concurrency__general_bhi,
        max(case when edit_id = 'consent.after_service' then severity end) as consent__after_service,
        max(case when edit_id = 'consent.missing' then severity end) as consent__missing,
        max(case when edit_id = 'correction.control_number_missing' then severity end) as correction__control_number_missing,
        max(case when edit_id = 'correction.originals_only' then severity end) as correction__originals_only,
        max(case when edit_id = 'coverage.not_in_force' then severity end) as coverage__not_in_force,
        max(case when edit_id = 'date.after_death' then severity end) as date__after_death,
        max(case when edit_id = 'date.before_birth' then severity end) as date__before_birth,
        max(case when edit_id = 'date.in_future' then severity end) as date__in_future,
        max(case when edit_id = 'date.range_across_months' then severity end) as date__range_across_months,
        max(case when edit_id = 'date.range_reversed' then severity end) as date__range_reversed,
        max(case when edit_id = 'date.several_months' then severity end) as date__several_months,
        max(case when edit_id = 'diagnosis.none_behavioral' then severity end) as diagnosis__none_behavioral,
        max(case when edit_id = 'diagnosis.pointer' then severity end) as diagnosis__pointer,
        max(case when edit_id = 'diagnosis.pointer_without_target' then severity end) as diagnosis__pointer_without_target,
        max(case when edit_id = 'duplicate.already_billed' then severity end) as duplicate__already_billed,
        max(case when edit_id = 'duplicate.repeated_line' then severity end) as duplicate__repeated_line,
        max(case when edit_id = 'enrollment.not_attested' then severity end) as enrollment__not_attested,
        max(case when edit_id = 'filing.contract_limit' then severity end) as filing__contract_limit,
        max(case when edit_id = 'filing.payer_limit' then severity end) as filing__payer_limit,
        max(case when edit_id = 'initiating_visit.missing' then severity end) as initiating_visit__missing,
        max(case when edit_id = 'minutes.below_clinic_code' then severity end) as minutes__below_clinic_code,
        max(case when edit_id = 'minutes.below_code' then severity end) as minutes__below_code,
        max(case when edit_id = 'modifier.refused' then severity end) as modifier__refused,
        max(case when edit_id = 'modifier.required_missing' then severity end) as modifier__required_missing,
        max(case when edit_id = 'ncci.pair' then severity end) as ncci__pair,
        max(case when edit_id = 'ncci.pair_needs_modifier' then severity end) as ncci__pair_needs_modifier,
        max(case when edit_id = 'ncci.units' then severity end) as ncci__units,
        max(case when edit_id = 'paperwork.missing' then severity end) as paperwork__missing,
        max(case when edit_id = 'patient.below_age' then severity end) as patient__below_age,
        max(case when edit_id = 'place.not_a_code' then severity end) as place__not_a_code,
        max(case when edit_id = 'place.not_credentialed' then severity end) as place__not_credentialed,
        max(case when edit_id = 'place.refused' then severity end) as place__refused,
        max(case when edit_id = 'rendering.npi_check_digit' then severity end) as rendering__npi_check_digit,
        max(case when edit_id = 'rendering.psychiatric_consultant' then severity end) as rendering__psychiatric_consultant,
        max(case when edit_id = 'rendering.type_not_accepted' then severity end) as rendering__type_not_accepted,
        max(case when edit_id = 'rendering.wrong_role' then severity end) as rendering__wrong_role,
        max(case when edit_id = 'supervising.missing' then severity end) as supervising__missing,
        max(case when edit_id = 'units.none' then severity end) as units__none,
        max(case when edit_id = 'units.not_whole' then severity end) as units__not_whole,
        max(case when edit_id = 'units.wrong_basis' then severity end) as units__wrong_basis
    from policy_severity
    group by policy_id
),
-- grain: one row: where the history begins
beginning as (
    select min(month_index) as first_month_index from audit_line
),
-- grain: one row a service: a person, code and month: the last claim on which it was paid
paid_service as (
    select l.person_id, l.hcpcs_code, l.month_index, max(l.submission_order) as paid_order
    from audit_line l
    join cocm_code c on c.hcpcs_code = l.hcpcs_code
    where l.status = 'paid'
    group by l.person_id, l.hcpcs_code, l.month_index
),
-- grain: one row a claim with a CoCM code: its copayments together
claim_share as (
    select l.claim_id, sum(coalesce(l.copayment_amount_cents, 0)) as claim_copayment_cents
    from audit_line l
    join cocm_code c on c.hcpcs_code = l.hcpcs_code
    group by l.claim_id
),
-- grain: one row a CoCM line: which of its claim's lines with this code it is
placed as (
    select l.claim_id, l.claim_line_number,
        row_number() over (partition by l.claim_id, l.hcpcs_code order by l.claim_line_number) as place_on_claim
    from audit_line l
    join cocm_code c on c.hcpcs_code = l.hcpcs_code
),
-- grain: one row a CoCM line that was paid or denied, with the facts that only an audit knows; null: not known
known as (
    select a.*,
        coalesce(a.paid_amount_cents, 0) as paid_cents,
        coalesce(a.deductible_amount_cents, 0) as deductible_cents,
        coalesce(a.copayment_amount_cents, 0) as copayment_cents,
        coalesce(a.coinsurance_amount_cents, 0) as coinsurance_cents,
        q.place_on_claim, h.claim_copayment_cents, r.paid_order,
        f.policy_id,
        case when f.benefit_side_unknown then null else f.benefit_side end as benefit_side,
        a.records_requested_day_number is not null as records_were_requested,
        case when a.decided_by <> '' then m.payer_identifier is not null end as decided_by_administrator,
        w.relation is not null as has_allowed_service_month,
        case when not (case when f.is_base_first_unknown then null else f.is_base_first end) then true
            when f.months_since_cocm > 0 then true
            else a.month_index - b.first_month_index >= case when f.episode_gap_months_unknown then null else f.episode_gap_months end end as first_month_can_be_told,
        case when a.product = '' then g.default_product else a.product end as product_used,
        g.pays_medicare_rates,
        coalesce(pl.is_facility, false) as is_facility
    from audit_line a
    join placed q on q.claim_id = a.claim_id and q.claim_line_number = a.claim_line_number
    join claim_share h on h.claim_id = a.claim_id
    left join paid_service r on r.person_id = a.person_id and r.hcpcs_code = a.hcpcs_code
        and r.month_index = a.month_index
    join line_facts f on f.claim_id = a.claim_id and f.claim_line_number = a.claim_line_number
    left join audit_other w on w.claim_id = a.claim_id and w.claim_line_number = a.claim_line_number
        and w.relation = 'allowed'
    left join audit_administrator m on m.payer_identifier = a.decided_by
    left join place pl on pl.place_of_service_code = a.place_of_service_code
    cross join beginning b
    cross join audit_plan g
    where a.status in ('paid', 'denied')
),
-- grain: the same: what each cause makes of it
caused as (
    select a.claim_id, a.claim_line_number, a.status, v.is_first_cocm_line,
        case when v.addon__over_limit = 'fail' then 'addon.over_limit ' else '' end || case when v.addon__without_base = 'fail' then 'addon.without_base ' else '' end || case when v.authorization__missing = 'fail' then 'authorization.missing ' else '' end || case when v.base__both_codes = 'fail' then 'base.both_codes ' else '' end || case when v.base__first_code_in_later_month = 'fail' then 'base.first_code_in_later_month ' else '' end || case when v.base__first_code_repeated_in_year = 'fail' then 'base.first_code_repeated_in_year ' else '' end || case when v.base__other_practice = 'fail' then 'base.other_practice ' else '' end || case when v.base__required_code_missing = 'fail' then 'base.required_code_missing ' else '' end || case when v.base__units = 'fail' then 'base.units ' else '' end || case when v.billing__behavioral_staff = 'fail' then 'billing.behavioral_staff ' else '' end || case when v.billing__behavioral_taxonomy = 'fail' then 'billing.behavioral_taxonomy ' else '' end || case when v.billing__not_medical_group = 'fail' then 'billing.not_medical_group ' else '' end || case when v.billing__npi_check_digit = 'fail' then 'billing.npi_check_digit ' else '' end || case when v.claim__wrong_form = 'fail' then 'claim.wrong_form ' else '' end || case when v.code__clinic_code_of_other_biller = 'fail' then 'code.clinic_code_of_other_biller ' else '' end || case when v.code__individual_of_clinic = 'fail' then 'code.individual_of_clinic ' else '' end || case when v.code__not_payers = 'fail' then 'code.not_payers ' else '' end || case when v.concurrency__apcm_addon = 'fail' then 'concurrency.apcm_addon ' else '' end || case when v.concurrency__excluded_code = 'fail' then 'concurrency.excluded_code ' else '' end || case when v.concurrency__general_bhi = 'fail' then 'concurrency.general_bhi ' else '' end || case when v.consent__after_service = 'fail' then 'consent.after_service ' else '' end || case when v.consent__missing = 'fail' then 'consent.missing ' else '' end || case when v.correction__control_number_missing = 'fail' then 'correction.control_number_missing ' else '' end || case when v.correction__originals_only = 'fail' then 'correction.originals_only ' else '' end || case when v.coverage__not_in_force = 'fail' then 'coverage.not_in_force ' else '' end || case when v.date__after_death = 'fail' then 'date.after_death ' else '' end || case when v.date__before_birth = 'fail' then 'date.before_birth ' else '' end || case when v.date__in_future = 'fail' then 'date.in_future ' else '' end || case when v.date__range_across_months = 'fail' then 'date.range_across_months ' else '' end || case when v.date__range_reversed = 'fail' then 'date.range_reversed ' else '' end || case when v.date__several_months = 'fail' then 'date.several_months ' else '' end || case when v.diagnosis__none_behavioral = 'fail' then 'diagnosis.none_behavioral ' else '' end || case when v.diagnosis__pointer = 'fail' then 'diagnosis.pointer ' else '' end || case when v.diagnosis__pointer_without_target = 'fail' then 'diagnosis.pointer_without_target ' else '' end || case when v.duplicate__already_billed = 'fail' then 'duplicate.already_billed ' else '' end || case when v.duplicate__repeated_line = 'fail' then 'duplicate.repeated_line ' else '' end || case when v.enrollment__not_attested = 'fail' then 'enrollment.not_attested ' else '' end || case when v.filing__contract_limit = 'fail' then 'filing.contract_limit ' else '' end || case when v.filing__payer_limit = 'fail' then 'filing.payer_limit ' else '' end || case when v.initiating_visit__missing = 'fail' then 'initiating_visit.missing ' else '' end || case when v.minutes__below_clinic_code = 'fail' then 'minutes.below_clinic_code ' else '' end || case when v.minutes__below_code = 'fail' then 'minutes.below_code ' else '' end || case when v.modifier__refused = 'fail' then 'modifier.refused ' else '' end || case when v.modifier__required_missing = 'fail' then 'modifier.required_missing ' else '' end || case when v.ncci__pair = 'fail' then 'ncci.pair ' else '' end || case when v.ncci__pair_needs_modifier = 'fail' then 'ncci.pair_needs_modifier ' else '' end || case when v.ncci__units = 'fail' then 'ncci.units ' else '' end || case when v.paperwork__missing = 'fail' then 'paperwork.missing ' else '' end || case when v.patient__below_age = 'fail' then 'patient.below_age ' else '' end || case when v.place__not_a_code = 'fail' then 'place.not_a_code ' else '' end || case when v.place__not_credentialed = 'fail' then 'place.not_credentialed ' else '' end || case when v.place__refused = 'fail' then 'place.refused ' else '' end || case when v.rendering__npi_check_digit = 'fail' then 'rendering.npi_check_digit ' else '' end || case when v.rendering__psychiatric_consultant = 'fail' then 'rendering.psychiatric_consultant ' else '' end || case when v.rendering__type_not_accepted = 'fail' then 'rendering.type_not_accepted ' else '' end || case when v.rendering__wrong_role = 'fail' then 'rendering.wrong_role ' else '' end || case when v.supervising__missing = 'fail' then 'supervising.missing ' else '' end || case when v.units__none = 'fail' then 'units.none ' else '' end || case when v.units__not_whole = 'fail' then 'units.not_whole ' else '' end || case when v.units__wrong_basis = 'fail' then 'units.wrong_basis ' else '' end as failed_edits
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('300', '301') or a.adjustment_reason_code_2 in ('300', '301') or a.adjustment_reason_code_3 in ('300', '301'))) or ((a.adjustment_reason_code_1 in ('109', 'B11', '242', '256') or a.adjustment_reason_code_2 in ('109', 'B11', '242', '256') or a.adjustment_reason_code_3 in ('109', 'B11', '242', '256')) and (a.remark_code_1 in ('N418', 'N104', 'N130', 'N216') or a.remark_code_2 in ('N418', 'N104', 'N130', 'N216') or a.remark_code_3 in ('N418', 'N104', 'N130', 'N216'))) or (coalesce(a.decided_by_administrator, false))) then null when not (case when f.benefit_side_unknown then null else f.benefit_side end = 'medical') then 'justified' when (case when f.benefit_side_unknown then null else f.benefit_side end = 'medical') is null then 'no_data' else 'improper' end as routing__to_administrator
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('109', 'B11') or a.adjustment_reason_code_2 in ('109', 'B11') or a.adjustment_reason_code_3 in ('109', 'B11')))) then null when not (case when f.benefit_side_unknown then null else f.benefit_side end = 'medical') then 'justified' when (case when f.benefit_side_unknown then null else f.benefit_side end = 'medical') is null or (case when f.has_behavioral_diagnosis_unknown then null else f.has_behavioral_diagnosis end) is null or not (case when f.has_behavioral_diagnosis_unknown then null else f.has_behavioral_diagnosis end) then 'no_data' else 'improper' end as routing__called_anothers
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('18', 'B13', 'B20') or a.adjustment_reason_code_2 in ('18', 'B13', 'B20') or a.adjustment_reason_code_3 in ('18', 'B13', 'B20'))) or ((a.adjustment_reason_code_1 in ('97') or a.adjustment_reason_code_2 in ('97') or a.adjustment_reason_code_3 in ('97')) and (a.remark_code_1 in ('N522', 'M86', 'N702') or a.remark_code_2 in ('N522', 'M86', 'N702') or a.remark_code_3 in ('N522', 'M86', 'N702')))) then null when v.duplicate__already_billed = 'fail' or v.duplicate__repeated_line = 'fail' or v.base__both_codes = 'fail' or v.concurrency__excluded_code = 'fail' or v.concurrency__general_bhi = 'fail' or v.concurrency__apcm_addon = 'fail' or v.base__other_practice = 'fail' then 'justified' when v.duplicate__already_billed = 'no_data' or v.duplicate__repeated_line = 'no_data' or v.base__both_codes = 'no_data' or v.concurrency__excluded_code = 'no_data' or v.concurrency__general_bhi = 'no_data' or v.concurrency__apcm_addon = 'no_data' or (a.has_allowed_service_month) is null or not (a.has_allowed_service_month) then 'no_data' else 'improper' end as denial__false_duplicate
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('97', '236', '234', '231') or a.adjustment_reason_code_2 in ('97', '236', '234', '231') or a.adjustment_reason_code_3 in ('97', '236', '234', '231')))) then null when v.base__both_codes = 'fail' or v.concurrency__excluded_code = 'fail' or v.concurrency__general_bhi = 'fail' or v.concurrency__apcm_addon = 'fail' or v.ncci__pair = 'fail' or v.ncci__pair_needs_modifier = 'fail' or v.duplicate__already_billed = 'fail' then 'justified' when v.base__both_codes = 'no_data' or v.concurrency__excluded_code = 'no_data' or v.concurrency__general_bhi = 'no_data' or v.concurrency__apcm_addon = 'no_data' or v.ncci__pair = 'no_data' or v.ncci__pair_needs_modifier = 'no_data' or v.duplicate__already_billed = 'no_data' then 'no_data' else 'improper' end as denial__bundled
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('151', '222', '119', '273') or a.adjustment_reason_code_2 in ('151', '222', '119', '273') or a.adjustment_reason_code_3 in ('151', '222', '119', '273')))) or not (c.is_addon_code) then null when v.addon__over_limit = 'fail' or v.ncci__units = 'fail' or v.duplicate__already_billed = 'fail' then 'justified' when v.addon__over_limit = 'no_data' then 'no_data' else 'improper' end as denial__units_within_limit
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('107', 'B15') or a.adjustment_reason_code_2 in ('107', 'B15') or a.adjustment_reason_code_3 in ('107', 'B15')))) or not (c.is_addon_code) then null when v.addon__without_base = 'fail' then 'justified' when v.addon__without_base = 'no_data' then 'no_data' else 'improper' end as denial__addon_has_base
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('119', '261', '151') or a.adjustment_reason_code_2 in ('119', '261', '151') or a.adjustment_reason_code_3 in ('119', '261', '151')))) or not ((c.is_parent_code or c.is_short_month_code)) then null when v.base__first_code_repeated_in_year = 'fail' or v.base__both_codes = 'fail' or v.base__units = 'fail' or v.base__first_code_in_later_month = 'fail' or v.base__first_code_after_other_practice = 'fail' or v.base__other_practice = 'fail' or v.duplicate__already_billed = 'fail' or v.duplicate__repeated_line = 'fail' or v.ncci__units = 'fail' then 'justified' when v.base__first_code_repeated_in_year = 'no_data' or v.base__both_codes = 'no_data' or v.base__units = 'no_data' or (a.first_month_can_be_told) is null or not (a.first_month_can_be_told) then 'no_data' else 'improper' end as frequency__within_rules
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('252', '226', '163', '164', '250', '251') or a.adjustment_reason_code_2 in ('252', '226', '163', '164', '250', '251') or a.adjustment_reason_code_3 in ('252', '226', '163', '164', '250', '251'))) or ((a.adjustment_reason_code_1 in ('16') or a.adjustment_reason_code_2 in ('16') or a.adjustment_reason_code_3 in ('16')) and (a.remark_code_1 in ('N706', 'M127', 'N29', 'N225', 'N26', 'N393') or a.remark_code_2 in ('N706', 'M127', 'N29', 'N225', 'N26', 'N393') or a.remark_code_3 in ('N706', 'M127', 'N29', 'N225', 'N26', 'N393')))) then null when v.paperwork__missing = 'fail' then 'justified' when v.paperwork__missing = 'no_data' or (not (a.records_were_requested)) is null or not (not (a.records_were_requested)) then 'no_data' else 'improper' end as denial__records_not_asked
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('11', '167', '146') or a.adjustment_reason_code_2 in ('11', '167', '146') or a.adjustment_reason_code_3 in ('11', '167', '146')))) then null when v.diagnosis__none_behavioral = 'fail' or v.diagnosis__pointer = 'fail' or v.diagnosis__pointer_without_target = 'fail' then 'justified' when v.diagnosis__none_behavioral = 'no_data' or v.diagnosis__pointer = 'no_data' or v.diagnosis__pointer_without_target = 'no_data' then 'no_data' else 'improper' end as denial__diagnosis_accepted
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('8', '170', '171', '172', '185', 'B7', '299') or a.adjustment_reason_code_2 in ('8', '170', '171', '172', '185', 'B7', '299') or a.adjustment_reason_code_3 in ('8', '170', '171', '172', '185', 'B7', '299')))) then null when v.billing__behavioral_taxonomy = 'fail' or v.billing__npi_check_digit = 'fail' or v.rendering__npi_check_digit = 'fail' or v.rendering__taxonomy_role = 'fail' or v.rendering__type_not_accepted = 'fail' or v.rendering__wrong_role = 'fail' or v.billing__behavioral_staff = 'fail' then 'justified' when v.billing__behavioral_taxonomy = 'no_data' or v.billing__npi_check_digit = 'no_data' or v.rendering__npi_check_digit = 'no_data' or v.rendering__taxonomy_role = 'no_data' then 'no_data' else 'improper' end as denial__provider_accepted
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('5', '58') or a.adjustment_reason_code_2 in ('5', '58') or a.adjustment_reason_code_3 in ('5', '58')))) then null when v.place__refused = 'fail' or v.place__not_a_code = 'fail' or v.place__not_credentialed = 'fail' then 'justified' when v.place__refused = 'no_data' or v.place__not_a_code = 'no_data' or v.place__not_credentialed = 'no_data' then 'no_data' else 'improper' end as denial__place_accepted
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('29') or a.adjustment_reason_code_2 in ('29') or a.adjustment_reason_code_3 in ('29')))) then null when v.filing__payer_limit = 'fail' then 'justified' when v.filing__payer_limit = 'no_data' then 'no_data' else 'improper' end as denial__filed_in_time
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('197', '198', '15') or a.adjustment_reason_code_2 in ('197', '198', '15') or a.adjustment_reason_code_3 in ('197', '198', '15')))) then null when v.authorization__missing = 'fail' then 'justified' when v.authorization__missing = 'no_data' then 'no_data' else 'improper' end as denial__authorization_not_asked
        , case when a.status <> 'denied' or not (((a.adjustment_reason_code_1 in ('96', '204', '181') or a.adjustment_reason_code_2 in ('96', '204', '181') or a.adjustment_reason_code_3 in ('96', '204', '181')))) then null when v.code__not_payers = 'fail' or v.code__clinic_code_of_other_biller = 'fail' or v.code__individual_of_clinic = 'fail' or v.patient__below_age = 'fail' then 'justified' when v.code__not_payers = 'no_data' or v.code__clinic_code_of_other_biller = 'no_data' or v.code__individual_of_clinic = 'no_data' or v.patient__below_age = 'no_data' then 'no_data' else 'improper' end as denial__covered_code
        , case when a.status <> 'paid' or not ((coalesce(a.decided_by_administrator, false))) then null when not (case when f.benefit_side_unknown then null else f.benefit_side end = 'medical') then 'justified' when (case when f.benefit_side_unknown then null else f.benefit_side end = 'medical') is null then 'no_data' else 'improper' end as routing__decided_by_administrator
        , case when a.status = 'paid' and (a.place_on_claim > 1 or coalesce(same.other_claim_id, a.claim_id) <> a.claim_id) then case when v.duplicate__already_billed = 'fail' and s.duplicate__already_billed >= 2 then 'duplicate.already_billed' when v.duplicate__repeated_line = 'fail' and s.duplicate__repeated_line >= 2 then 'duplicate.repeated_line' end end as overbilling__duplicate
        , case when a.status = 'paid' then case when v.concurrency__general_bhi = 'fail' and s.concurrency__general_bhi >= 2 then 'concurrency.general_bhi' when v.concurrency__apcm_addon = 'fail' and s.concurrency__apcm_addon >= 2 then 'concurrency.apcm_addon' when v.concurrency__excluded_code = 'fail' and s.concurrency__excluded_code >= 2 then 'concurrency.excluded_code' when v.base__both_codes = 'fail' and s.base__both_codes >= 2 then 'base.both_codes' end end as overbilling__excluded_combination
        , case when a.status = 'paid' then case when v.ncci__pair = 'fail' and s.ncci__pair >= 2 then 'ncci.pair' when v.ncci__pair_needs_modifier = 'fail' and s.ncci__pair_needs_modifier >= 2 then 'ncci.pair_needs_modifier' end end as overbilling__unbundled
        , case when a.status = 'paid' then case when v.base__first_code_in_later_month = 'fail' and s.base__first_code_in_later_month >= 2 then 'base.first_code_in_later_month' when v.base__first_code_repeated_in_year = 'fail' and s.base__first_code_repeated_in_year >= 2 then 'base.first_code_repeated_in_year' end end as overbilling__first_code_again
        , case when a.status = 'paid' then case when v.addon__without_base = 'fail' and s.addon__without_base >= 2 then 'addon.without_base' end end as overbilling__addon_without_base
        , case when a.status = 'paid' then case when v.addon__over_limit = 'fail' and s.addon__over_limit >= 2 then 'addon.over_limit' when v.ncci__units = 'fail' and s.ncci__units >= 2 then 'ncci.units' when v.base__units = 'fail' and s.base__units >= 2 then 'base.units' end end as overbilling__units_above_limit
        , case when a.status = 'paid' then case when v.base__other_practice = 'fail' and s.base__other_practice >= 2 then 'base.other_practice' end end as overbilling__other_practice
        , case when a.status = 'paid' then case when v.authorization__missing = 'fail' and s.authorization__missing >= 3 then 'authorization.missing' when v.base__required_code_missing = 'fail' and s.base__required_code_missing >= 3 then 'base.required_code_missing' when v.billing__behavioral_staff = 'fail' and s.billing__behavioral_staff >= 3 then 'billing.behavioral_staff' when v.billing__behavioral_taxonomy = 'fail' and s.billing__behavioral_taxonomy >= 3 then 'billing.behavioral_taxonomy' when v.billing__not_medical_group = 'fail' and s.billing__not_medical_group >= 3 then 'billing.not_medical_group' when v.billing__npi_check_digit = 'fail' and s.billing__npi_check_digit >= 3 then 'billing.npi_check_digit' when v.claim__wrong_form = 'fail' and s.claim__wrong_form >= 3 then 'claim.wrong_form' when v.code__clinic_code_of_other_biller = 'fail' and s.code__clinic_code_of_other_biller >= 3 then 'code.clinic_code_of_other_biller' when v.code__individual_of_clinic = 'fail' and s.code__individual_of_clinic >= 3 then 'code.individual_of_clinic' when v.code__not_payers = 'fail' and s.code__not_payers >= 3 then 'code.not_payers' when v.consent__after_service = 'fail' and s.consent__after_service >= 3 then 'consent.after_service' when v.consent__missing = 'fail' and s.consent__missing >= 3 then 'consent.missing' when v.correction__control_number_missing = 'fail' and s.correction__control_number_missing >= 3 then 'correction.control_number_missing' when v.correction__originals_only = 'fail' and s.correction__originals_only >= 3 then 'correction.originals_only' when v.coverage__not_in_force = 'fail' and s.coverage__not_in_force >= 3 then 'coverage.not_in_force' when v.date__after_death = 'fail' and s.date__after_death >= 3 then 'date.after_death' when v.date__before_birth = 'fail' and s.date__before_birth >= 3 then 'date.before_birth' when v.date__in_future = 'fail' and s.date__in_future >= 3 then 'date.in_future' when v.date__range_across_months = 'fail' and s.date__range_across_months >= 3 then 'date.range_across_months' when v.date__range_reversed = 'fail' and s.date__range_reversed >= 3 then 'date.range_reversed' when v.date__several_months = 'fail' and s.date__several_months >= 3 then 'date.several_months' when v.diagnosis__none_behavioral = 'fail' and s.diagnosis__none_behavioral >= 3 then 'diagnosis.none_behavioral' when v.diagnosis__pointer = 'fail' and s.diagnosis__pointer >= 3 then 'diagnosis.pointer' when v.diagnosis__pointer_without_target = 'fail' and s.diagnosis__pointer_without_target >= 3 then 'diagnosis.pointer_without_target' when v.enrollment__not_attested = 'fail' and s.enrollment__not_attested >= 3 then 'enrollment.not_attested' when v.filing__contract_limit = 'fail' and s.filing__contract_limit >= 3 then 'filing.contract_limit' when v.filing__payer_limit = 'fail' and s.filing__payer_limit >= 3 then 'filing.payer_limit' when v.initiating_visit__missing = 'fail' and s.initiating_visit__missing >= 3 then 'initiating_visit.missing' when v.minutes__below_clinic_code = 'fail' and s.minutes__below_clinic_code >= 3 then 'minutes.below_clinic_code' when v.minutes__below_code = 'fail' and s.minutes__below_code >= 3 then 'minutes.below_code' when v.modifier__refused = 'fail' and s.modifier__refused >= 3 then 'modifier.refused' when v.modifier__required_missing = 'fail' and s.modifier__required_missing >= 3 then 'modifier.required_missing' when v.paperwork__missing = 'fail' and s.paperwork__missing >= 3 then 'paperwork.missing' when v.patient__below_age = 'fail' and s.patient__below_age >= 3 then 'patient.below_age' when v.place__not_a_code = 'fail' and s.place__not_a_code >= 3 then 'place.not_a_code' when v.place__not_credentialed = 'fail' and s.place__not_credentialed >= 3 then 'place.not_credentialed' when v.place__refused = 'fail' and s.place__refused >= 3 then 'place.refused' when v.rendering__npi_check_digit = 'fail' and s.rendering__npi_check_digit >= 3 then 'rendering.npi_check_digit' when v.rendering__psychiatric_consultant = 'fail' and s.rendering__psychiatric_consultant >= 3 then 'rendering.psychiatric_consultant' when v.rendering__type_not_accepted = 'fail' and s.rendering__type_not_accepted >= 3 then 'rendering.type_not_accepted' when v.rendering__wrong_role = 'fail' and s.rendering__wrong_role >= 3 then 'rendering.wrong_role' when v.supervising__missing = 'fail' and s.supervising__missing >= 3 then 'supervising.missing' when v.units__none = 'fail' and s.units__none >= 3 then 'units.none' when v.units__not_whole = 'fail' and s.units__not_whole >= 3 then 'units.not_whole' when v.units__wrong_basis = 'fail' and s.units__wrong_basis >= 3 then 'units.wrong_basis' end end as overbilling__other
    from known a
    join line_facts f on f.claim_id = a.claim_id and f.claim_line_number = a.claim_line_number
    join line_verdicts v on v.claim_id = a.claim_id and v.claim_line_number = a.claim_line_number
    join cocm_code c on c.hcpcs_code = a.hcpcs_code
    left join severity s on s.policy_id = a.policy_id
    left join audit_other same on same.claim_id = a.claim_id and same.claim_line_number = a.claim_line_number
        and same.relation = 'same_code'
),
-- grain: the same: the causes together
decided as (
    select j.claim_id, j.claim_line_number, j.is_first_cocm_line, j.failed_edits,
        case when j.status <> 'denied' then null when j.routing__to_administrator = 'justified' or j.routing__called_anothers = 'justified' or j.denial__false_duplicate = 'justified' or j.denial__bundled = 'justified' or j.denial__units_within_limit = 'justified' or j.denial__addon_has_base = 'justified' or j.frequency__within_rules = 'justified' or j.denial__records_not_asked = 'justified' or j.denial__diagnosis_accepted = 'justified' or j.denial__provider_accepted = 'justified' or j.denial__place_accepted = 'justified' or j.denial__filed_in_time = 'justified' or j.denial__authorization_not_asked = 'justified' or j.denial__covered_code = 'justified' then 'justified' when j.routing__to_administrator = 'no_data' or j.routing__called_anothers = 'no_data' or j.denial__false_duplicate = 'no_data' or j.denial__bundled = 'no_data' or j.denial__units_within_limit = 'no_data' or j.denial__addon_has_base = 'no_data' or j.frequency__within_rules = 'no_data' or j.denial__records_not_asked = 'no_data' or j.denial__diagnosis_accepted = 'no_data' or j.denial__provider_accepted = 'no_data' or j.denial__place_accepted = 'no_data' or j.denial__filed_in_time = 'no_data' or j.denial__authorization_not_asked = 'no_data' or j.denial__covered_code = 'no_data' then 'no_data' when j.routing__to_administrator = 'improper' or j.routing__called_anothers = 'improper' or j.denial__false_duplicate = 'improper' or j.denial__bundled = 'improper' or j.denial__units_within_limit = 'improper' or j.denial__addon_has_base = 'improper' or j.frequency__within_rules = 'improper' or j.denial__records_not_asked = 'improper' or j.denial__diagnosis_accepted = 'improper' or j.denial__provider_accepted = 'improper' or j.denial__place_accepted = 'improper' or j.denial__filed_in_time = 'improper' or j.denial__authorization_not_asked = 'improper' or j.denial__covered_code = 'improper' then 'improper' else 'not_judged' end as denial,
        case when j.routing__to_administrator = 'improper' then 'routing.to_administrator' when j.routing__called_anothers = 'improper' then 'routing.called_anothers' when j.denial__false_duplicate = 'improper' then 'denial.false_duplicate' when j.denial__bundled = 'improper' then 'denial.bundled' when j.denial__units_within_limit = 'improper' then 'denial.units_within_limit' when j.denial__addon_has_base = 'improper' then 'denial.addon_has_base' when j.frequency__within_rules = 'improper' then 'frequency.within_rules' when j.denial__records_not_asked = 'improper' then 'denial.records_not_asked' when j.denial__diagnosis_accepted = 'improper' then 'denial.diagnosis_accepted' when j.denial__provider_accepted = 'improper' then 'denial.provider_accepted' when j.denial__place_accepted = 'improper' then 'denial.place_accepted' when j.denial__filed_in_time = 'improper' then 'denial.filed_in_time' when j.denial__authorization_not_asked = 'improper' then 'denial.authorization_not_asked' when j.denial__covered_code = 'improper' then 'denial.covered_code' end as denial_cause,
        case when j.routing__to_administrator = 'no_data' then 'routing.to_administrator' when j.routing__called_anothers = 'no_data' then 'routing.called_anothers' when j.denial__false_duplicate = 'no_data' then 'denial.false_duplicate' when j.denial__bundled = 'no_data' then 'denial.bundled' when j.denial__units_within_limit = 'no_data' then 'denial.units_within_limit' when j.denial__addon_has_base = 'no_data' then 'denial.addon_has_base' when j.frequency__within_rules = 'no_data' then 'frequency.within_rules' when j.denial__records_not_asked = 'no_data' then 'denial.records_not_asked' when j.denial__diagnosis_accepted = 'no_data' then 'denial.diagnosis_accepted' when j.denial__provider_accepted = 'no_data' then 'denial.provider_accepted' when j.denial__place_accepted = 'no_data' then 'denial.place_accepted' when j.denial__filed_in_time = 'no_data' then 'denial.filed_in_time' when j.denial__authorization_not_asked = 'no_data' then 'denial.authorization_not_asked' when j.denial__covered_code = 'no_data' then 'denial.covered_code' end as doubtful_cause,
        case when j.routing__decided_by_administrator = 'improper' then 'routing.decided_by_administrator' end as signal_cause,
        case when j.status = 'paid' then case when j.overbilling__duplicate is not null then 'overbilling.duplicate' when j.overbilling__excluded_combination is not null then 'overbilling.excluded_combination' when j.overbilling__unbundled is not null then 'overbilling.unbundled' when j.overbilling__first_code_again is not null then 'overbilling.first_code_again' when j.overbilling__addon_without_base is not null then 'overbilling.addon_without_base' when j.overbilling__units_above_limit is not null then 'overbilling.units_above_limit' when j.overbilling__other_practice is not null then 'overbilling.other_practice' when j.overbilling__other is not null then 'overbilling.other' end end as overbilling_cause,
        coalesce(j.overbilling__duplicate, j.overbilling__excluded_combination, j.overbilling__unbundled, j.overbilling__first_code_again, j.overbilling__addon_without_base, j.overbilling__units_above_limit, j.overbilling__other_practice, j.overbilling__other) as overbilling_edit
    from caused j
),
-- grain: the same: how often the service has had such an answer
attempted as (
    select a.claim_id, a.claim_line_number,
        row_number() over (
            partition by a.person_id, a.hcpcs_code, a.month_index, j.denial
            order by a.submission_order, a.claim_line_number
        ) as attempt_number
    from known a
    join decided j on j.claim_id = a.claim_id and j.claim_line_number = a.claim_line_number
),
-- grain: the same: the benefit of the side on which the payer's rule puts the service, and the other side's
shared as (
    select a.claim_id, a.claim_line_number,
        n.product as benefit_product, n.is_waived, n.deductible_cents as benefit_deductible_cents,
        n.copayment_cents as benefit_copayment_cents, n.coinsurance_percent,
        cast(floor(((a.allowed_amount_cents - a.deductible_cents - a.copayment_cents) * n.coinsurance_percent + 50)
            / 100.0) as bigint) as benefit_coinsurance_cents,
        o.product is not null and not o.is_waived
            and (o.copayment_cents <> n.copayment_cents or o.coinsurance_percent <> n.coinsurance_percent)
            and a.claim_copayment_cents = o.copayment_cents
            and a.coinsurance_cents - cast(floor(((a.allowed_amount_cents - a.deductible_cents - a.copayment_cents)
                * o.coinsurance_percent + 50) / 100.0) as bigint) between -1 and 1 as is_other_side
    from known a
    left join audit_benefit n on n.product = a.product_used and n.side = a.benefit_side
        and a.service_day_number >= n.effective_from_day_number and a.service_day_number < n.effective_to_day_number
    left join audit_benefit o on o.product = a.product_used and o.side <> a.benefit_side
        and a.service_day_number >= o.effective_from_day_number and a.service_day_number < o.effective_to_day_number
),
-- grain: the same: how much more than the benefit the member was charged
charged as (
    select a.claim_id, a.claim_line_number, s.is_waived, s.is_other_side,
        s.benefit_deductible_cents, s.benefit_copayment_cents, s.coinsurance_percent,
        case
            when a.status <> 'paid' then null
            when not (true) or s.benefit_product is null or a.allowed_amount_cents is null then 'no_data'
            else 'known' end as share,
        case when s.is_waived then a.deductible_cents + a.copayment_cents + a.coinsurance_cents
            else case when s.benefit_deductible_cents = 0 then a.deductible_cents else 0 end
                + case when d.is_first_cocm_line and a.claim_copayment_cents > s.benefit_copayment_cents
                    then a.claim_copayment_cents - s.benefit_copayment_cents else 0 end
                + case when a.coinsurance_cents > s.benefit_coinsurance_cents + 1
                    then a.coinsurance_cents - s.benefit_coinsurance_cents else 0 end
            end as share_excess_cents
    from known a
    join shared s on s.claim_id = a.claim_id and s.claim_line_number = a.claim_line_number
    join decided d on d.claim_id = a.claim_id and d.claim_line_number = a.claim_line_number
),
-- grain: the same: what the plan would allow for it
rated as (
    select a.claim_id, a.claim_line_number,
        coalesce(e.amount_cents, case when a.pays_medicare_rates then
            case when a.is_facility then t.amount_facility_cents else t.amount_nonfacility_cents end end)
            * a.service_unit_quantity as rate_cents,
        e.amount_cents is not null as is_fee
    from known a
    left join audit_fee e on e.hcpcs_code = a.hcpcs_code and e.is_facility = a.is_facility
        and a.service_day_number >= e.effective_from_day_number and a.service_day_number < e.effective_to_day_number
    left join code_term t on t.hcpcs_code = a.hcpcs_code
        and a.service_day_number >= t.effective_from_day_number and a.service_day_number < t.effective_to_day_number
)
select
    a.claim_id, a.claim_line_number, a.person_id, a.policy_id, a.pack_id, a.product_used, a.hcpcs_code,
    a.service_date_ymd, a.decided_day_number, a.submission_order, a.billing_npi, a.billing_tin, a.status,
    trim(a.adjustment_reason_code_1 || ' ' || a.adjustment_reason_code_2 || ' ' || a.adjustment_reason_code_3)
        as reason_codes,
    trim(a.remark_code_1 || ' ' || a.remark_code_2 || ' ' || a.remark_code_3) as remark_codes,
    a.charge_amount_cents, a.paid_cents, a.allowed_amount_cents,
    a.deductible_cents, a.copayment_cents, a.coinsurance_cents,
    a.has_allowed_service_month, a.records_were_requested, a.first_month_can_be_told,
    j.denial, j.denial_cause, j.doubtful_cause, j.signal_cause, j.overbilling_cause, j.overbilling_edit,
    trim(j.failed_edits) as failed_edits,
    case when j.overbilling_edit = 'addon.over_limit' and a.service_unit_quantity > 0 then cast(floor(a.paid_cents * (case when (f.addon_units_month - f.addon_unit_limit) < a.service_unit_quantity then (f.addon_units_month - f.addon_unit_limit) else a.service_unit_quantity end) / (a.service_unit_quantity * 1.0)) as bigint) when j.overbilling_edit = 'ncci.units' and a.service_unit_quantity > 0 then cast(floor(a.paid_cents * (case when (f.code_units_day - f.ncci_unit_limit) < a.service_unit_quantity then (f.code_units_day - f.ncci_unit_limit) else a.service_unit_quantity end) / (a.service_unit_quantity * 1.0)) as bigint) when j.overbilling_edit = 'base.units' and a.service_unit_quantity > 0 then cast(floor(a.paid_cents * (case when (f.units - 1) < a.service_unit_quantity then (f.units - 1) else a.service_unit_quantity end) / (a.service_unit_quantity * 1.0)) as bigint) else a.paid_cents end as overbilling_cents,
    case when h.share = 'known' then case when h.share_excess_cents > 0 then 'wrong' else 'right' end
        else h.share end as share,
    case when h.share = 'known' and h.share_excess_cents > 0 then
        case when h.is_waived then 'cost_share.waived' when h.is_other_side then 'cost_share.behavioral_benefit' else 'cost_share.above_benefit' end end as share_cause,
    h.share_excess_cents, h.benefit_deductible_cents, h.benefit_copayment_cents, h.coinsurance_percent,
    case when a.adjustment_group_code_1 = 'PR' then coalesce(a.adjustment_amount_1_cents, 0) else 0 end
        + case when a.adjustment_group_code_2 = 'PR' then coalesce(a.adjustment_amount_2_cents, 0) else 0 end
        + case when a.adjustment_group_code_3 = 'PR' then coalesce(a.adjustment_amount_3_cents, 0) else 0 end
        as patient_adjustment_cents,
    case when r.rate_cents is null then a.charge_amount_cents
        when a.charge_amount_cents > 0 and a.charge_amount_cents < r.rate_cents then a.charge_amount_cents
        else r.rate_cents end as denied_cents,
    case when r.rate_cents is null then case when a.charge_amount_cents > 0 then 'charge' else 'unknown' end
        when r.is_fee then 'fee table' else 'medicare national' end as denied_basis,
    coalesce(a.paid_order > a.submission_order, false) as is_paid_later,
    t.attempt_number
from known a
join decided j on j.claim_id = a.claim_id and j.claim_line_number = a.claim_line_number
join attempted t on t.claim_id = a.claim_id and t.claim_line_number = a.claim_line_number
join charged h on h.claim_id = a.claim_id and h.claim_line_number = a.claim_line_number
join rated r on r.claim_id = a.claim_id and r.claim_line_number = a.claim_line_number
join line_facts f on f.claim_id = a.claim_id and f.claim_line_number = a.claim_line_number
