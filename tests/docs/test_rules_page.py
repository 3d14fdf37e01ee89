"""The page of all rules says what the rule files say."""

from __future__ import annotations

from pathlib import Path

from cocm.rules.document import rules_page
from cocm.rules.rulebook import shipped_rulebook

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page(shipped_rulebook()), (
        "docs/rules.md is not what the rule files say: run `make docs` and commit it with the rules"
    )


def test_every_rule_pack_and_source_is_on_the_page() -> None:
    rulebook, page = shipped_rulebook(), rules_page(shipped_rulebook())
    for rule_id in rulebook.rule_ids:
        assert f"\n### {rule_id}\n" in page
    for payer_id in rulebook.payer_ids:
        assert f"\n| `{payer_id}` |" in page
    for source in rulebook.sources.values():
        assert f"({source.url.removeprefix('docs/')})" in page
    for rule_id in rulebook.rule_ids:
        contradiction = rulebook.rule(rule_id).contradiction
        assert not contradiction or f"contradiction {contradiction}" in page
