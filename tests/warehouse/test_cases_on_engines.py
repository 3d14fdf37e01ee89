"""Every case of every edit comes out on each engine as it does in Python."""

import pytest
from edit_samples import policy

from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue
from cocm.edits.edit import Grain, Verdict
from cocm.warehouse.compile import findings_sql, verdicts_sql
from cocm.warehouse.policy_rows import policy_id_of
from cocm.warehouse.tables import LINE_FACTS, POLICY_SEVERITY
from cocm.warehouse.values import stored_facts

pytestmark = pytest.mark.once

CLEAN = {name: fact.clean for name, fact in FACTS.items()}


def test_every_case_of_every_edit(engine):
    day, rules = 9586, policy()
    cases = [(edit, case) for edit in catalogue() for case in edit.cases]
    facts = [
        (
            str(number),
            1,
            policy_id_of(rules),
            day,
            False,
            True,
            *stored_facts(FACTS.values(), {**CLEAN, **case.facts}),
        )
        for number, (_, case) in enumerate(cases)
    ]
    severities = [(policy_id_of(rules), edit.id, int(edit.severity_for(rules))) for edit in catalogue()]
    engine.load((LINE_FACTS, POLICY_SEVERITY), {"line_facts": facts, "policy_severity": severities})
    engine.connection.execute(f"create table line_verdicts as {verdicts_sql()}")

    found = {(row["claim_id"], row["edit_id"]): row for row in engine.rows(findings_sql(tuple(Verdict)))}

    for number, (edit, case) in enumerate(cases):
        row = found[str(number), edit.id]
        assert row["verdict"] == case.verdict.value, f"{edit.id}: {case.name}"
        assert row["claim_line_number"] == (1 if edit.edit.grain is Grain.LINE else None)
