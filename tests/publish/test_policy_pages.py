"""The policy that a plan publishes is the policy it runs."""

from __future__ import annotations

import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from claim_samples import written
from click.testing import CliRunner
from plan_samples import AS_OF, LATER_LINE, line, plan_folder, therapy
from plan_samples import claim as sample_claim

from cocm.cli import cli
from cocm.coding.records import MonthKind
from cocm.edits.discovery import catalogue
from cocm.plan.adjudicate import Adjudicator
from cocm.plan.claim_case import ClaimCase
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.history import DecidedLine
from cocm.plan.mistakes import Mistake
from cocm.plan.records import Accumulator
from cocm.plandesk.folder import read_plan
from cocm.plandesk.member_file import decided_claim
from cocm.publish.html import as_html
from cocm.publish.page import Page, Table, as_markdown
from cocm.publish.policy import Audience, checks, minute_bands, policy_page, statements
from cocm.publish.policy_parts import NEVER, PARTS, checks_of, rules_of
from cocm.publish.policy_words import NOT_ESTABLISHED, value_in_words
from cocm.rules import PackOn, Rulebook
from cocm.rules.values import DatedValue, PlainValue, Rule
from cocm.x12 import read_837p
from cocm.x12.claim_record import ClaimRecord

PACK = "ca-commercial-carveout"
DAY = date(2026, 3, 31)
RULEBOOK = Rulebook()
RULE_IDS = RULEBOOK.rule_ids


def policy_of(rulebook: Rulebook, pack_id: str = PACK, day: date = DAY) -> PackOn:
    return rulebook.pack(pack_id).on(day)


def overlay(folder: Path, **values: str) -> Path:
    """A contract of the pack that states these values (rule ids with `__` for the dot), as YAML."""
    rules = folder / "payers" / PACK / "rules"
    rules.mkdir(parents=True)
    for name, value in values.items():
        rule_id = name.replace("__", ".")
        (rules / f"{rule_id}.yaml").write_text(
            f"id: {rule_id}\nvalues:\n  - effective_from: 2018-01-01\n    observed: 2026-11-22\n    value: {value}\n"
            f"    confidence: {'unknown' if value == 'unknown' else 'stated'}\n"
            "    source: {ref: ca-design-studio, at: the contract of this test}\n"
        )
    return folder


def another_value(rule: Rule, now: PlainValue) -> str:
    """A value that the rule may hold and does not, as YAML."""
    if rule.kind == "boolean":
        return "false" if now is True else "true"
    if rule.kind == "integer":
        return str(77 if now != 77 else 78)
    if rule.choices == {now}:
        return "unknown"
    if isinstance(now, frozenset) and rule.choices and now == rule.choices:
        return json.dumps(sorted(now)[1:])
    words = sorted(
        rule.choices - ({now} if isinstance(now, str) else now if isinstance(now, frozenset) else set())
    )
    word = words[0] if words else "X9999"
    return json.dumps([word]) if rule.kind == "set" else json.dumps(word)


@pytest.fixture(scope="module")
def all_changed(tmp_path_factory: pytest.TempPathFactory) -> PackOn:
    """The pack with every rule's value another one."""
    was = policy_of(RULEBOOK)
    values = {
        rule_id.replace(".", "__"): another_value(RULEBOOK.rule(rule_id), was.value(rule_id).value)
        for rule_id in RULE_IDS
    }
    return policy_of(Rulebook([overlay(tmp_path_factory.mktemp("contract"), **values)]))


def cells_of(page: Page, rule_id: str) -> list[str]:
    """What a page's table of rules says in the rows of a rule."""
    return [
        row[1].text
        for section in page.sections
        for block in section.blocks
        if isinstance(block, Table) and block.caption == "Rules"
        for row in block.rows
        if row[0].small == rule_id
    ]


@pytest.mark.parametrize("audience", list(Audience))
def test_a_changed_value_changes_the_page(audience: Audience, all_changed: PackOn) -> None:
    before, after = policy_page(policy_of(RULEBOOK), audience), policy_page(all_changed, audience)
    for rule_id in RULE_IDS:
        (was,), (is_now,) = cells_of(before, rule_id), cells_of(after, rule_id)
        assert was != is_now, rule_id
        assert is_now == value_in_words(all_changed.value(rule_id), all_changed.pack.rulebook)
        assert was == value_in_words(policy_of(RULEBOOK).value(rule_id), RULEBOOK)


def test_every_rule_and_every_check_stands_under_one_heading() -> None:
    assert sorted(rule_id for part in PARTS for rule_id in rules_of(part, RULE_IDS)) == list(RULE_IDS)
    edit_ids = [entry.id for entry in catalogue()]
    assert sorted(edit_id for part in PARTS for edit_id in checks_of(part, edit_ids)) == edit_ids


