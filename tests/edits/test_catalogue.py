"""Every edit has its head, cases that trip and pass, and each case comes out as it says."""

from pathlib import Path

import pytest
from edit_samples import SHIPPED

from cocm.edits import catalogue as catalogue_package
from cocm.edits.check import verdict_of
from cocm.edits.derive import FACTS
from cocm.edits.discovery import catalogue, catalogue_hash, find_edit
from cocm.edits.edit import Verdict
from cocm.edits.fact import Kind
from cocm.edits.kleene import UNKNOWN

EDITS = catalogue()
CASES = [pytest.param(edit, case, id=f"{edit.id}: {case.name}") for edit in EDITS for case in edit.cases]
CLEAN = {name: fact.clean for name, fact in FACTS.items()}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.id)
def test_an_edit_stands_in_the_file_of_its_name(edit):
    folder = Path(catalogue_package.__file__).parent
    assert (folder / f"{edit.id.replace('.', '_')}.py").is_file()
    assert edit.doc and edit.edit.title and edit.edit.fix.endswith(".")


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.id)
def test_an_edit_has_cases_that_trip_and_cases_that_pass(edit):
    verdicts = {case.verdict for case in edit.cases}
    assert {Verdict.FAIL, Verdict.PASS} <= verdicts
    if any(FACTS[name].may_be_unknown for name in edit.facts):
        assert Verdict.NO_DATA in verdicts, "what is not known must come out as no data"
    assert len({case.name for case in edit.cases}) == len(edit.cases)


@pytest.mark.parametrize(("edit", "case"), CASES)
def test_cases_come_out_as_they_say(edit, case):
    assert set(case.facts) <= set(FACTS)
    assert verdict_of(edit, {**CLEAN, **case.facts}) is case.verdict


@pytest.mark.parametrize(("edit", "case"), CASES)
def test_cases_use_facts_as_declared(edit, case):
    types = {Kind.BOOLEAN: bool, Kind.TEXT: str}
    for name, value in case.facts.items():
        fact = FACTS[name]
        if value is UNKNOWN:
            assert fact.may_be_unknown, name
        else:
            assert type(value) is types.get(fact.kind, int), name


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.id)
def test_a_clean_line_trips_nothing(edit):
    assert verdict_of(edit, CLEAN) in (Verdict.PASS, Verdict.NOT_APPLICABLE)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.id)
def test_an_edit_names_rules_that_exist_or_its_own_source(edit):
    assert set(edit.rests_on) <= set(SHIPPED.rule_ids)
    assert edit.edit.rules or edit.edit.cites


def test_the_catalogue_is_sorted_and_hashed():
    ids = [edit.id for edit in EDITS]
    assert ids == sorted(ids) and len(set(ids)) == len(ids)
    assert len(catalogue_hash()) == 64
    assert find_edit(ids[0]) is EDITS[0] and find_edit("no.such") is None


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_a_fact_says_what_it_is(fact):
    assert fact.meaning and fact.says and fact.sql
    assert (fact.denies != "") == (fact.kind is Kind.BOOLEAN)
    types = {Kind.BOOLEAN: bool, Kind.TEXT: str}
    assert type(fact.clean) is types.get(fact.kind, int)