def decided(rulebook: Rulebook, folder: Path, *claims: Any, **tables: Any) -> list[ClaimDecisionMade]:
    """Claims of one member decided one after another, the earlier ones being history."""
    book = read_plan(plan_folder(folder, **tables), rulebook).book
    adjudicator = Adjudicator(book, rulebook, AS_OF)
    path = folder / "claims.837"
    path.write_bytes(written(claims))
    made: list[ClaimDecisionMade] = []
    with path.open("rb") as stream:
        records = [one for one in read_837p(stream) if isinstance(one, ClaimRecord)]
    for number, record in enumerate(records):
        history = tuple(_kept(one) for decision in made for one in [decision])
        case = ClaimCase(
            record,
            f"P{number}",
            AS_OF,
            tuple(line for lines in history for line in lines),
            Accumulator(),
            None,
        )
        made.append(adjudicator.decide(case))
    return made


def _kept(decision: ClaimDecisionMade) -> tuple[DecidedLine, ...]:
    return decided_claim(decision).lines


def words_on_page(rulebook: Rulebook, rule_id: str) -> str:
    found = [
        one for _, some in statements(policy_of(rulebook)) for one in some if one.value.rule_id == rule_id
    ]
    return found[0].words


@pytest.mark.parametrize(
    ("rule_id", "value", "before", "after"),
    [
        ("claim.benefit_side", "behavioral", ("medical", Answer.PAID), ("behavioral", Answer.FORWARDED)),
        ("limit.addon_units", "1", ("no limit", Answer.PAID), ("1 unit", Answer.DENIED)),
    ],
)
def test_page_and_decision_turn_together(
    rule_id: str, value: str, before: tuple[str, Answer], after: tuple[str, Answer], tmp_path: Path
) -> None:
    changed = Rulebook([overlay(tmp_path / "contract", **{rule_id.replace(".", "__"): value})])
    for rulebook, (words, answer) in ((RULEBOOK, before), (changed, after)):
        (made,) = decided(rulebook, tmp_path / str(answer), sample_claim(1))
        assert words_on_page(rulebook, rule_id) == words
        assert made.lines[-1].answer is answer


def test_the_published_clock_is_the_one_that_runs(tmp_path: Path) -> None:
    changed = Rulebook([overlay(tmp_path / "contract", clock__payment_days="45")])
    for rulebook, days in ((RULEBOOK, 30), (changed, 45)):
        (made,) = decided(rulebook, tmp_path / str(days), sample_claim(1))
        assert words_on_page(rulebook, "clock.payment_days") == f"{days} days"
        assert made.payment_due_date is not None
        assert (made.payment_due_date - made.received_date).days == days


def test_a_day_far_off_has_pages_without_examples(tmp_path: Path) -> None:
    arguments = ["plan", "policy", "--payer", "medicare", "--on", "2199-01-01", "--out", str(tmp_path)]
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    assert (tmp_path / "providers.html").exists()


def test_an_excluded_combination_is_published_and_denied(tmp_path: Path) -> None:
    changed = Rulebook([overlay(tmp_path / "contract", concurrency__excluded_codes='["90834"]')])
    for rulebook, combination, answer in (
        (RULEBOOK, "allowed combination", Answer.PAID),
        (changed, "excluded combination", Answer.DENIED),
    ):
        page = policy_page(policy_of(rulebook), Audience.PROVIDERS)
        (section,) = (one for one in page.sections if one.anchor == "same-month")
        (row,) = (
            row for block in section.blocks for row in getattr(block, "rows", ())
            if "90834" in row[0].text and len(row) == 3 and "combination" in row[1].text
        )  # fmt: skip
        assert row[1].text == combination
        made = decided(
            rulebook,
            tmp_path / str(answer),
            sample_claim(501, member_id="GHP000000001", lines=(line("90834", cents=11_000),)),
            sample_claim(1, lines=(LATER_LINE,)),
            delegations=[],
        )
        assert made[-1].lines[0].answer is answer


def test_whatever_the_adjudication_reads_stands_on_the_page(tmp_path: Path) -> None:
    rulebook = Rulebook()
    decided(
        rulebook, tmp_path, sample_claim(1), therapy(1), sample_claim(9), sample_claim(2, lines=(LATER_LINE,))
    )
    policy = policy_of(rulebook)
    read = dict(policy._values)
    shown = {one.value.rule_id: one.value for _, some in statements(policy) for one in some}
    assert len(read) > 40
    assert {rule_id: shown[rule_id] for rule_id in read} == read


def test_minutes_earn_what_the_published_table_says() -> None:
    """The known vectors of the CPT midpoint rule: 15, 16, 35, 36, 85, 86, 115, 116."""
    bands = minute_bands(policy_of(RULEBOOK, "medicare"), MonthKind.FIRST)
    assert [(one.minutes_from, one.minutes_to, one.lines) for one in bands[:5]] == [
        (0, 15, "no code"),
        (16, 35, "G2214 x 1"),
        (36, 85, "99492 x 1"),
        (86, 115, "99492 x 1 + 99494 x 1"),
        (116, 145, "99492 x 1 + 99494 x 2"),
    ]
    assert bands[-1].minutes_to is None
    later = minute_bands(policy_of(RULEBOOK, "medicare"), MonthKind.LATER)
    assert [(one.minutes_from, one.lines) for one in later[1:4]] == [
        (16, "G2214 x 1"), (31, "99493 x 1"), (76, "99493 x 1 + 99494 x 1"),
    ]  # fmt: skip


def test_what_nobody_has_established_says_so_and_never_looks_like_a_no() -> None:
    assert words_on_page(RULEBOOK, "payment.cost_share") == NOT_ESTABLISHED


def test_an_assumed_value_never_promises_a_denial() -> None:
    for pack_id in RULEBOOK.payer_ids:
        for one in checks(policy_of(RULEBOOK, pack_id)):
            if one.answer.startswith("denied"):
                values = [policy_of(RULEBOOK, pack_id).value(rule_id) for rule_id in one.edit.rests_on]
                assert all(value.may_block or not value.is_known for value in values), (pack_id, one.edit.id)


def test_reviewers_are_told_of_every_mistake_that_can_be_rehearsed() -> None:
    assert NEVER.keys() == set(Mistake)
    for pack_id in RULEBOOK.payer_ids:
        policy_page(policy_of(RULEBOOK, pack_id), Audience.REVIEWERS)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("audience", list(Audience))
def test_the_page_needs_nothing_else_and_runs_nothing(audience: Audience) -> None:
    parser = _Tags()
    html = as_html(policy_page(policy_of(RULEBOOK), audience))
    parser.feed(html)
    assert not {tag for tag, _ in parser.tags} & {"script", "link", "img", "iframe"}
    assert all("src" not in attributes for _, attributes in parser.tags)
    assert "prefers-color-scheme: dark" in html
    assert html == as_html(policy_page(policy_of(Rulebook()), audience))


def test_the_same_values_stand_in_html_markdown_and_json(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli, ["plan", "policy", "--payer", PACK, "--on", str(DAY), "--out", str(tmp_path), "--json"]
    )
    assert result.exit_code == 0, result.output
    answer = json.loads(result.output)
    assert answer["files"] == [
        "providers.html",
        "providers.md",
        "reviewers.html",
        "reviewers.md",
        "policy.json",
    ]
    rules = {one["rule_id"]: one for one in answer["rules"]}
    assert rules["time.first_month_min"]["value"] == 36
    assert rules["time.first_month_min"]["words"] == "36 minutes"
    for name in ("providers", "reviewers"):
        assert "36 minutes" in (tmp_path / f"{name}.html").read_text()
        markdown = (tmp_path / f"{name}.md").read_text()
        assert "36 minutes" in markdown
        assert "15 percent a year" in markdown
        assert "](<docs/" not in markdown
        assert "## Examples" in markdown
        assert "true duplicate" in markdown and "denied (18)" in markdown
    assert json.loads((tmp_path / "policy.json").read_text())["rules"] == answer["rules"]


def test_a_plans_own_routes_and_shares_stand_on_its_pages(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path / "plan")
    result = CliRunner().invoke(
        cli, ["plan", "policy", "--plan", str(folder), "--on", str(DAY), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 0, result.output
    page = (tmp_path / "out" / "providers.md").read_text()
    assert "Valley IPA" in page and "MBHO agreement" in page
    assert "$110.00 of $150.00 allowed" in page  # 100.00 deductible and 20 percent of the other 50.00


def test_whose_policy_it_is_must_be_said_once(tmp_path: Path) -> None:
    for arguments in ([], ["--payer", PACK, "--plan", str(plan_folder(tmp_path / "plan"))]):
        result = CliRunner().invoke(cli, ["plan", "policy", *arguments, "--out", str(tmp_path / "out")])
        assert result.exit_code == 2
        assert "say whose policy it is" in result.output
    assert not (tmp_path / "out").exists()


def test_text_from_a_contract_marks_up_nothing(tmp_path: Path) -> None:
    folder = overlay(tmp_path, claim__paperwork="with_claim")
    path = folder / "payers" / PACK / "rules" / "claim.paperwork.yaml"
    path.write_text(path.read_text().replace("the contract of this test", '"<b>|`x`"'))
    page = policy_page(policy_of(Rulebook([folder])), Audience.PROVIDERS)
    assert "<b>|" not in as_html(page) and "&lt;b&gt;|" in as_html(page)
    assert "\\<b\\>\\|\\`x\\`" in as_markdown(page)


def test_dated_values_make_the_page_of_their_date() -> None:
    values: tuple[DatedValue, ...] = RULEBOOK.rule("codes.first_month").values
    assert values
    old = policy_page(policy_of(RULEBOOK, "medicare", date(2017, 6, 30)), Audience.PROVIDERS)
    new = policy_page(policy_of(RULEBOOK, "medicare", DAY), Audience.PROVIDERS)
    assert "G0502" in as_markdown(old) and "99492" not in as_markdown(old).split("## Minutes")[0]
    assert "99492" in as_markdown(new)
